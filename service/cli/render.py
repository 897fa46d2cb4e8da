"""Answers as something to read: plain text for the terminal, Markdown for documents. What is to doubt is seen first."""

import textwrap
from collections.abc import Iterable, Sequence

from service.cli.plain import escaped, line, marked
from service.schemas.briefs import (
    Brief,
    BriefSentence,
    Checks,
    Comparison,
    Coverage,
    Difference,
    DroppedLine,
    Evidence,
    FailedItem,
    Flag,
    GlossaryUse,
    Repair,
)
from service.schemas.texts import SummaryAnswer, SummarySentence, TranslationAnswer

Answer = Brief | SummaryAnswer | TranslationAnswer
WIDTH = 100
"""Characters of a line where nothing narrower is asked for."""
_NARROWEST = 40


def text(answer: Answer, width: int = WIDTH) -> str:
    """For the terminal: heading, verdict, each sentence with what to doubt in it and what it rests on, then how it came about.

    What is to doubt has "!" in the margin and stands in brackets: [43?]. No line is wider than `width`, words permitting.
    """
    write = _Text(max(_NARROWEST, min(WIDTH, width)))
    if isinstance(answer, TranslationAnswer):
        body = [*write.paragraphs(answer.translation), *write.doubts(answer), *write.glossary(answer.glossary)]
        return _lines(f"== {line(answer.id or '')}", "", *body, *write.notice(answer))
    body = ["", *write.verdict(answer.checks), ""]
    body += [row for sentence in answer.sentences for row in write.sentence(sentence, answer.method)]
    body += write.repairs(answer.checks)
    if isinstance(answer, Brief):
        body += [*write.comparison(answer.comparison), *write.glossary(answer.glossary)]
        if answer.translation:
            body += ["", "  Full translation:", *write.paragraphs(answer.translation.text)]
    return _lines(*write.heading(answer), *body, "", *write.wrapped(f"({_made(answer)})"), *write.notice(answer))


def markdown(answer: Answer) -> str:
    """For documents: a section for each article. What is to doubt is bold."""
    if isinstance(answer, TranslationAnswer):
        doubts = [f"- **!** {escaped(row.doubt)}: {escaped(row.translation)}" for row in answer.sentences if row.doubt]
        body = ["", *_md_paragraphs(answer.translation), *doubts, *_md_glossary(answer.glossary)]
        return _lines(f"## {escaped(answer.id or '')}", *body, "", _italic(answer.provenance.notice))
    body = ["", f"**{_verdict(answer.checks)}**", ""]
    body += [row for sentence in answer.sentences for row in _md_sentence(sentence, answer.method)]
    body += [*_section("", (f"- {escaped(_repair(repair))}" for repair in answer.checks.repairs))]
    if isinstance(answer, Brief):
        body += [*_md_comparison(answer.comparison), *_md_glossary(answer.glossary)]
        if answer.translation:
            body += ["", "### Full translation", "", *_md_paragraphs(answer.translation.text)]
    made = _italic(f"({escaped(_made(answer))}) {answer.provenance.notice or ''}")
    return _lines(*_md_heading(answer), *body, "", made)


def failure(item: FailedItem) -> str:
    """An article's error in one line."""
    return line(f"{item.id}: {item.error.message} [{item.error.code}]")


# ---------------------------------------------------------------- what is said in both forms


def _verdict(checks: Checks) -> str:
    """What the checks say, in a line that is seen first."""
    missing = f"; could not be checked for these languages: {', '.join(checks.unavailable)}"
    rest = missing if checks.unavailable else ""
    match checks.status:
        case "review":
            count = len({(flag.sentence, flag.start, flag.end) for flag in checks.flags})
            return f"REVIEW: {count} {'point' if count == 1 else 'points'} to doubt, marked with !{rest}"
        case "partial":
            return f"PARTLY CHECKED: the checks that could run found nothing{rest}"
        case "pass":
            return "PASSED: the checks found nothing to doubt"


def _told(flags: Sequence[Flag], text: str) -> list[str]:
    """What the flags of a sentence say, one line for each place and kind."""
    places: dict[tuple[str, str], list[str]] = {}
    for flag in flags:
        words = text[flag.start : flag.end]
        places.setdefault((flag.kind, "" if words == text else f' "{words}"'), []).append(flag.detail)
    return [f"{kind}{words}: {'; '.join(details)}" for (kind, words), details in places.items()]


def _places(evidence: Sequence[Evidence]) -> str:
    """Where in the article, and how well it bears the sentence out."""
    return ", ".join(f"{found.start}-{found.end} ({found.score:.2f})" for found in evidence)


def _said(sentence: BriefSentence | SummarySentence, method: str) -> tuple[str, str]:
    """A sentence's text, and who wrote it where not all are of one origin."""
    origin = " [from the article]" if method == "mixed" and sentence.origin == "extract" else ""
    return sentence.text, origin


def _repair(repair: Repair) -> str:
    done = {"decoded-again": "Decoded again", "replaced": "Replaced by the article's own"}[repair.action]
    return f'{done}: "{repair.text}" ({"; ".join(repair.reasons)})'


def _difference(item: Difference) -> str:
    where = {
        True: "which is in the article",
        False: "which was NOT found in the article",
        None: "which cannot be looked up in an article in this language",
    }[item.in_article]
    return f'only {item.route} has the {item.kind} "{item.text}", {where}'


def _uses(uses: Sequence[GlossaryUse]) -> list[str]:
    """Each entry once, and what became of it."""
    shown = (f"{use.source} = {use.target}" + ("" if use.applied else f" (not applied: {use.reason})") for use in uses)
    return list(dict.fromkeys(shown))


def _made(answer: Brief | SummaryAnswer) -> str:
    """Language, coverage, what was dropped, and whether a model wrote it."""
    parts = [answer.source_language.code, _coverage(answer.coverage)]
    if answer.dropped:
        parts.append(_dropped(answer.dropped))
    if answer.method == "extract":
        parts.append("all of it taken from the article")
    return "; ".join(parts)


def _coverage(coverage: Coverage) -> str:
    return f"read {coverage.sentences_read} of {coverage.sentences_total} sentences"


def _dropped(dropped: Sequence[DroppedLine]) -> str:
    return (
        "left out 1 line that is not prose"
        if len(dropped) == 1
        else f"left out {len(dropped)} lines that are not prose"
    )


def _lines(*lines: str) -> str:
    return "\n".join(lines).rstrip() + "\n"


def _section(heading: str, rows: Iterable[str]) -> list[str]:
    """Rows below a heading, or nothing where there are none."""
    found = list(rows)
    return ["", *([heading] if heading else []), *found] if found else []


# ---------------------------------------------------------------- text


class _Text:
    """Lines of one width."""

    def __init__(self, width: int) -> None:
        self._width = width

    def wrapped(self, content: str, indent: str = "  ", margin: str = "") -> list[str]:
        """`content` as lines that begin with `indent`; the first one's begins with `margin`."""
        first = margin + indent[len(margin) :]
        return textwrap.wrap(
            line(content), self._width, initial_indent=first, subsequent_indent=indent, break_long_words=False
        )

    def heading(self, answer: Brief | SummaryAnswer) -> list[str]:
        title = answer.title if isinstance(answer, Brief) else None
        if title is None:
            return [f"== {line(answer.id or '')}"]
        said = self._marked(title.translation, title.flags)
        flags = [row for told in _told(title.flags, title.translation) for row in self.wrapped(told, "    ", "  ! ")]
        return [f"== {line(said)}", *flags, line(title.source), line(answer.id or "")]

    def verdict(self, checks: Checks) -> list[str]:
        return self.wrapped(_verdict(checks))

    def sentence(self, sentence: BriefSentence | SummarySentence, method: str) -> list[str]:
        said, origin = _said(sentence, method)
        margin = "!" if sentence.flags else ""
        rows = self.wrapped(self._marked(said, sentence.flags) + origin, "  ", margin)
        rows += [row for told in _told(sentence.flags, said) for row in self.wrapped(told, "      ", "    ! ")]
        if not sentence.evidence:
            return [*rows, *self.wrapped("rests on nothing that was found in the article", "    ")]
        best = self.wrapped(sentence.evidence[0].text, "      ")
        return [*rows, *self.wrapped(f"rests on {_places(sentence.evidence)}:", "    "), *best]

    def repairs(self, checks: Checks) -> list[str]:
        return _section("", (row for repair in checks.repairs for row in self.wrapped(_repair(repair), "    ", "  ")))

    def comparison(self, found: Comparison | None) -> list[str]:
        if found is None:
            return []
        if found.brief is None:
            return ["", *self.wrapped(f"Only one route was taken. {found.reason}")]
        rows = self.wrapped(found.brief, "    ")
        for item in found.differences:
            rows += self.wrapped(_difference(item), "      ", "    - " if item.in_article else "    ! ")
        return _section(f"  By the other route ({found.route}):", rows)

    def glossary(self, uses: Sequence[GlossaryUse]) -> list[str]:
        return _section("", self.wrapped(f"Glossary: {'; '.join(_uses(uses))}") if uses else ())

    def doubts(self, answer: TranslationAnswer) -> list[str]:
        rows = (
            self.wrapped(f"{row.doubt}: {row.translation}", "    ", "  ! ") for row in answer.sentences if row.doubt
        )
        return _section("", (row for rows in rows for row in rows))

    def paragraphs(self, content: str) -> list[str]:
        return [row for paragraph in content.split("\n\n") for row in self.wrapped(paragraph)]

    def notice(self, answer: Answer) -> list[str]:
        return self.wrapped(answer.provenance.notice) if answer.provenance.notice else []

    def _marked(self, content: str, flags: Sequence[Flag]) -> str:
        """A sentence with what is to doubt in brackets."""
        if not content.strip():
            return "[no word?]"
        return "".join(f"[{part}?]" if doubt else part for part, doubt in marked(content, flags))


# ---------------------------------------------------------------- Markdown


def _md_heading(answer: Brief | SummaryAnswer) -> list[str]:
    title = answer.title if isinstance(answer, Brief) else None
    if title is None:
        return [f"## {escaped(answer.id or '')}"]
    flags = [f"- **!** {escaped(told)}" for told in _told(title.flags, title.translation)]
    heading = f"## {_md_marked(title.translation, title.flags)}"
    return [heading, "", *flags, *([""] if flags else []), f"{escaped(title.source)} ({escaped(answer.id or '')})"]


def _md_sentence(sentence: BriefSentence | SummarySentence, method: str) -> list[str]:
    said, origin = _said(sentence, method)
    mark = "**!** " if sentence.flags else ""
    rows = [f"- {mark}{_md_marked(said, sentence.flags)}{origin}"]
    rows += [f"  - **!** {escaped(told)}" for told in _told(sentence.flags, said)]
    if not sentence.evidence:
        return [*rows, "  - rests on nothing that was found in the article"]
    return [*rows, f"  - rests on {_places(sentence.evidence)}: {escaped(sentence.evidence[0].text)}"]


def _md_comparison(found: Comparison | None) -> list[str]:
    if found is None:
        return []
    if found.brief is None:
        return ["", f"Only one route was taken. {escaped(found.reason or '')}"]
    rows = [f"- {'' if item.in_article else '**!** '}{escaped(_difference(item))}" for item in found.differences]
    return ["", f"### By the other route ({found.route})", "", escaped(found.brief), *_section("", rows)]


def _md_glossary(uses: Sequence[GlossaryUse]) -> list[str]:
    return _section("", (f"- Glossary: {escaped(use)}" for use in _uses(uses)))


def _md_paragraphs(content: str) -> list[str]:
    return [row for paragraph in content.split("\n\n") for row in (escaped(paragraph), "")][:-1]


def _md_marked(content: str, flags: Sequence[Flag]) -> str:
    """A sentence with what is to doubt in bold."""
    if not content.strip():
        return "**\\[no word?\\]**"
    parts = []
    for part, doubt in marked(content, flags):
        before, after = part[: len(part) - len(part.lstrip())], part[len(part.rstrip()) :]
        core = escaped(part)
        parts.append(f"{before}**\\[{core}?\\]**{after}" if doubt else f"{before}{core}{after}")
    return "".join(parts)


def _italic(content: str | None) -> str:
    return f"*{content.strip()}*" if content and content.strip() else ""
