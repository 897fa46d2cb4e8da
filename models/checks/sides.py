"""Two sides of a comparison: a text's cues of negation with the words that they hold for, and a source's, found like or not."""

from collections.abc import Collection, Sequence
from functools import cached_property
from typing import NamedTuple

from models.checks import cues
from models.checks.claim import Pair, Words
from models.checks.cues import Cue, Kind
from models.checks.phrases import CLAUSE, Match

_TURNING: tuple[Kind, ...] = ("negation", "denial", "soft")
_SCOPE: dict[Kind, int] = {"negation": 5, "denial": 9, "soft": 5}  # words after a cue that it holds for
_BEFORE, _AFTER = 3, 5  # words around a cue among which it finds its like
_WEAKER = 0.3  # what a soft cue counts as the like of a strong one
_BESIDE = (2, 2)  # the words around both for a strong and a soft one
_LAG = 2  # a word as far from both cues counts half, one that is further from one of them less
_CLOSE = 3  # words behind both cues among which a soft one and a strong one have the word that they turn
_PRECEDING = 4  # words before a cue that tell which passage it stands in
# Pairs of cues, and of words, that are compared; a text with more stammers, or has no full stop.
_MOST, _MOST_LINKS = 400, 4000


class Like(NamedTuple):
    """How alike two cues are: by the words that they hold for, and by those around them."""

    held: float
    near: int


class Side:
    """A text's cues of negation and the words that they hold for."""

    def __init__(self, text: str, language: str, words: Words) -> None:
        self.text = text
        self.language = language
        self._words = words
        found = cues.read(text, language)
        self.cues = [cue for cue in found if cue.kind in _TURNING]
        self.strong = [cue for cue in self.cues if cue.kind != "soft"]
        self.soft = [cue for cue in self.cues if cue.kind == "soft"]
        self.faint = [cue for cue in found if cue.kind == "faint"]
        self.affirming = [cue for cue in found if cue.kind == "affirmation"]

    def span(self, words: Collection[int]) -> tuple[int, int]:
        return self._words.spans[min(words)][0], self._words.spans[max(words)][1]

    def scope(self, cue: Cue) -> range:
        """The numbers of the words that a cue holds for, within its clause."""
        first = self._words.at(cue.end - 1) + 1
        stop = CLAUSE.search(self.text, cue.end)
        last = self._words.at(stop.start()) + 1 if stop else len(self._words)
        return range(first, min(first + _SCOPE[cue.kind], last))

    def before(self, cue: Cue) -> range:
        """The numbers of the words before a cue, within its clause."""
        first = self._words.at(cue.start)
        begin = max((stop.end() for stop in CLAUSE.finditer(self.text, 0, cue.start)), default=0)
        return range(max(first - _PRECEDING, self._words.after(begin)), first)

    def numbers(self, cue: Match) -> range:
        """The numbers of a cue's own words."""
        return range(self._words.at(cue.start), self._words.at(cue.end - 1) + 1)

    def words(self, cue: Match) -> list[str]:
        """A cue's own words."""
        return [self.text[slice(*self._words.spans[number])] for number in self.numbers(cue)]

    def turns(self, place: Match) -> bool:
        """Whether another cue holds for a place."""
        own = set(self.numbers(place))
        others = (cue for cue in self.strong if cue.end <= place.start or place.end <= cue.start)
        return any(not own.isdisjoint(self.scope(cue)) for cue in others)

    def phrase(self, cue: Cue) -> bool:
        """Whether a cue is of several words."""
        return len(self.numbers(cue)) > 1

    def around(self, cue: Match, reach: tuple[int, int] = (_BEFORE, _AFTER)) -> range:
        """The numbers of the words beside a cue, so many before and behind it, and its own."""
        return range(self._words.at(cue.start) - reach[0], self._words.at(cue.end - 1) + reach[1] + 1)


class Ground:
    """A source of the text with the cues of both, and which of them are each other's like."""

    def __init__(self, pair: Pair, said: Side) -> None:
        self.pair = pair
        self.said = said
        self.origin = Side(pair.source, pair.source_language, pair.origin)

    @cached_property
    def likes(self) -> dict[tuple[Cue, Cue], Like]:
        """How alike each cue of the text and each one of the source are."""
        return {(a, b): self._like(a, b) for a in self.said.cues for b in self.origin.cues}

    def most_like(self, cue: Cue, others: Sequence[Cue], here: bool) -> Like:
        """The like of a cue of the text (`here`) or of the source among some cues of the other side."""
        pairs = ((cue, other) if here else (other, cue) for other in others)
        return max((self.likes[pair] for pair in pairs), default=Like(0.0, 0))

    def shared(self, cue: Cue, others: Sequence[Cue], here: bool) -> float:
        """How much of what a cue of the text (`here`) or of the source holds for one of others on the other side holds for."""
        scope = (self.said if here else self.origin).scope(cue)
        content = {found.word for found in self.pair.found} if here else self.pair.content
        words = content.intersection(scope)
        links = self.pair.links if here else [(there, one) for one, there in self.pair.links]
        scopes = [(self.origin if here else self.said).scope(other) for other in others]
        found = ({one for one, there in links if one in words and there in held} for held in scopes)
        return max(map(len, found), default=0) / max(1, len(words))

    def rendered(self, cue: Match, here: bool) -> float:
        """How surely words of a cue of the text (`here`) or of the source rest on a word of the other side, or bear one there."""
        if here:
            return max(self.pair.rests(word) for word in self.said.words(cue))
        own = set(self.origin.numbers(cue))
        return max((found.share for found in self.pair.found if not own.isdisjoint(found.there)), default=0.0)

    def beside(self, cue: Cue, others: Sequence[Cue], here: bool) -> int:
        """How many words beside a cue of the text (`here`) or of the source are found beside the nearest of others there."""
        pairs = ((cue, other) if here else (other, cue) for other in others)
        return max((self.near(a, b) for a, b in pairs), default=0)

    def together(self, a: Cue, b: Cue) -> bool:
        """Whether words beside a cue of the text are found beside one of the source."""
        return self.near(a, b) > 0

    @cached_property
    def matched(self) -> tuple[set[Cue], set[Cue]]:
        """The cues of the text and those of the source that have their like; those that are most alike are matched first."""
        ranked = sorted((-self._likeness(a, b), a.start, b.start, a, b) for a, b in self.likes)
        matched: set[Cue] = set()
        found: set[Cue] = set()
        for score, _, _, a, b in ranked:
            soft = "soft" in (a.kind, b.kind)
            if (score or (self.pair.whole and not soft)) and a not in matched and b not in found:
                matched.add(a)
                found.add(b)
        return matched, found

    def _likeness(self, a: Cue, b: Cue) -> float:
        """How surely two cues are one: by the words that they hold for, and then by those around them."""
        held, near = self.likes[a, b]
        mixed = (a.kind == "soft") != (b.kind == "soft")
        return (held + near / 100) * (_WEAKER if mixed else 1)

    def _like(self, a: Cue, b: Cue) -> Like:
        one, other = self.said.scope(a), self.origin.scope(b)
        both = [(here, there) for here, there in self.pair.links if here in one and there in other]
        mixed = (a.kind == "soft") != (b.kind == "soft")
        turns = "negation" in (a.kind, b.kind) and not (self.said.phrase(a) or self.origin.phrase(b))
        if mixed and turns:  # "under pressure" is no like of "will not bow to pressure"
            both = [(here, there) for here, there in both if here - one.start < _CLOSE and there - other.start < _CLOSE]
        held = sum(1 / (_LAG + abs((here - one.start) - (there - other.start))) for here, there in both)
        return Like(held, self.near(a, b, _BESIDE if mixed else (_BEFORE, _AFTER)))

    def near(self, a: Match, b: Match, reach: tuple[int, int] = (_BEFORE, _AFTER)) -> int:
        """How many words around a cue of the text are found around one of the source."""
        here, there = self.said.around(a, reach), self.origin.around(b, reach)
        return sum(one in here and other in there for one, other in self.pair.links)


def comparable(said: Side, pair: Pair) -> bool:
    """Whether the text and a source have few enough cues and words in common to be compared, pair by pair."""
    return max(1, len(said.cues)) * max(1, turning(pair)) <= _MOST and len(pair.links) <= _MOST_LINKS


def turning(pair: Pair) -> int:
    """How many cues of negation the source has."""
    return sum(cue.kind in _TURNING for cue in cues.read(pair.source, pair.source_language))
