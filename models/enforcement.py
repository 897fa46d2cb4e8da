"""A glossary around a translator: each term gets its translation where that is safe, and what became of it is told.

A term that the plain translation renders as asked is left alone. For the others two more things are translated: the sentence with
the translations in the places of their terms (some models copy words of another script; Dinu et al. 2019, "Training Neural
Machine Translation to Apply Terminology Constraints", train one for it), and the term alone. The first is taken if it is sound
and says the rest as before; else what reads as the term alone, or what alone differs between both translations, is replaced;
else the sentence stays as it is.

The sample translator was not trained to copy Latin words out of an Arabic sentence: with it, words are mostly replaced.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from models.glossary import Entry, Match
from models.guard import Fault

Way = Literal["plain", "variant", "replaced", "none"]

_ALIKE = 0.6  # the least share of words (difflib's ratio) that a variant has in common with the plain translation
_WIDEST = 4  # words that may render a term, where only the change shows which they are
_WORD = re.compile(r"[^\W_]+(?:[-.][^\W_]+)*")
_ARTICLE = re.compile(r"(?:the|an?)\s+(?=\w)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Applied:
    """A term of a text and what became of it.

    `start:end` is the term in the text; `output` its translation in the output, or None where it could not be applied without
    risk to the sentence. `way` is how: the plain translation had it ("plain"), the sentence was translated with the translation
    in the term's place ("variant"), the words that rendered the term were replaced ("replaced"); or "none", for the `reason`.
    """

    entry: Entry
    start: int
    end: int
    output: tuple[int, int] | None
    way: Way
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """Characters of an output."""

    start: int
    end: int

    def overlaps(self, other: "Span") -> bool:
        return self.start < other.end and other.start < self.end


Spans = list[Span | None]
"""For each match where its translation stands, if it does."""


def missing(output: str, matches: Sequence[Match]) -> list[Match]:
    """The matches whose translation does not stand in `output`."""
    return [match for match, span in zip(matches, _placed(output, matches), strict=True) if span is None]


def variant(text: str, matches: Sequence[Match]) -> str:
    """`text` with the translations of `matches` in the places of their terms; what was joined to a term becomes a word."""
    parts, end = [], 0
    for match in matches:
        space = " " if text[: match.start][-1:].isalpha() else ""
        parts += [text[end : match.start], space, match.entry.target]
        end = match.end
    return "".join([*parts, text[end:]])


def enforce(
    matches: Sequence[Match],
    output: str,
    other: str,
    alone: Mapping[Entry, str],
    judge: Callable[[str], Fault | None],
    elsewhere: Callable[[str, Match], bool],
) -> tuple[str, tuple[Applied, ...]]:
    """The translation with as many of the glossary's translations as is safe, and what became of each match.

    `output` is the plain translation, `other` the variant's, `alone` has the translations of single terms; `judge` is the guard;
    `elsewhere` tells whether a word of the output renders a word of the text outside a match.
    """
    spans = _placed(other, matches)
    if all(spans) and not judge(other) and _alike(output, other, matches):
        had = _placed(output, matches)
        return other, tuple(
            _applied(match, span, "plain" if before else "variant")
            for match, span, before in zip(matches, spans, had, strict=True)
        )
    had = _placed(output, matches)
    new = _rendered(output, matches, had, alone)
    if not any(new) and had.count(None) == 1:
        new[had.index(None)] = _changed(output, other, matches[had.index(None)], had, elsewhere)
    written, spans = _replace(output, matches, had, new)
    if any(new) and judge(written) and not judge(output):
        written, spans, new = output, had, [None] * len(matches)
    return written, tuple(
        _applied(match, span, "replaced" if put else "plain")
        for match, span, put in zip(matches, spans, new, strict=True)
    )


def _applied(match: Match, span: Span | None, way: Way) -> Applied:
    if span is None:
        reason = "the words that render the term could not be told for sure"
        return Applied(match.entry, match.start, match.end, None, "none", reason)
    return Applied(match.entry, match.start, match.end, (span.start, span.end), way)


def _stand(output: str, phrase: str) -> list[Span]:
    """Where `phrase` stands in `output` as whole words, whatever its capitals."""
    pattern = r"\s+".join(map(re.escape, phrase.split()))
    found = re.finditer(rf"(?<!\w){pattern}(?!\w)", output, re.IGNORECASE) if pattern else ()
    return [Span(*match.span()) for match in found]


def _placed(output: str, matches: Sequence[Match]) -> Spans:
    """For each match, in order, a place of its own where its translation stands; longer translations choose first."""
    spans: Spans = [None] * len(matches)
    for index in sorted(range(len(matches)), key=lambda index: -len(matches[index].entry.target)):
        spans[index] = next(iter(_free(_stand(output, matches[index].entry.target), spans)), None)
    return spans


def _free(found: Sequence[Span], taken: Spans) -> list[Span]:
    return [span for span in found if not any(other and span.overlaps(other) for other in taken)]


def _alike(output: str, other: str, matches: Sequence[Match]) -> bool:
    """Whether the variant says the rest as the plain translation does; the words of the terms may differ."""
    asked = {word for match in matches for word in _words(match.entry.target)}
    words = [word for word in _words(other) if word not in asked]
    plain = _words(output)
    common = sum(block.size for block in SequenceMatcher(None, plain, words, autojunk=False).get_matching_blocks())
    return common >= _ALIKE * max(len(words), len(plain) - _WIDEST * len(matches), 1)


def _words(text: str) -> list[str]:
    return [word.group().casefold() for word in _WORD.finditer(text)]


def _rendered(output: str, matches: Sequence[Match], had: Spans, alone: Mapping[Entry, str]) -> Spans:
    """What reads as a term does when it is translated alone, if it stands just as often as the term."""
    new: Spans = [None] * len(matches)
    for entry in dict.fromkeys(match.entry for match in matches):
        left = [index for index, match in enumerate(matches) if match.entry == entry and had[index] is None]
        plain = alone.get(entry, "").strip(" .!?,;:\"'")
        article = _ARTICLE.match(plain)
        free = _free(_stand(output, plain[article.end() :] if article else plain), [*had, *new])
        if len(free) == len(left):
            for index, span in zip(left, free, strict=True):
                new[index] = span
    return new


def _changed(output: str, other: str, match: Match, had: Spans, elsewhere: Callable[[str, Match], bool]) -> Span | None:
    """The only words that differ between the plain translation and the variant's, if they are few and render only the term."""
    plain, words = list(_WORD.finditer(output)), _words(other)
    folded = [word.group().casefold() for word in plain]
    before = _common(folded, words)
    after = _common(folded[before:][::-1], words[before:][::-1])
    changed = plain[before : len(plain) - after]
    written = len(words) - after - before
    if not changed or not written or len(changed) > _WIDEST or written > _WIDEST + len(_words(match.entry.target)):
        return None
    if folded[before] in ("the", "a", "an") and len(changed) > 1:
        changed = changed[1:]
    if any(elsewhere(word.group(), match) for word in changed):
        return None
    span = Span(changed[0].start(), changed[-1].end())
    return next(iter(_free([span], had)), None)


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many words both begin with."""
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _replace(output: str, matches: Sequence[Match], had: Spans, new: Spans) -> tuple[str, Spans]:
    """`output` with the translations written over the spans of `new`, and where all translations stand then."""
    moved: Spans = [None] * len(matches)
    text, end = "", 0
    places = [(span, index) for index in range(len(matches)) if (span := new[index] or had[index])]
    for span, index in sorted(places, key=lambda place: place[0].start):
        written = matches[index].entry.target if new[index] else output[span.start : span.end]
        text += output[end : span.start] + written
        moved[index], end = Span(len(text) - len(written), len(text)), span.end
    return text + output[end:], moved
