"""A glossary: terms and the translations that they must have, and where terms stand in a text."""

import copy
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise

from models.errors import GlossaryInvalid
from models.text.normalise import fold

MOST_ENTRIES, LONGEST = 5_000, 200
"""Entries of a glossary, and characters of a term or its translation."""

_WORD = re.compile(r"[^\W_](?:[\w\u0640\u064b-\u065f\u0670])*")  # with tatweel and vowel marks
_MARK = re.compile(r"[\u0640\u064b-\u065f\u0670]")
_FEWEST = 3  # letters that are left of a word when particles are taken off


@dataclass(frozen=True, slots=True)
class Entry:
    """A term and its translation."""

    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Match:
    """An entry whose term stands at `start:end` of a text; particles written with it are outside."""

    entry: Entry
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Term:
    words: tuple[str, ...]
    between: tuple[str, ...]
    entry: Entry


class Glossary:
    """Entries, looked up by their first word; of two entries with one term the first counts."""

    def __init__(self, entries: Iterable[Entry], language: str, most: int = MOST_ENTRIES) -> None:
        """`language` is that of the terms. Raises `GlossaryInvalid` for more or longer entries than the limits allow."""
        self.entries = tuple(entries)
        self.language = language
        if len(self.entries) > most:
            raise GlossaryInvalid(f"The glossary has {len(self.entries)} entries; {most} are allowed.")
        self._terms: dict[str, list[_Term]] = {}
        for number, entry in enumerate(self.entries, 1):
            if wrong := _wrong(entry):
                raise GlossaryInvalid(f"Entry {number} of the glossary: {wrong}.")
            words = [(fold(word.group()), word) for word in _WORD.finditer(entry.source)]
            between = _between(entry.source, [word for _, word in words])
            term = _Term(tuple(word for word, _ in words), between, entry)
            self._terms.setdefault(term.words[0], []).append(term)
        for terms in self._terms.values():
            terms.sort(key=lambda term: -len(term.words))  # stable: of equal terms the first stays first

    @property
    def digest(self) -> str:
        """What tells this glossary from another: sha256 of its lines."""
        lines = "".join(f"{entry.source}\t{entry.target}\n" for entry in self.entries)
        return sha256(lines.encode("utf-8", "surrogatepass")).hexdigest()

    @classmethod
    def parse(cls, text: str, language: str = "ar") -> "Glossary":
        """A glossary of lines `term<TAB>translation`; empty lines and lines that begin with # are passed over.

        Raises `GlossaryInvalid`, which names the line and what is wrong with it.
        """
        entries = []
        for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
            if not line.strip() or line.startswith("#"):
                continue
            sides = [side.strip() for side in line.split("\t")]
            if len(sides) != 2:
                raise GlossaryInvalid(f"Line {number} of the glossary: expected a term, one tab and its translation.")
            entry = Entry(*sides)
            if wrong := _wrong(entry):
                raise GlossaryInvalid(f"Line {number} of the glossary: {wrong}.")
            entries.append(entry)
        return cls(entries, language)

    def over(self, other: "Glossary | None") -> "Glossary":
        """One glossary in which these entries go before those of `other`."""
        if other is None:
            return self
        entries = (*self.entries, *other.entries)
        return Glossary(entries, self.language, len(entries))

    def spoken(self, language: str) -> "Glossary":
        """The same entries, looked for in texts in `language`."""
        same = copy.copy(self)
        same.language = language
        return same

    def find(self, text: str) -> list[Match]:
        """Where terms stand in `text` as whole words, in order; the longest counts and none overlap.

        In Arabic, particles (و ف ب ل ك) and the article may be joined to a term, and diacritics, tatweel and the variants of a
        letter make no difference. Elsewhere capitals make none.
        """
        words = list(_WORD.finditer(text))
        between = _between(text, words)
        folded = [fold(word.group()) for word in words]
        found = []
        place = 0
        while place < len(words):
            match = self._at(place, folded, between)
            if match is None:
                place += 1
                continue
            term, skipped = match
            last = place + len(term.words)
            start = words[place].start() + _letters(words[place].group(), skipped)
            found.append(Match(term.entry, start, words[last - 1].end()))
            place = last
        return found

    def _at(self, place: int, words: Sequence[str], between: Sequence[str]) -> tuple[_Term, int] | None:
        """The longest term that begins with the word at `place`, and how many letters of that word are particles."""
        best: tuple[_Term, int] | None = None
        for skipped, form in self._forms(words[place]):
            for term in self._terms.get(form, ()):
                size = len(term.words)
                if best and size <= len(best[0].words):
                    break
                rest = zip(term.words[1:], words[place + 1 : place + size], strict=False)
                whole = len(words) - place >= size and all(self._same(own, word) for own, word in rest)
                if whole and tuple(between[place : place + size - 1]) == term.between:
                    best = (term, skipped)
                    break
        return best

    def _same(self, own: str, word: str) -> bool:
        return own == word or (self.language == "ar" and word == f"ال{own}")

    def _forms(self, word: str) -> Iterator[tuple[int, str]]:
        """What a folded word may be as the first word of a term, with the letters taken off it."""
        yield 0, word
        if self.language != "ar":
            return
        if word.startswith("ال"):
            yield 0, word[2:]
        for skipped in range(1, 3):  # one particle, or "and" with one more
            before, rest = word[:skipped], word[skipped:]
            if (
                len(rest) < _FEWEST
                or before[0] not in "وفبلك"
                or (skipped == 2 and (before[0] not in "وف" or before[1] not in "بلك"))
            ):
                return
            yield skipped, rest
            if rest.startswith("ال"):
                yield skipped, rest[2:]
            if before[-1] == "ل" == rest[0]:  # "to the" melts: للمدينة
                yield skipped, f"ا{rest}"
                yield skipped, rest[1:]


def _wrong(entry: Entry) -> str | None:
    for name, text in (("the term", entry.source), ("the translation", entry.target)):
        if len(text) > LONGEST:
            return f"{name} has {len(text)} characters; {LONGEST} are allowed"
        if not _WORD.search(text):
            return f"{name} has no word"
    return None


def _between(text: str, words: "Sequence[re.Match[str]]") -> tuple[str, ...]:
    """What separates words but white space."""
    return tuple(text[one.end() : other.start()].strip() for one, other in pairwise(words))


def _letters(word: str, count: int) -> int:
    """How many characters the first `count` letters of a word are, with their marks."""
    place = 0
    for _ in range(count):
        place += 1
        while place < len(word) and _MARK.match(word[place]):
            place += 1
    return place
