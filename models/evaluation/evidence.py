"""Links from a brief to its source against labels: is the best link right, what is missed, what is linked wrongly.

A file has one JSON object a line: `{"id", "sentences": […], "brief", "evidence": [indexes]}`, where `evidence` are the sentences
that the brief rests on, counted from 0; `language` (of the brief) and `source_language` (of the sentences) where they should not
be detected.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.errors import LanguageUnknown
from models.evaluation import jsonl
from models.evaluation.figures import Score, bootstrap, mean
from models.evidence import link
from models.text.detect import detect


@dataclass(frozen=True, slots=True)
class Row:
    """One sentence of a brief, the sentences of its source, and the indexes of those it rests on."""

    id: str
    sentences: tuple[str, ...]
    brief: str
    evidence: frozenset[int]
    language: str
    source_language: str


def read_rows(path: Path) -> list[Row]:
    """The rows of a JSONL file. Raises ValueError naming the line that is malformed or whose language cannot be told."""
    return jsonl.read(
        path, _row, '{"id", "sentences": […], "brief", "evidence": [indexes]} in languages that can be told'
    )


def predict(rows: Sequence[Row]) -> list[list[int]]:
    """The indexes that each row's brief is linked to, best first."""
    return [
        [found.index for found in link([row.brief], row.language, row.sentences, row.source_language)[0]]
        for row in rows
    ]


def score(rows: Sequence[Row], predicted: Sequence[Sequence[int]]) -> dict[str, Score]:
    """Four shares, 0 to 1: briefs whose first link is right (none is wrong), labelled sentences that are linked, links that are
    labelled, and briefs without a link."""
    right = [len(row.evidence & set(links)) for row, links in zip(rows, predicted, strict=True)]
    labelled, linked = [len(row.evidence) for row in rows], [len(links) for links in predicted]

    def share(parts: Sequence[int], wholes: Sequence[int]) -> Score:
        def of(indexes: Sequence[int]) -> float:
            return sum(parts[i] for i in indexes) / max(1, sum(wholes[i] for i in indexes))

        return bootstrap(of, len(rows))

    return {
        "accuracy": mean(
            [bool(links) and links[0] in row.evidence for row, links in zip(rows, predicted, strict=True)]
        ),
        "recall": share(right, labelled),
        "precision": share(right, linked),
        "unlinked": mean([not links for links in predicted]),
    }


def _row(row: dict[str, Any]) -> Row:
    sentences, brief = jsonl.texts(row["sentences"]), jsonl.text(row["brief"])
    return Row(
        str(row["id"]),
        sentences,
        brief,
        _indexes(row["evidence"], len(sentences)),
        _language(row.get("language"), brief),
        _language(row.get("source_language"), " ".join(sentences)),
    )


def _indexes(value: object, count: int) -> frozenset[int]:
    """At least one index of a sentence. Raises TypeError."""
    if (
        not isinstance(value, list)
        or not value
        or not all(type(index) is int and 0 <= index < count for index in value)
    ):
        raise TypeError
    return frozenset(value)


def _language(given: object, text: str) -> str:
    if given is not None:
        return jsonl.text(given)
    try:
        return detect(text).code
    except LanguageUnknown as error:
        raise ValueError(str(error)) from error
