"""A sentence of a brief beside what it must agree with: the text it translates, and the article's sentences that it rests on."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from models.checks.grounds import align, content, origins, stemmed
from models.text.lexicon import Rest

_WORD = re.compile(r"\w+(?:['’-]\w+)*")
_SURE = 0.3  # weight from which on a word counts as found on the other side


class Words:
    """The words of a text, numbered."""

    def __init__(self, text: str) -> None:
        self.spans = [match.span() for match in _WORD.finditer(text)]
        self._starts = [start for start, _ in self.spans]

    def at(self, offset: int) -> int:
        """The number of the word at `offset`, or of the last one before it."""
        return max(0, bisect_right(self._starts, offset) - 1)


@dataclass(frozen=True)
class Pair:
    """A text and what it must agree with. `whole`: it says all of it, as a translation does; otherwise `index` is the article's
    sentence, and the text may leave out what it will."""

    text: str
    language: str
    source: str
    source_language: str
    whole: bool
    index: int | None = None

    @cached_property
    def rests(self) -> Sequence[Rest]:
        return align(self.text, self.language, self.source, self.source_language)

    @cached_property
    def said(self) -> Words:
        return Words(self.text)

    @cached_property
    def origin(self) -> Words:
        return Words(self.source)

    @cached_property
    def links(self) -> list[tuple[int, int]]:
        """Numbers of words of the text, each with that of the word of the source that it rests on."""
        return [
            (self.said.at(rest.start), self.origin.at(rest.source_start)) for rest in self.rests if rest.weight >= _SURE
        ]

    @cached_property
    def stems(self) -> list[str]:
        """The stem of each word of the source."""
        stems = [""] * len(self.origin.spans)
        for word in stemmed(self.source, self.source_language):
            stems[self.origin.at(word.start)] = word.stem
        return stems

    @cached_property
    def content(self) -> set[int]:
        """The numbers of the words of content of the source."""
        return {self.origin.at(word.start) for word in content(self.source, self.source_language)}

    def places(self, word: str) -> list[int]:
        """The numbers of all words of the source that may be what `word` of the text says."""
        stems = origins(word, self.language, self.source_language)
        return [number for number, stem in enumerate(self.stems) if stem in stems]
