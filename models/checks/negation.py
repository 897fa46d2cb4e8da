"""Negation and denial: nothing may be denied that the source affirms, nor affirmed that it denies.

A cue of negation holds for the words beside it. Each cue of one side looks for a cue of the other whose words translate its own.
How surely one without its like was added, or lost, depends on much: how closely the text follows the source, which of the words
beside the cue are found there, and which cue it is. `judge.py` weighs what is measured here.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from models.checks import cues
from models.checks.claim import SURE, Pair, Words
from models.checks.cues import Cue, Kind
from models.checks.judge import judge

_STRONG: tuple[Kind, ...] = ("negation", "denial")
_SCOPE: dict[Kind, int] = {"negation": 5, "denial": 9, "soft": 5}  # words after a cue that it holds for
_BEFORE, _AFTER = 3, 5  # words around a cue among which it finds its like
_WEAKER = 0.3  # what a soft cue counts as the like of a strong one
_BESIDE = (2, 2)  # the same for a strong and a soft one
_LAG = 2  # a word as far from both cues counts half, one that is further from one of them less
_CLOSE = 3  # words behind both cues among which a soft one and a strong one have the word that they turn
_CONTEXT = (5, 4)  # words before a cue of the text, and of the source, that tell which passage it stands in
_BARE = (3, 6)  # words before a cue and behind it that are not bare of it
_WIDEST = 30  # words between those of a passage, more are as many
_CLAUSE = re.compile(r"[،؛؟,;:?!.](?!\d)")
# Pairs of cues, and of words, that are compared; a text with more stammers, or has no full stop.
_MOST, _MOST_LINKS = 400, 4000


@dataclass(frozen=True, slots=True)
class Turned:
    """A negation of one side only: the place in the text, whether it was added, and the sentence that speaks against it."""

    start: int
    end: int
    added: bool
    index: int | None


@dataclass(frozen=True, slots=True)
class Doubt:
    """A cue of negation that may be of one side only, and what speaks for that and against it, by name."""

    turned: Turned
    cue: str
    signs: dict[str, float]


class Like(NamedTuple):
    """How alike two cues are: by the words that they hold for, and by those around them."""

    held: float
    near: int


class Side:
    """A text's cues of negation and the words that they hold for."""

    def __init__(self, text: str, language: str, words: Words) -> None:
        self.text = text
        self._words = words
        found = cues.read(text, language)
        self.cues = [cue for cue in found if cue.kind in (*_STRONG, "soft")]
        self.strong = [cue for cue in self.cues if cue.kind in _STRONG]
        self.soft = [cue for cue in self.cues if cue.kind == "soft"]
        self.faint = [cue for cue in found if cue.kind == "faint"]
        self.affirming = [cue for cue in found if cue.kind == "affirmation"]

    def span(self, words: Collection[int]) -> tuple[int, int]:
        return self._words.spans[min(words)][0], self._words.spans[max(words)][1]

    def scope(self, cue: Cue) -> range:
        """The numbers of the words that a cue holds for, within its clause."""
        first = self._words.at(cue.end - 1) + 1
        stop = _CLAUSE.search(self.text, cue.end)
        last = self._words.at(stop.start()) + 1 if stop else len(self._words)
        return range(first, min(first + _SCOPE[cue.kind], last))

    def before(self, cue: Cue) -> range:
        """The numbers of the words before a cue, within its clause."""
        first = self._words.at(cue.start)
        begin = max((stop.end() for stop in _CLAUSE.finditer(self.text, 0, cue.start)), default=0)
        return range(max(first - _CONTEXT[1], self._words.after(begin)), first)

    def numbers(self, cue: Cue) -> range:
        """The numbers of a cue's own words."""
        return range(self._words.at(cue.start), self._words.at(cue.end - 1) + 1)

    def phrase(self, cue: Cue) -> bool:
        """Whether a cue is of several words."""
        return len(self.numbers(cue)) > 1

    def around(self, cue: Cue, reach: tuple[int, int] = (_BEFORE, _AFTER)) -> range:
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

    def rendered(self, cue: Cue, here: bool) -> float:
        """How surely words of a cue of the text (`here`) or of the source rest on a word of the other side, or bear one there."""
        if here:
            return max(self.pair.rests(word) for word in self.said.numbers(cue))
        own = set(self.origin.numbers(cue))
        return max((found.share for found in self.pair.found if not own.isdisjoint(found.there)), default=0.0)

    def beside(self, cue: Cue, others: Sequence[Cue], here: bool) -> int:
        """How many words beside a cue of the text (`here`) or of the source are found beside the nearest of others there."""
        pairs = ((cue, other) if here else (other, cue) for other in others)
        return max((self._near(a, b, (_BEFORE, _AFTER)) for a, b in pairs), default=0)

    def together(self, a: Cue, b: Cue) -> bool:
        """Whether words beside a cue of the text are found beside one of the source."""
        return self._near(a, b, (_BEFORE, _AFTER)) > 0

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
        return Like(held, self._near(a, b, _BESIDE if mixed else (_BEFORE, _AFTER)))

    def _near(self, a: Cue, b: Cue, reach: tuple[int, int]) -> int:
        """How many words around a cue of the text are found around one of the source."""
        here, there = self.said.around(a, reach), self.origin.around(b, reach)
        return sum(one in here and other in there for one, other in self.pair.links)


def turned(pairs: Sequence[Pair], others: Sequence[Pair] = ()) -> Iterator[Turned]:
    """The negations of a text that none of its sources has, and those of a source that the text lost.

    `pairs` are all of one text, the best source first; `others` are the text and sources that it rests on less, where something
    may be denied, too.
    """
    for doubt in doubts(pairs, others):
        if judge("negation").convinced("added" if doubt.turned.added else "lost", doubt.cue, doubt.signs):
            yield doubt.turned


def doubts(pairs: Sequence[Pair], others: Sequence[Pair] = ()) -> Iterator[Doubt]:
    """Each cue of the text, and each of its sources that holds for something that the text says."""
    if not pairs:
        return
    said = Side(pairs[0].text, pairs[0].language, pairs[0].said)
    grounds = [Ground(pair, said) for pair in pairs if _comparable(said, pair)]
    if not said.strong and not any(ground.origin.strong for ground in grounds):
        return
    for cue in said.strong if grounds else ():
        yield _added(cue, said, grounds, others)
    covered: set[int] = set()  # words that rest on a better source
    for rank, ground in enumerate(grounds):
        for cue in ground.origin.strong:
            if doubt := _lost(cue, ground, rank, covered):
                yield doubt
        covered |= {here for here, _ in ground.pair.links}


def _comparable(said: Side, pair: Pair) -> bool:
    return max(1, len(said.cues)) * max(1, _turning(pair)) <= _MOST and len(pair.links) <= _MOST_LINKS


def _turning(pair: Pair) -> int:
    """How many cues of negation the source has."""
    return sum(cue.kind in (*_STRONG, "soft") for cue in cues.read(pair.source, pair.source_language))


def _added(cue: Cue, said: Side, grounds: Sequence[Ground], others: Sequence[Pair]) -> Doubt:
    """What tells whether a cue of the text was added: what its sources say of what it denies, and which cues they have."""
    signs = max((_denied(cue, ground) for ground in grounds), key=lambda found: found["denied"] + found["first"])
    strong = max(ground.most_like(cue, ground.origin.strong, here=True) for ground in grounds)
    soft = max(ground.most_like(cue, ground.origin.soft, here=True) for ground in grounds)
    alone = not any(ground.origin.cues for ground in grounds)
    matched = any(cue in ground.matched[0] for ground in grounds)
    signs |= _elsewhere(cue, said, () if matched else others)
    signs |= {
        "rendered": max(ground.rendered(cue, here=True) for ground in grounds),
        "whole": float(grounds[0].pair.whole),
        "alone": float(alone),
        "alone in a whole": float(alone and grounds[0].pair.whole),
        "alone retold": alone * signs["retold there"] ** 4,
        "retold": grounds[0].pair.share,
        "denial": float(cue.kind == "denial"),
        "phrase": float(said.phrase(cue)),
        "others here": min(2.0, len(said.strong) - 1),
        "matched": float(matched),
        "alike": strong.held,
        "near": min(strong.near, 3.0),
        "alike soft": soft.held,
        "near soft": min(soft.near, 3.0),
        "near faint": min(3.0, max(ground.beside(cue, ground.origin.faint, here=True) for ground in grounds)),
        "sources with cues": float(sum(bool(ground.origin.strong) for ground in grounds)),
        "sources with soft cues": float(sum(bool(ground.origin.soft) for ground in grounds)),
        "affirmed there": float(any(_affirmed_there(cue, ground) for ground in grounds)),
        "free there": min(2.0, sum(b not in ground.matched[1] for ground in grounds for b in ground.origin.strong)),
    }
    return Doubt(Turned(cue.start, cue.end, True, grounds[0].pair.index), cue.phrase, signs)


def _bare(links: Iterable[tuple[int, int]], scope: range, other: Side) -> bool:
    """Whether the first words that a cue holds for and that the other side has stand there without a cue beside them.

    `links` are numbers of words of the cue's side, each with that of one of the other side.
    """
    found = sorted((one, place) for one, place in links if one in scope)
    places = [place for one, place in found if one == found[0][0]]
    return bool(places) and not any(place in other.around(cue, _BARE) for place in places for cue in other.cues)


def _elsewhere(cue: Cue, said: Side, others: Sequence[Pair]) -> dict[str, float]:
    """How alike a cue of the text is to any of other sources."""
    grounds = [Ground(pair, said) for pair in others if _turning(pair) and _comparable(said, pair)]
    strong = [ground.most_like(cue, ground.origin.strong, here=True) for ground in grounds]
    soft = [ground.most_like(cue, ground.origin.soft, here=True) for ground in grounds]
    return {
        "elsewhere": max((like.held for like in strong), default=0.0),
        "near elsewhere": min(max((like.near for like in strong), default=0), 3.0),
        "soft elsewhere": max((like.held for like in soft), default=0.0),
    }


def _denied(cue: Cue, ground: Ground) -> dict[str, float]:
    """How surely a source has the words that a cue of the text denies, and those before it."""
    pair, scope = ground.pair, ground.said.scope(cue)
    shares = [found.share for found in pair.found if found.word in scope]
    return {
        "first": shares[0] if shares else 0.0,
        "second": shares[1] if len(shares) > 1 else 0.0,
        "denied": pair.share_of(scope),
        "denied words": min(5.0, len(shares)),
        "found words": float(sum(share >= SURE for share in shares)),
        "before": pair.share_of(range(scope.start - _CONTEXT[0], scope.start)),
        "retold there": pair.share,
        "bare": float(_bare(pair.links, scope, ground.origin)),
    }


def _lost(cue: Cue, ground: Ground, rank: int, covered: Collection[int]) -> Doubt | None:
    """What tells whether the text lost a cue of its source: how much of what it holds for the text says, and where."""
    pair, said, origin = ground.pair, ground.said, ground.origin
    scope = origin.scope(cue)
    words = {here for here, there in pair.links if there in scope}
    opposite = _affirmed(cue, ground)
    near = {here for here, there in pair.links if there in origin.before(cue)}
    if words or near:
        place = said.span((words or near) - set(covered) or words or near)
    elif opposite:
        place = opposite.start, opposite.end
    else:
        return None
    strong, soft = ground.most_like(cue, said.strong, here=False), ground.most_like(cue, said.soft, here=False)
    signs = _said_of(cue, ground, words) | {
        "whole": float(pair.whole),
        "alone": float(not said.cues),
        "alone in a whole": float(pair.whole and not said.cues),
        "alone retold": (not said.cues) * pair.share**4,
        "retold": pair.share,
        "rank": float(rank),
        "denial": float(cue.kind == "denial"),
        "phrase": float(origin.phrase(cue)),
        "rendered": ground.rendered(cue, here=False),
        "matched": float(cue in ground.matched[1]),
        "alike": strong.held,
        "near": min(strong.near, 3.0),
        "alike soft": soft.held,
        "near soft": min(soft.near, 3.0),
        "near faint": min(3.0, ground.beside(cue, said.faint, here=False)),
        "cues here": min(2.0, len(said.strong)),
        "soft cues here": min(2.0, len(said.soft)),
        "others there": min(2.0, len(origin.strong) - 1),
        "near words": min(3.0, len(near)),
        "spread": min(_WIDEST, max(words | near) - min(words | near)) / _WIDEST if words else 1.0,
        "covered": len(words & set(covered)) / len(words) if words else 0.0,
        "affirmed": float(opposite is not None),
    }
    return Doubt(Turned(*place, False, pair.index), cue.phrase, signs)


def _said_of(cue: Cue, ground: Ground, words: Collection[int]) -> dict[str, float]:
    """How much the text says of what a cue of the source holds for; `words` are those by which it says it."""
    pair, scope = ground.pair, ground.origin.scope(cue)
    content = [word for word in scope if word in pair.content]
    found = {there for _, there in pair.links if there in scope}
    return {
        "words": min(4.0, len(words)),
        "held": min(4.0, len(content)),
        "said": len(found) / len(content) if content else 0.0,
        "first": float(bool(content) and content[0] in found),
        "surest": max((found.share for found in pair.found if found.word in words), default=0.0),
        "bare": float(_bare(((there, here) for here, there in pair.links), scope, ground.said)),
        "dense": pair.share_of(range(min(words) - 2, max(words) + 3)) if words else 0.0,
    }


def _affirmed(cue: Cue, ground: Ground) -> Cue | None:
    """What affirms in the text what a denial in the source is about."""
    if cue.kind != "denial":
        return None
    there = ground.origin.affirming
    own = [a for a in ground.said.affirming if not any(ground.together(a, b) for b in there)]
    return next((a for a in own if ground.together(a, cue)), None)


def _affirmed_there(cue: Cue, ground: Ground) -> bool:
    """Whether the source affirms what a cue of the text denies, and the text does not affirm it too."""
    here = ground.said.affirming
    own = [b for b in ground.origin.affirming if not any(ground.together(a, b) for a in here)]
    return any(ground.together(cue, b) for b in own)
