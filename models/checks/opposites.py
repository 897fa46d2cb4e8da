"""Opposites: what the source says is banned is not allowed. The words are data, a file a language.

Both sides of a matter may be true of different things, and one that is negated says the other: how near the two stand to what the
text and its source have in common, and what turns them, is for the judge to weigh.
"""

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import product

from models.checks.cues import Cue
from models.checks.judge import Doubt
from models.checks.phrases import Match, Table
from models.checks.sides import Ground, Side

_TABLES = files("models.checks")
_CACHED = 1 << 10
_AROUND = (5, 5)  # words around two opposites among which they have common ones
_BESIDE = (2, 2)  # and those that stand beside them
_HELD = 3  # words behind a cue that it surely holds for
_MOST = 200  # pairs of words that are compared

Sides = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, order=True)
class Pole(Match):
    """A phrase that takes a side of one or more matters, each given with its side: `one` or the `other`."""

    sides: Sides

    def opposed(self, pole: "Pole") -> str:
        """The first matter of which the other pole takes the other side, or nothing."""
        taken = dict(pole.sides)
        return next((matter for matter, side in self.sides if taken.get(matter, side) != side), "")

    def joins(self, pole: "Pole", matter: str) -> bool:
        """Whether the other pole takes the same side of a matter."""
        side = dict(self.sides)[matter]
        return dict(pole.sides).get(matter) == side


@lru_cache(_CACHED)
def read(text: str, language: str) -> tuple[Pole, ...]:
    """The poles of a text in order; none for a language without a table."""
    if not (_TABLES / f"opposites.{language}.toml").is_file():
        return ()
    return tuple(sorted(Pole(at.start, at.end, at.phrase, sides) for sides, at in _table(language).read(text)))


def doubts(said: Side, grounds: Sequence[Ground]) -> Iterator[Doubt]:
    """Each word of the text whose opposite stands in its sources, with that which has most around it in common."""
    here = read(said.text, said.language)
    there = [read(ground.pair.source, ground.pair.source_language) for ground in grounds]
    if len(here) * max(map(len, there), default=0) > _MOST:
        return
    for pole in here:
        found = [
            (-ground.near(pole, other, _AROUND), rank, other.start, other, ground)
            for rank, (ground, others) in enumerate(zip(grounds, there, strict=True))
            for other in others
            if pole.opposed(other)
        ]
        if found:
            _, rank, _, other, ground = min(found, key=lambda one: one[:3])
            matter = pole.opposed(other)
            alike = any(pole.joins(one, matter) for others in there for one in others)
            yield Doubt(
                "opposed",
                pole.start,
                pole.end,
                ground.pair.index,
                matter,
                _signs(pole, other, matter, ground) | {"rank": float(rank), "said there": float(alike)},
            )


def answers(cue: Cue, ground: Ground, here: bool) -> bool:
    """Whether the first words that a cue of the text (`here`) or of the source holds for have their opposite on the other side.

    "لم يفتح" (has not opened) and "closed" say the same, unless that is turned, too, or the other side has "opened" as well.
    """
    said, origin = _poles(ground)
    own, others = (said, origin) if here else (origin, said)
    side, other_side = (ground.said, ground.origin) if here else (ground.origin, ground.said)
    if len(own) * len(others) > _MOST:
        return False
    scope = side.scope(cue)[:_HELD]
    held = [pole for pole in own if not set(side.numbers(pole)).isdisjoint(scope)]
    return any(
        (matter := pole.opposed(other))
        and not other_side.turns(other)
        and not any(pole.joins(one, matter) for one in others)
        for pole, other in product(held, others)
    )


def _poles(ground: Ground) -> tuple[Sequence[Pole], Sequence[Pole]]:
    pair = ground.pair
    return read(pair.text, pair.language), read(pair.source, pair.source_language)


def _signs(pole: Pole, other: Pole, matter: str, ground: Ground) -> dict[str, float]:
    """What tells whether the text says the opposite of what its source says."""
    said, origin = _poles(ground)
    pair = ground.pair
    alike = [one for one in origin if pole.joins(one, matter)]
    opposite = [one for one in said if other.joins(one, matter)]
    here, there = ground.said.turns(pole), ground.origin.turns(other)
    return {
        "near": min(4.0, ground.near(pole, other, _AROUND)),
        "beside": min(3.0, ground.near(pole, other, _BESIDE)),
        "rendered": ground.rendered(pole, here=True),
        "rendered there": ground.rendered(other, here=False),
        "alike": float(bool(alike)),
        "near alike": min(3.0, max((ground.near(pole, one, _AROUND) for one in alike), default=0)),
        "opposite": float(bool(opposite)),
        "near opposite": min(3.0, max((ground.near(one, other, _AROUND) for one in opposite), default=0)),
        "turned here": float(here),
        "turned there": float(there),
        "turned once": float(here != there),
        "dense": pair.share_of(range(min(ground.said.numbers(pole)) - 3, max(ground.said.numbers(pole)) + 4)),
        "retold": pair.share,
        "whole": float(pair.whole),
        "retold alone": pair.share * (not alike),
        "whole alone": float(pair.whole and not alike),
    }


@cache
def _table(language: str) -> Table[Sides]:
    data = tomllib.loads((_TABLES / f"opposites.{language}.toml").read_text(encoding="utf-8"))
    phrases: dict[Sides | None, list[str]] = {None: data.pop("none")}
    sides: dict[str, Sides] = {}
    for (matter, words), side in product(data.items(), ("one", "other")):
        for phrase in words[side]:
            sides[phrase] = (*sides.get(phrase, ()), (matter, side))
    for phrase, taken in sides.items():
        phrases.setdefault(taken, []).append(phrase)
    return Table(language, [phrases])
