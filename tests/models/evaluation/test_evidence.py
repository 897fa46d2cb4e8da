"""Evaluation of evidence: labelled rows, and figures that can be worked out by hand."""

import json
from pathlib import Path
from typing import Any

import pytest

from models.evaluation.evidence import Row, predict, read_rows, score

SOURCE = ["وصل وزير الزراعة إلى مدينة سبها.", "وقتل أربعة جنود في انفجار قرب المطار."]
GOOD: dict[str, Any] = {
    "id": 1,
    "sentences": SOURCE,
    "brief": "Four soldiers were killed in an explosion.",
    "evidence": [1],
}


def write(folder: Path, *rows: object) -> Path:
    (folder / "rows.jsonl").write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    return folder / "rows.jsonl"


def row(*evidence: int) -> Row:
    return Row("1", tuple(SOURCE), "x", frozenset(evidence), "en", "ar")


def test_languages_are_detected_unless_they_are_named(tmp_path: Path) -> None:
    found = read_rows(write(tmp_path, GOOD, GOOD | {"language": "fr", "source_language": "fa"}))
    assert [(r.language, r.source_language) for r in found] == [("en", "ar"), ("fr", "fa")]
    assert found[0] == Row("1", tuple(SOURCE), GOOD["brief"], frozenset({1}), "en", "ar")


@pytest.mark.parametrize(
    "change",
    [
        {"evidence": []},
        {"evidence": [2]},
        {"evidence": [-1]},
        {"evidence": [True]},
        {"evidence": "1"},
        {"sentences": []},
        {"brief": " "},
        {"brief": "123"},
        {"language": 3},
    ],
)
def test_the_malformed_line_is_named(tmp_path: Path, change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r'rows\.jsonl:2: expected {"id", "sentences"'):
        read_rows(write(tmp_path, GOOD, GOOD | change))


def test_links_are_those_of_the_linker(tmp_path: Path) -> None:
    assert predict(read_rows(write(tmp_path, GOOD))) == [[1]]


def test_the_figures() -> None:
    rows = [row(0), row(0, 1), row(1), row(1)]
    figures = {name: value.value for name, value in score(rows, [[0], [1], [0, 1], []]).items()}
    assert figures == pytest.approx({"accuracy": 0.5, "recall": 0.6, "precision": 0.75, "unlinked": 0.25})


def test_without_a_link_nothing_is_right() -> None:
    figures = {name: value.value for name, value in score([row(0)], [[]]).items()}
    assert figures == {"accuracy": 0.0, "recall": 0.0, "precision": 0.0, "unlinked": 1.0}


def test_figures_stand_within_their_intervals() -> None:
    for value in score([row(0), row(1)] * 8, [[0], [0]] * 8).values():
        assert 0 <= value.low <= value.value <= value.high <= 1
