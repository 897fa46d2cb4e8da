"""A sentence of a brief beside what it must agree with: the text it translates, and the article's sentences that it rests on."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from models.text.comparing import Comparison, comparison
from models.text.stems import spans

_WORD = re.compile(r"\w[\w\u064b-\u0652\u0670]*(?:['’-]\w+)*")
RETOLD = 0.6  # share of a text found in a sentence of the article, from which on it says what that says
SURE = 0.3  # weight from which on a word counts as found on the other side


class Words:
    """The words of a text, numbered."""

    def __init__(self, text: str) -> None:
        self.spans = [match.span() for match in _WORD.finditer(text)]
        self._starts = [start for start, _ in self.spans]

    def __len__(self) -> int:
        return len(self.spans)

    def at(self, offset: int) -> int:
        """The number of the word at `offset`, or of the last one before it."""
        return max(0, bisect_right(self._starts, offset) - 1)

    def after(self, offset: int) -> int:
        """The number of the first word from `offset` on."""
        return bisect_left(self._starts, offset)


@dataclass(frozen=True, slots=True)
class Found:
    """A word of content of a text by its number: how much it counts, and the words of the source it may rest on, mostly one.

    `share` is how well it rests on them, from 0 to 1.
    """

    word: int
    weight: float
    there: tuple[int, ...]
    share: float


@dataclass(frozen=True)
class Pair:
    """A text and what it must agree with.

    `whole`: it says all of its source, as a translation does; otherwise the source is the article's sentence `index`, and the
    text may leave out what it will.
    """

    text: str
    language: str
    source: str
    source_language: str
    whole: bool
    index: int | None = None

    @cached_property
    def said(self) -> Words:
        return Words(self.text)

    @cached_property
    def origin(self) -> Words:
        return Words(self.source)

    @cached_property
    def found(self) -> list[Found]:
        """The words of content of the text, in order."""
        found = []
        for start, end in spans(self.text):
            word = self.text[start:end]
            if weight := self._how.weight(word):
                key, share = self._rest(word)
                found.append(Found(self.said.at(start), weight, tuple(self._places.get(key, ())), share))
        return found

    @cached_property
    def share(self) -> float:
        """How much of the text's content is found in the source."""
        return self.share_of(range(len(self.said)))

    def share_of(self, words: Collection[int]) -> float:
        """How much of the content of some words of the text, given by their numbers, is found in the source."""
        content = [found for found in self.found if found.word in words]
        total = sum(found.weight for found in content)
        return sum(found.share * found.weight for found in content) / total if total else 0.0

    def rests(self, word: str) -> float:
        """How surely a word of the text's language, content or not, rests on one of the source."""
        return self._rest(word)[1]

    def _rest(self, word: str) -> tuple[str, float]:
        """The likeliest of what a word can rest on that the source has, with its weight."""
        options = self._how.sources(word).items()
        return next(((key, share) for key, share in options if key in self._places), ("", 0.0))

    @cached_property
    def links(self) -> list[tuple[int, int]]:
        """Numbers of words of the text, each with that of a word of the source that it surely rests on."""
        return [(found.word, there) for found in self.found if found.share >= SURE for there in found.there]

    @cached_property
    def content(self) -> set[int]:
        """The numbers of the words of content of the source."""
        own = comparison(self.source_language, self.source_language, [self.source])
        return {self.origin.at(start) for start, end in spans(self.source) if own.weight(self.source[start:end])}

    def places(self, word: int) -> list[int]:
        """The numbers of all words of the source that the word of the text may rest on."""
        start, end = self.said.spans[word]
        keys = self._how.sources(self.text[start:end])
        return sorted({place for key in keys for place in self._places.get(key, ())})

    @cached_property
    def _how(self) -> Comparison:
        return comparison(self.language, self.source_language, [self.source])

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        """What can be found in the source, and the numbers of the words where it stands."""
        places: dict[str, list[int]] = {}
        for start, end in spans(self.source):
            for key in self._how.keys(self.source[start:end]):
                places.setdefault(key, []).append(self.origin.at(start))
        return places
