"""Words that turn or attribute what a sentence says: negation, denial, reporting, claiming. They are data, a file a language.

A phrase is a few words; `*` in a word stands for any letters, `**` for up to twelve words. What is written together with an
Arabic word (وللنفي) may stand before its first word. A phrase stays within its clause; of those that begin at one word the
longest counts.
"""

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from re import compile as pattern
from typing import Any, Literal

from models.text.normalise import fold

Kind = Literal["negation", "denial", "soft", "faint", "affirmation", "saying", "source", "voicing", "claim"]
# Of the kinds in a line a word is one; of different lines it may be several ("denied" turns and reports).
_GROUPS: tuple[tuple[Kind, ...], ...] = (
    ("negation", "denial", "soft", "faint"),
    ("affirmation",),
    ("saying", "source", "voicing"),
    ("claim",),
)
_VOWELS = pattern("[\u064b-\u0652\u0670]")
_WORD = pattern(r"\w[\w\u064b-\u0652\u0670]*(?:['’]\w+)*")
_TABLES = files("models.checks")
_CLAUSE = pattern(r"[،؛؟,;:?!.](?!\d)")
_GAP = 12
_CACHED_WORDS = 1 << 13  # of a language, with the phrases that may begin there
_CACHED = 1 << 10  # sentences: each is read by several checks


@dataclass(frozen=True, slots=True)
class Cue:
    """`text[start:end]` as a cue. `soft` and `faint` ones may answer a negation of the other language, and ask for none."""

    kind: Kind
    start: int
    end: int
    phrase: str  # of the table


@dataclass(frozen=True, slots=True)
class _Phrase:
    """`kind` is None for what holds a cue's word and means something else."""

    kind: Kind | None
    parts: tuple[str, ...]

    @property
    def size(self) -> tuple[int, int, bool]:
        """What the longest of several is told by: words, letters of the first, and no `*` in it."""
        letters = self.parts[0].replace("*", "")
        return len(self.parts), len(letters), letters == self.parts[0]

    def end(self, words: Sequence[str], place: int) -> int | None:
        """The number after the last word, if the phrase goes on from its first word at `place`."""
        return _end(self.parts[1:], words, place + 1)


def known(language: str) -> bool:
    """Whether there is a table of cues for `language`."""
    return (_TABLES / f"cues.{language}.toml").is_file()


def is_pronoun(word: str, language: str) -> bool:
    """Whether a word stands for a name, and is none itself."""
    return known(language) and _table(language).plain(word) in _table(language).pronouns


@lru_cache(_CACHED)
def read(text: str, language: str) -> tuple[Cue, ...]:
    """The cues of a text in order; a word that both negates and reports gives two. None for a language without a table."""
    if not known(language):
        return ()
    table = _table(language)
    found: list[Cue] = []
    for spans in _clauses(text):
        words = [table.plain(text[start:end]) for start, end in spans]
        for group in range(len(_GROUPS)):
            for phrase, kind, first, last in table.find(words, group):
                found.append(Cue(kind, spans[first][0], spans[last][1], phrase))
    return tuple(sorted(found, key=lambda cue: (cue.start, cue.end)))


def _clauses(text: str) -> Iterator[list[tuple[int, int]]]:
    """The places of the words of each clause."""
    clause: list[tuple[int, int]] = []
    for match in _WORD.finditer(text):
        if clause and _CLAUSE.search(text, clause[-1][1], match.start() + 1):
            yield clause
            clause = []
        clause.append(match.span())
    yield clause


class _Table:
    """The phrases of one language by the beginning of their first word up to a `*`, each with the group of its kind."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.pronouns = frozenset(data["pronoun"])
        self.begun = lru_cache(_CACHED_WORDS)(self._find_begun)
        self._verbatim = frozenset(data["verbatim"])
        self._proclitics = [tuple(data["proclitics"]), tuple(data["proclitic"])]
        self._phrases: dict[str, list[tuple[int, _Phrase]]] = {}
        for group, kinds in enumerate(_GROUPS):
            given = [(None, data["none"]), *((kind, data[kind]) for kind in kinds)]
            for kind, texts in given:
                for text in texts:
                    parts = tuple(self.plain(word) for word in text.split())
                    self._phrases.setdefault(parts[0].split("*")[0], []).append((group, _Phrase(kind, parts)))

    def plain(self, word: str) -> str:
        bare = _VOWELS.sub("", word)
        return bare if bare in self._verbatim else fold(word).replace("’", "'")

    def find(self, words: Sequence[str], group: int) -> Iterator[tuple[str, Kind, int, int]]:
        """A group's phrases among the words of a clause, each with its kind and its first and last word."""
        place = 0
        while place < len(words):
            phrase, end = _longest(self.begun(words[place])[group], words, place)
            if phrase and phrase.kind:
                yield " ".join(phrase.parts), phrase.kind, place, end - 1
            place = end

    def _find_begun(self, word: str) -> list[list[_Phrase]]:
        """For each group the phrases that may begin with a word, or with what is left of it."""
        begun: list[list[_Phrase]] = [[] for _ in _GROUPS]
        for form in self._forms(word):
            for length in range(len(form) + 1):
                for group, phrase in self._phrases.get(form[:length], ()):
                    if _fits(phrase.parts[0], form):
                        begun[group].append(phrase)
        return begun

    def _forms(self, word: str) -> Iterator[str]:
        """The word, and what is left of it where something may be written together with it."""
        yield word
        for least, before in zip((4, 2), self._proclitics, strict=True):
            for joined in before:
                if word.startswith(joined) and len(word) - len(joined) >= least:
                    yield word[len(joined) :]


def _longest(phrases: Sequence[_Phrase], words: Sequence[str], place: int) -> tuple[_Phrase | None, int]:
    """The longest of the phrases that goes on from a word, if one does, and the number of the word after it."""
    best: _Phrase | None = None
    behind = place + 1
    for phrase in phrases:
        end = phrase.end(words, place)
        if end is not None and (best is None or phrase.size > best.size):
            best, behind = phrase, end
    return best, behind


@cache
def _table(language: str) -> _Table:
    return _Table(tomllib.loads((_TABLES / f"cues.{language}.toml").read_text(encoding="utf-8")))


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
