"""Negation and denial: nothing may be denied that the source affirms, nor affirmed that it denies.

A cue of negation holds for the words beside it. Each cue of one side looks for a cue of the other whose words translate its own;
one whose words are found but no cue of theirs was added, or lost.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from models.checks import cues
from models.checks.claim import RETOLD, Pair, Words
from models.checks.cues import Cue, Kind

_STRONG: tuple[Kind, ...] = ("negation", "denial")
_SCOPE: dict[Kind, int] = {"negation": 5, "denial": 9, "soft": 5}  # words after a cue that it holds for
_BEFORE, _AFTER = 3, 5  # words around a cue among which it finds its like
_WEAKER = 0.3  # what a soft cue counts as the like of a strong one
_BESIDE = (2, 2)  # the same for a strong and a soft one
_LAG = 2  # a word as far from both cues counts half, one that is further from one of them less
_CLOSE = 3  # words behind both cues among which a soft one and a strong one have the word that they turn
_CONTEXT = 4  # words before a cue that tell which passage of the text says the same
_SPAN = 12  # words of the text within which it says that
_ENOUGH = 2  # words of a negated passage that must be said again, where a source is said only in part
_CLAUSE = re.compile(r"[،؛؟,;:?!.](?!\d)")
_MOST = 400  # pairs of cues that are compared; a text with more stammers, or has no full stop


@dataclass(frozen=True, slots=True)
class Turned:
    """A negation of one side only: the place in the text, whether it was added, and the sentence that speaks against it."""

    start: int
    end: int
    added: bool
    index: int | None


class Side:
    """A text's cues of negation and the words that they hold for."""

    def __init__(self, text: str, language: str, words: Words) -> None:
        self._text = text
        self._words = words
        found = cues.read(text, language)
        self.cues = [cue for cue in found if cue.kind in (*_STRONG, "soft")]
        self.affirming = [cue for cue in found if cue.kind == "affirmation"]

    @property
    def strong(self) -> bool:
        return any(cue.kind in _STRONG for cue in self.cues)

    def span(self, words: Collection[int]) -> tuple[int, int]:
        return self._words.spans[min(words)][0], self._words.spans[max(words)][1]

    def scope(self, cue: Cue) -> range:
        """The numbers of the words that a cue holds for, within its clause."""
        first = self._words.at(cue.end - 1) + 1
        stop = _CLAUSE.search(self._text, cue.end)
        last = self._words.at(stop.start()) + 1 if stop else len(self._words)
        return range(first, min(first + _SCOPE[cue.kind], last))

    def phrase(self, cue: Cue) -> bool:
        """Whether a cue is of several words."""
        return self._words.at(cue.start) != self._words.at(cue.end - 1)

    def around(self, cue: Cue, reach: tuple[int, int] = (_BEFORE, _AFTER)) -> range:
        """The numbers of the words beside a cue, so many before and behind it, and its own."""
        return range(self._words.at(cue.start) - reach[0], self._words.at(cue.end - 1) + reach[1] + 1)


def turned(pairs: Sequence[Pair]) -> Iterator[Turned]:
    """The negations of a text that none of its sources has, and those of a source that the text lost.

    `pairs` are all of one text, the best source first.
    """
    if not pairs:
        return
    said = Side(pairs[0].text, pairs[0].language, pairs[0].said)
    added: dict[int, bool] = {}
    covered: set[int] = set()  # words that rest on a better source
    for pair in pairs:
        origin = Side(pair.source, pair.source_language, pair.origin)
        if not said.strong and not origin.strong:
            continue
        if len(said.cues) * len(origin.cues) > _MOST:
            continue
        matched, lost = _matched(said, origin, pair)
        for number, cue in enumerate(said.cues):
            if cue.kind in _STRONG and number in matched:
                added[number] = False
            elif cue.kind in _STRONG and _affirms(cue, said, pair):
                added.setdefault(number, True)
        for cue in (origin.cues[number] for number in lost):
            words = _said_of(cue, origin, pair) - covered
            if words:
                yield Turned(*said.span(words), False, pair.index)
            elif opposite := _affirmed(cue, said, origin, pair):
                yield Turned(opposite.start, opposite.end, False, pair.index)
        covered |= {here for here, _ in pair.links}
    for number, is_new in added.items():
        if is_new:
            yield Turned(said.cues[number].start, said.cues[number].end, True, pairs[0].index)


def _affirms(cue: Cue, said: Side, pair: Pair) -> bool:
    """Whether the source says, without denying it, what a cue of the text denies: a word of it where both say much the same.

    Elsewhere two words, or one of the first two that are denied. A refusal is often told in other words: it needs the same.
    """
    if cue.kind == "denial" and not pair.whole and pair.share < RETOLD:
        return False
    scope = said.scope(cue)
    found = {here for here, _ in pair.links if here in scope}
    if pair.whole or pair.share >= RETOLD or len(found) >= _ENOUGH:
        return bool(found)
    content = [found.word for found in pair.found if found.word in scope]
    return any(word in found for word in content[:_ENOUGH])


def _said_of(cue: Cue, origin: Side, pair: Pair) -> set[int]:
    """The words by which the text says what a cue of the source holds for; none where too little of it is said."""
    scope = origin.scope(cue)
    words = {here for here, there in pair.links if there in scope}
    if pair.whole:
        return words
    content = [word for word in scope if word in pair.content]
    found = {there for _, there in pair.links if there in scope}
    if pair.share >= RETOLD and content:
        return words if len(found) >= len(content) / 2 else set()
    if cue.kind == "negation" and content and content[0] not in found:
        near = {here for here, there in pair.links if there in origin.around(cue, (_CONTEXT, 0))}
        both = words | near
        if not words or len(both) <= _ENOUGH or max(both) - min(both) > _SPAN or not near:
            return set()
        return words
    return words if len(words) >= _ENOUGH and len(found) > len(content) / 2 else set()


def _affirmed(cue: Cue, said: Side, origin: Side, pair: Pair) -> Cue | None:
    """What affirms in the text what a denial in the source is about."""
    if cue.kind != "denial":
        return None
    own = [a for a in said.affirming if not any(_together(a, b, said, origin, pair) for b in origin.affirming)]
    return next((a for a in own if _together(a, cue, said, origin, pair)), None)


def _together(a: Cue, b: Cue, said: Side, origin: Side, pair: Pair) -> bool:
    """Whether words beside a cue of the text are found beside one of the source."""
    here, there = said.around(a), origin.around(b)
    return any(one in here and other in there for one, other in pair.links)


def _matched(said: Side, origin: Side, pair: Pair) -> tuple[set[int], list[int]]:
    """The numbers of the cues of the text that have their like, and of the strong cues of the source that have none.

    Those that are most alike are matched first.
    """
    matches = sorted(
        (-_likeness(a, b, said, origin, pair), i, j) for i, a in enumerate(said.cues) for j, b in enumerate(origin.cues)
    )
    matched: set[int] = set()
    found: set[int] = set()
    for score, i, j in matches:
        soft = "soft" in (said.cues[i].kind, origin.cues[j].kind)
        if (score or (pair.whole and not soft)) and i not in matched and j not in found:
            matched.add(i)
            found.add(j)
    return matched, [j for j, cue in enumerate(origin.cues) if cue.kind in _STRONG and j not in found]


def _likeness(a: Cue, b: Cue, said: Side, origin: Side, pair: Pair) -> float:
    """How surely two cues are one: by the words that they hold for, and then by those around them."""
    one, other = said.scope(a), origin.scope(b)
    both = [(here, there) for here, there in pair.links if here in one and there in other]
    mixed = (a.kind == "soft") != (b.kind == "soft")
    turns = "negation" in (a.kind, b.kind) and not (said.phrase(a) or origin.phrase(b))
    if mixed and turns:  # "under pressure" is no like of "will not bow to pressure"
        both = [(here, there) for here, there in both if here - one.start < _CLOSE and there - other.start < _CLOSE]
    held = sum(1 / (_LAG + abs((here - one.start) - (there - other.start))) for here, there in both)
    here_near, there_near = (
        (said.around(a, _BESIDE), origin.around(b, _BESIDE)) if mixed else (said.around(a), origin.around(b))
    )
    near = sum(here in here_near and there in there_near for here, there in pair.links)
    return (held + near / 100) * (_WEAKER if mixed else 1)
