"""Negation and denial: nothing may be denied that the source affirms, nor affirmed that it denies.

A cue of negation holds for the words beside it. Each cue of one side looks for a cue of the other whose words translate its own; one
whose words are found but no cue of theirs was added, or lost.
"""

import re
from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from models.checks.grounds import align
from models.text import cues
from models.text.cues import Cue, Kind

_BEFORE, _AFTER = 3, 5  # words around a cue among which it finds its like
_STRONG: tuple[Kind, ...] = ("negation", "denial")
_SCOPE: dict[Kind, int] = {"negation": 5, "denial": 9, "soft": 5}  # words after a cue that it holds for
_ENOUGH = 2  # words of a negated passage that must be said again, where a source is said only in part
_SURE = 0.3  # weight from which on a word counts as found on the other side
_CLAUSE = re.compile(r"[،؛؟,;:?!.](?!\d)")
_WORD = re.compile(r"\w+(?:['’-]\w+)*")

Links = Sequence[tuple[int, int]]
"""Numbers of words of one side, each with that of the word of the other side that it rests on."""


@dataclass(frozen=True, slots=True)
class Turned:
    """A negation of one side without one on the other: the place in the text, and whether it was added to what the source says."""

    start: int
    end: int
    added: bool


class Side:
    """A text with its words numbered and its cues of negation."""

    def __init__(self, text: str, language: str) -> None:
        self._text = text
        self._spans = [match.span() for match in _WORD.finditer(text)]
        self._starts = [start for start, _ in self._spans]
        self.cues = [cue for cue in cues.read(text, language) if cue.kind in (*_STRONG, "soft")]

    @property
    def strong(self) -> bool:
        return any(cue.kind in _STRONG for cue in self.cues)

    def word(self, offset: int) -> int:
        """The number of the word at `offset`."""
        return max(0, bisect_right(self._starts, offset) - 1)

    def span(self, words: Collection[int]) -> tuple[int, int]:
        return self._spans[min(words)][0], self._spans[max(words)][1]

    def scope(self, cue: Cue) -> range:
        """The numbers of the words that a cue holds for."""
        first = self.word(cue.end - 1) + 1
        return range(first, min(first + _SCOPE[cue.kind], self._ends_clause(first)))

    def _ends_clause(self, first: int) -> int:
        """The number of the first word after a mark that ends the clause which the word `first` is in."""
        stop = _CLAUSE.search(self._text, self._spans[first][0] if first < len(self._spans) else len(self._text))
        return self.word(stop.start()) + 1 if stop else len(self._spans)

    def around(self, cue: Cue) -> range:
        """The numbers of the words beside a cue, and its own."""
        return range(self.word(cue.start) - _BEFORE, self.word(cue.end - 1) + _AFTER + 1)


def turned(
    text: str, language: str, sources: Sequence[str], source_language: str, *, whole: bool
) -> Iterator[Turned]:
    """The negations of `text` that none of its `sources` has, and those of a source that `text` lost.

    `whole`: the one source is the text's original, said word for word; otherwise `sources` are sentences that it rests on in part.
    """
    said, enough = Side(text, language), 1 if whole else _ENOUGH
    added: dict[int, bool] = {}
    covered: set[int] = set()  # words that rest on a better source
    for source in sources:
        origin = Side(source, source_language)
        if not said.strong and not origin.strong:
            continue
        rests = align(text, language, source, source_language)
        links = [(said.word(rest.start), origin.word(rest.source_start)) for rest in rests if rest.weight >= _SURE]
        left, lost = _unmatched(said, origin, links, whole)
        for index, cue in enumerate(said.cues):
            if cue.kind in _STRONG and index not in left:
                added[index] = False
            elif any(here in said.scope(cue) for here, _ in links):
                added.setdefault(index, cue.kind in _STRONG)
        for cue in (origin.cues[index] for index in lost):
            words = {here for here, there in links if there in origin.scope(cue)} - covered
            if len(words) >= enough:
                yield Turned(*said.span(words), False)
        covered |= {here for here, _ in links}
    yield from (Turned(said.cues[index].start, said.cues[index].end, True) for index, is_new in added.items() if is_new)


def _unmatched(said: Side, origin: Side, links: Links, whole: bool) -> tuple[list[int], list[int]]:
    """The numbers of the strong cues of each side that have no like: pairs with most links between their words are matched first."""
    pairs = sorted(
        (
            (-sum(here in said.around(a) and there in origin.around(b) for here, there in links), i, j)
            for i, a in enumerate(said.cues)
            for j, b in enumerate(origin.cues)
        )
    )
    matched_said: set[int] = set()
    matched_origin: set[int] = set()
    for score, i, j in pairs:
        if (score or whole) and i not in matched_said and j not in matched_origin:
            matched_said.add(i)
            matched_origin.add(j)
    return (
        [i for i, cue in enumerate(said.cues) if cue.kind in _STRONG and i not in matched_said],
        [j for j, cue in enumerate(origin.cues) if cue.kind in _STRONG and j not in matched_origin],
    )
