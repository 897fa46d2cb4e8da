"""Evaluation of the checks: labelled rows, what is said of each, and figures that can be worked out by hand."""

import json
from pathlib import Path
from typing import Any

import pytest

from models.checks.report import KINDS, Flag, Kind, Report
from models.evaluation.checks import Label, Labelled, read_labelled, report_on, score_checks

GOOD: dict[str, Any] = {
    "id": 1,
    "text": "وصل وزير الزراعة إلى مدينة سبها. وقتل 34 جنديا في انفجار قرب المطار.",
    "brief": "Thirty-four soldiers were killed in an explosion near the airport.",
    "label": "faithful",
}
SOURCE = "وقتل 34 جنديا في انفجار قرب المطار."


def write(folder: Path, *rows: object) -> Path:
    (folder / "rows.jsonl").write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    return folder / "rows.jsonl"


def row(label: Label) -> Labelled:
    return Labelled("1", "x", "x", None, label)


def report(*kinds: Kind) -> Report:
    return Report(tuple(Flag(kind, "", 0, 0, 1) for kind in kinds), KINDS, ())


def test_rows_are_read_with_or_without_the_source_of_the_brief(tmp_path: Path) -> None:
    found = read_labelled(write(tmp_path, GOOD, GOOD | {"brief_source": SOURCE, "kind": "faithful:gold"}))
    assert [labelled.source for labelled in found] == [None, SOURCE]
    assert found[0] == Labelled("1", GOOD["text"], GOOD["brief"], None, "faithful")


@pytest.mark.parametrize("change", [{"label": "wrong"}, {"text": " "}, {"brief": 3}, {"brief_source": ""}])
def test_the_malformed_line_is_named(tmp_path: Path, change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r'rows\.jsonl:2: expected {"id", "text"'):
        read_labelled(write(tmp_path, GOOD, GOOD | change))


@pytest.mark.parametrize(
    "source", [None, SOURCE, f"{SOURCE} ثم هدأ الوضع."]
)  # the last has more sentences than the brief
def test_a_changed_number_is_flagged_and_a_true_brief_is_not(source: str | None) -> None:
    true = Labelled("1", GOOD["text"], GOOD["brief"], source, "faithful")
    assert report_on(true, "en").flags == ()
    false = Labelled("1", GOOD["text"], GOOD["brief"].replace("four", "three"), source, "number")
    assert "number" in {flag.kind for flag in report_on(false, "en").flags}


def test_the_figures() -> None:
    rows = [row("faithful"), row("faithful"), row("number"), row("number"), row("foreign")]
    reports = [report(), report("name"), report("number", "name"), report("name"), report("language")]
    figures = {
        name: {figure: score.value for figure, score in scores.items()}
        for name, scores in score_checks(rows, reports).items()
    }
    assert figures == {
        "faithful (2)": {"flagged": 50.0, "named": 0.0},
        "number (2)": {"flagged": 100.0, "named": 50.0},
        "foreign (1)": {"flagged": 100.0, "named": 100.0},
    }


def test_reports_belong_to_rows() -> None:
    with pytest.raises(ValueError, match="argument 2 is shorter"):
        score_checks([row("name")], [])
