"""Answers as something to read: plain text for the terminal, Markdown for documents."""

import textwrap
from collections.abc import Sequence

from service.schemas.briefs import Brief, Coverage, DroppedLine, FailedItem, Provenance
from service.schemas.texts import SummaryAnswer, TranslationAnswer

Answer = Brief | SummaryAnswer | TranslationAnswer
_WIDTH = 100


def text(answer: Answer) -> str:
    """For the terminal: heading, the answer itself indented, then how it came about."""
    if isinstance(answer, TranslationAnswer):
        return _lines(f"== {answer.id}", "", answer.translation, "", _notice(answer.provenance))
    if isinstance(answer, SummaryAnswer):
        body = _wrapped(_marked(answer))
        return _lines(f"== {answer.id}", "", body, "", _made(answer), _notice(answer.provenance))
    heading = f"== {answer.title.translation}" if answer.title else f"== {answer.id}"
    origin = [answer.title.source, str(answer.id or "")] if answer.title else []
    full = ["", "  Full translation:", *_paragraphs(answer)] if answer.translation else []
    return _lines(heading, *origin, "", _wrapped(_marked(answer)), *full, "", _made(answer), _notice(answer.provenance))


def markdown(answer: Answer) -> str:
    """For documents: a section for each article."""
    if isinstance(answer, TranslationAnswer):
        return _lines(f"## {answer.id}", "", answer.translation, "", _italic(_notice(answer.provenance)))
    if isinstance(answer, SummaryAnswer):
        made = _italic(f"{_made(answer).strip()} {_notice(answer.provenance).strip()}")
        return _lines(f"## {answer.id}", "", _marked(answer), "", made)
    heading = answer.title.translation if answer.title else answer.id
    origin = ["", f"{answer.title.source} ({answer.id})"] if answer.title else []
    full = ["", "### Full translation", "", answer.translation.text] if answer.translation else []
    made = _italic(f"{_made(answer).strip()} {_notice(answer.provenance).strip()}")
    return _lines(f"## {heading}", *origin, "", _marked(answer), *full, "", made)


def failure(item: FailedItem) -> str:
    """An article's error in one line."""
    return f"{item.id}: {item.error.message} [{item.error.code}]"


def _marked(answer: Brief | SummaryAnswer) -> str:
    """The sentences; where only some were written by the model, the others say so."""
    if answer.method != "mixed":
        return " ".join(sentence.text for sentence in answer.sentences)
    marks = {"model": "", "extract": " [from the article]"}
    return " ".join(sentence.text + marks[sentence.origin] for sentence in answer.sentences)


def _made(answer: Brief | SummaryAnswer) -> str:
    """Language, coverage, what was dropped, and whether a model wrote it."""
    parts = [answer.source_language.code, _coverage(answer.coverage)]
    if answer.dropped:
        parts.append(_dropped(answer.dropped))
    if answer.method == "extract":
        parts.append("all of it taken from the article")
    return f"  ({'; '.join(parts)})"


def _coverage(coverage: Coverage) -> str:
    return f"read {coverage.sentences_read} of {coverage.sentences_total} sentences"


def _dropped(dropped: Sequence[DroppedLine]) -> str:
    return (
        "left out 1 line that is not prose"
        if len(dropped) == 1
        else f"left out {len(dropped)} lines that are not prose"
    )


def _notice(provenance: Provenance) -> str:
    return f"  {provenance.notice}" if provenance.notice else ""


def _italic(line: str) -> str:
    return f"*{line.strip()}*" if line.strip() else ""


def _wrapped(line: str) -> str:
    return textwrap.fill(line, _WIDTH, initial_indent="  ", subsequent_indent="  ", break_long_words=False)


def _paragraphs(answer: Brief) -> list[str]:
    assert answer.translation is not None
    return [_wrapped(paragraph) for paragraph in answer.translation.text.split("\n\n")]


def _lines(*lines: str) -> str:
    return "\n".join(lines).rstrip() + "\n"
