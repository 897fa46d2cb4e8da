"""The checks held against labelled briefs: which corrupted ones they flag, and which faithful ones they flag in error.

A line: `{"id", "text", "brief", "brief_source"?, "label"}`; the label is `faithful` or what was corrupted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from models.checks.article import Article, Line
from models.checks.inspect import inspect
from models.checks.report import Kind, Report
from models.evaluation import jsonl
from models.evaluation.figures import Score, mean
from models.text.detect import detect
from models.text.segment import split

Label = Literal["faithful", "number", "name", "negation", "attribution", "repetition", "foreign", "unsupported"]
LABELS: tuple[Label, ...] = get_args(Label)
# What names a corruption rightly: a foreign sentence is one that nothing supports, and a remainder of another language.
_NAMING: dict[Label, set[Kind]] = {"foreign": {"foreign", "language"}, "unsupported": {"unsupported", "foreign"}}


@dataclass(frozen=True, slots=True)
class Labelled:
    """A brief, its article, and what is known about it."""

    id: str
    text: str
    brief: str
    source: str | None
    label: Label


def read_labelled(path: Path) -> list[Labelled]:
    """The rows of a JSONL file. Raises ValueError naming the line that is malformed."""

    def make(row: dict[str, Any]) -> Labelled:
        if row["label"] not in LABELS:
            raise ValueError
        source = row.get("brief_source")
        texts = (jsonl.text(row["text"]), jsonl.text(row["brief"]), None if source is None else jsonl.text(source))
        return Labelled(str(row["id"]), *texts, row["label"])

    return jsonl.read(path, make, f'{{"id", "text", "brief", "brief_source"?, "label": {"|".join(LABELS)}}}')


def report_on(row: Labelled, target: str) -> Report:
    """What the checks say of one brief."""
    return inspect(*prepared(row, target), target).report


def prepared(row: Labelled, target: str) -> tuple[list[Line], Article]:
    """A brief and its article as the checks take them.

    Its source stands beside the brief sentence by sentence where both have as many.
    """
    language = detect(row.text).code
    article = Article([part.strip() for part in split(row.text, language)], language)
    said = [part.strip() for part in split(row.brief, target)]
    if row.source is None:
        lines = [Line(text) for text in said]
    else:
        sources = [part.strip() for part in split(row.source, language)]
        pairs = zip(said, sources, strict=True) if len(said) == len(sources) else [(row.brief, row.source)]
        lines = [Line(text, source) for text, source in pairs]
    return lines, article


def score_checks(rows: Sequence[Labelled], reports: Sequence[Report]) -> dict[str, dict[str, Score]]:
    """For each label that the rows have, the share flagged at all, and by a check that names what is wrong, in percent.

    On faithful briefs both are false alarms: `flagged` should be low, and `named` is not asked.
    """
    scores: dict[str, dict[str, Score]] = {}
    for label in LABELS:
        found = [report for row, report in zip(rows, reports, strict=True) if row.label == label]
        if found:
            kinds = _NAMING.get(label, {label})
            named = [100.0 * any(flag.kind in kinds for flag in report.flags) for report in found]
            flagged = [100.0 * bool(report.flags) for report in found]
            scores[f"{label} ({len(found)})"] = {"flagged": mean(flagged), "named": mean(named)}
    return scores
