"""Answers as something to read: plain text for the terminal, Markdown for documents."""

import textwrap
from collections.abc import Sequence

from service.schemas.briefs import (
    Brief,
    BriefSentence,
    Checks,
    Comparison,
    Coverage,
    DroppedLine,
    FailedItem,
    Flag,
    GlossaryUse,
    Provenance,
)
from service.schemas.texts import SummaryAnswer, SummarySentence, TranslationAnswer

Answer = Brief | SummaryAnswer | TranslationAnswer
_WIDTH = 100


def text(answer: Answer) -> str:
    """For the terminal: heading, verdict, each sentence with what to doubt in it and what it rests on, then how it came about."""
    if isinstance(answer, TranslationAnswer):
        return _lines(f"== {answer.id}", "", answer.translation, "", *_doubts(answer), _notice(answer.provenance))
    if isinstance(answer, SummaryAnswer):
        heading, origin, full = f"== {answer.id}", [], []
    else:
        heading = f"== {answer.title.translation}" if answer.title else f"== {answer.id}"
        origin = [answer.title.source, str(answer.id or "")] if answer.title else []
        full = ["", "  Full translation:", *_paragraphs(answer)] if answer.translation else []
    said = [line for sentence in answer.sentences for line in _shown(sentence, answer.method)]
    rest = [*_repairs(answer.checks), *_others(answer)]
    return _lines(
        heading,
        *origin,
        "",
        f"  {_verdict(answer.checks)}",
        "",
        *said,
        *rest,
        *full,
        "",
        _made(answer),
        _notice(answer.provenance),
    )


def markdown(answer: Answer) -> str:
    """For documents: a section for each article."""
    if isinstance(answer, TranslationAnswer):
        return _lines(
            f"## {answer.id}", "", answer.translation, "", *_doubts(answer), _italic(_notice(answer.provenance))
        )
    made = _italic(f"{_made(answer).strip()} {_notice(answer.provenance).strip()}")
    said = [line for sentence in answer.sentences for line in _listed(sentence, answer.method)]
    body = [f"**{_verdict(answer.checks)}**", "", *said, *_repairs(answer.checks), *_others(answer)]
    if isinstance(answer, SummaryAnswer):
        return _lines(f"## {answer.id}", "", *body, "", made)
    heading = answer.title.translation if answer.title else answer.id
    origin = ["", f"{answer.title.source} ({answer.id})"] if answer.title else []
    full = ["", "### Full translation", "", answer.translation.text] if answer.translation else []
    return _lines(f"## {heading}", *origin, "", *body, *full, "", made)


def failure(item: FailedItem) -> str:
    """An article's error in one line."""
    return f"{item.id}: {item.error.message} [{item.error.code}]"


def _verdict(checks: Checks) -> str:
    """What the checks say, in a line that is seen first."""
    missing = f"; not available for these languages: {', '.join(checks.unavailable)}" if checks.unavailable else ""
    match checks.status:
        case "review":
            count = len(checks.flags)
            return f"REVIEW: {count} {'point' if count == 1 else 'points'} to doubt, marked with !{missing}"
        case "partial":
            return f"PARTLY CHECKED: nothing to doubt was found{missing}"
        case _:
            return "CHECKED: nothing to doubt was found"


def _shown(sentence: BriefSentence | SummarySentence, method: str) -> list[str]:
    """A sentence, what to doubt in it, and the best of what it rests on, the place in the article before it."""
    lines = [_wrapped(sentence.text + _mark(sentence, method))]
    lines += [_wrapped(f"! {_doubt(flag, sentence.text)}", "    ") for flag in sentence.flags]
    lines += [
        _wrapped(f"< {found.start}-{found.end} ({found.score:.2f}) {found.text}", "    ")
        for found in sentence.evidence[:1]
    ]
    return lines if sentence.evidence else [*lines, "    < nothing in the article was found that bears this out"]


def _listed(sentence: BriefSentence | SummarySentence, method: str) -> list[str]:
    """The same as an item of a list."""
    lines = [f"- {sentence.text}{_mark(sentence, method)}"]
    lines += [f"  - **!** {_doubt(flag, sentence.text)}" for flag in sentence.flags]
    return lines + [
        f"  - {found.start}-{found.end} ({found.score:.2f}): {found.text}" for found in sentence.evidence[:1]
    ]


def _doubt(flag: Flag, text: str) -> str:
    return f'{flag.kind}: {flag.detail} ("{text[flag.start : flag.end]}")'


def _mark(sentence: BriefSentence | SummarySentence, method: str) -> str:
    """Where only some sentences were written by the model, the others say so."""
    return " [from the article]" if method == "mixed" and sentence.origin == "extract" else ""


def _repairs(checks: Checks) -> list[str]:
    done = {"decoded-again": "Decoded again", "replaced": "Replaced by a sentence of the article"}
    return (
        ["", *(_wrapped(f"{done[r.action]}: {'; '.join(r.reasons)}") for r in checks.repairs)] if checks.repairs else []
    )


def _others(answer: Brief | SummaryAnswer) -> list[str]:
    """The other route's brief and the glossary's entries, where there are such."""
    if isinstance(answer, SummaryAnswer):
        return []
    return [*(_compared(answer.comparison) if answer.comparison else []), *_glossary(answer.glossary)]


def _compared(comparison: Comparison) -> list[str]:
    lines = ["", f"  By the other route ({comparison.route}):", _wrapped(comparison.brief)]
    for item in comparison.differences:
        where = "in the article" if item.in_article else "NOT found in the article"
        lines.append(_wrapped(f'! only {item.route} has the {item.kind} "{item.text}", {where}', "    "))
    return lines


def _glossary(uses: Sequence[GlossaryUse]) -> list[str]:
    if not uses:
        return []
    shown = {
        f"{use.source} = {use.target}" + ("" if use.applied else f" (not applied: {use.reason})"): None for use in uses
    }
    return ["", _wrapped(f"Glossary: {'; '.join(shown)}")]


def _doubts(answer: TranslationAnswer) -> list[str]:
    """The sentences whose translation stayed faulty."""
    lines = [f"  ! {row.doubt}: {row.translation}" for row in answer.sentences if row.doubt]
    return [*lines, *_glossary(answer.glossary)]


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


def _wrapped(line: str, indent: str = "  ") -> str:
    return textwrap.fill(line, _WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False)


def _paragraphs(answer: Brief) -> list[str]:
    assert answer.translation is not None
    return [_wrapped(paragraph) for paragraph in answer.translation.text.split("\n\n")]


def _lines(*lines: str) -> str:
    return "\n".join(lines).rstrip() + "\n"
