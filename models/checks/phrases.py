"""Tables of phrases, and where a text has them.

A phrase is a few words; `*` in a word stands for any letters, `**` for up to twelve words. What is written together with an
Arabic word (وللنفي) may stand before its first word. A phrase stays within its clause; of those that begin at one word the
longest counts.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Generic, TypeVar

from models.text.normalise import fold

_VOWELS = re.compile("[\u064b-\u0652\u0670]")
_WORD = re.compile(r"\w[\w\u064b-\u0652\u0670]*(?:['’]\w+)*")
CLAUSE = re.compile(r"[،؛؟,;:?!.](?!\d)")
_GAP = 12
_CACHED_WORDS = 1 << 13  # of a table, with the phrases that may begin there

K = TypeVar("K")


@dataclass(frozen=True, slots=True, order=True)
class Match:
    """`text[start:end]` as a phrase of a table."""

    start: int
    end: int
    phrase: str


@dataclass(frozen=True, slots=True)
class _Phrase(Generic[K]):
    """`kind` is None for what holds the words of another phrase and means something else."""

    kind: K | None
    parts: tuple[str, ...]

    @property
    def size(self) -> tuple[int, int, bool]:
        """What the longest of several is told by: words, letters of the first, and no `*` in it."""
        letters = self.parts[0].replace("*", "")
        return len(self.parts), len(letters), letters == self.parts[0]

    def end(self, words: Sequence[str], place: int) -> int | None:
        """The number after the last word, if the phrase goes on from its first word at `place`."""
        return _end(self.parts[1:], words, place + 1)


class Table(Generic[K]):
    """The phrases of one language by the beginning of their first word up to a `*`, each with its group.

    Of the kinds of one group a word is one; of different groups it may be several.
    """

    def __init__(self, language: str, groups: Sequence[Mapping[K | None, Sequence[str]]]) -> None:
        joined = _joined().get(language, {})
        self._verbatim = frozenset(joined.get("verbatim", ()))
        self._joined = [tuple(joined.get("before_long", ())), tuple(joined.get("before_short", ()))]
        self._groups = range(len(groups))
        self._begun = lru_cache(_CACHED_WORDS)(self._find_begun)
        self._phrases: dict[str, list[tuple[int, _Phrase[K]]]] = {}
        for number, group in enumerate(groups):
            for kind, texts in group.items():
                for text in texts:
                    parts = tuple(self.plain(word) for word in text.split())
                    self._phrases.setdefault(parts[0].split("*")[0], []).append((number, _Phrase(kind, parts)))

    def plain(self, word: str) -> str:
        """A word as it is compared: folded, unless that would make it another."""
        bare = _VOWELS.sub("", word)
        return bare if bare in self._verbatim else _folded(word)

    def read(self, text: str) -> Iterator[tuple[K, Match]]:
        """The phrases of a text with their kinds, clause by clause and group by group."""
        for spans in _clauses(text):
            words = [self.plain(text[start:end]) for start, end in spans]
            begun = [(place, found) for place, word in enumerate(words) if (found := self._begun(word))]
            for group in self._groups:
                for phrase, kind, first, last in _find(
                    words, [(place, found.get(group, ())) for place, found in begun]
                ):
                    yield kind, Match(spans[first][0], spans[last][1], phrase)

    def _find_begun(self, word: str) -> dict[int, list[_Phrase[K]]]:
        """By group the phrases that may begin with a word, or with what is left of it."""
        begun: dict[int, list[_Phrase[K]]] = {}
        for form in self._forms(word):
            for length in range(len(form) + 1):
                for group, phrase in self._phrases.get(form[:length], ()):
                    if _fits(phrase.parts[0], form):
                        begun.setdefault(group, []).append(phrase)
        return begun

    def _forms(self, word: str) -> Iterator[str]:
        """The word, and what is left of it where something may be written together with it."""
        yield word
        for least, before in zip((4, 2), self._joined, strict=True):
            for joined in before:
                if word.startswith(joined) and len(word) - len(joined) >= least:
                    yield word[len(joined) :]


def _clauses(text: str) -> Iterator[list[tuple[int, int]]]:
    """The places of the words of each clause."""
    clause: list[tuple[int, int]] = []
    for match in _WORD.finditer(text):
        if clause and CLAUSE.search(text, clause[-1][1], match.start() + 1):
            yield clause
            clause = []
        clause.append(match.span())
    yield clause


def _find(words: Sequence[str], begun: Iterable[tuple[int, Sequence[_Phrase[K]]]]) -> Iterator[tuple[str, K, int, int]]:
    """The phrases among the words of a clause with their kinds and their first and last words; none begins within another.

    `begun`: numbers of words with the phrases that may begin there.
    """
    behind = 0
    for place, phrases in begun:
        if place >= behind:
            phrase, behind = _longest(phrases, words, place)
            if phrase and phrase.kind is not None:
                yield " ".join(phrase.parts), phrase.kind, place, behind - 1


def _longest(phrases: Sequence[_Phrase[K]], words: Sequence[str], place: int) -> tuple[_Phrase[K] | None, int]:
    """The longest of the phrases that goes on from a word, if one does, and the number of the word after it."""
    best: _Phrase[K] | None = None
    behind = place + 1
    for phrase in phrases:
        end = phrase.end(words, place)
        if end is not None and (best is None or phrase.size > best.size):
            best, behind = phrase, end
    return best, behind


@lru_cache(_CACHED_WORDS)
def _folded(word: str) -> str:
    return fold(word).replace("’", "'")


def _end(parts: Sequence[str], words: Sequence[str], place: int) -> int | None:
    if not parts:
        return place
    if parts[0] == "**":
        ends = (_end(parts[1:], words, place + skipped) for skipped in range(_GAP + 1))
        return next((end for end in ends if end is not None), None)
    if place < len(words) and _fits(parts[0], words[place]):
        return _end(parts[1:], words, place + 1)
    return None


def _fits(part: str, word: str) -> bool:
    before, star, after = part.partition("*")
    if not star:
        return part == word
    return len(word) >= len(before) + len(after) and word.startswith(before) and word.endswith(after)


@cache
def _joined() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads((files("models.checks") / "phrases.toml").read_text(encoding="utf-8"))
