"""Units: a number that stands in the article with one unit only must not be said with another of its kind (weeks for months)."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from importlib.resources import files
from math import isclose
from typing import Any

from models.text.normalise import fold
from models.text.numbers import Quantity, agree

_LENGTHS = "length_of"
_CACHED = 1 << 13  # words
_SLACK = 0.03  # months and years are not all equally long
_ARTICLE = re.compile("^(?:[وفبك]?ال|لل)")
_WORDS = re.compile(r"\w+")
_NEXT = re.compile(r"[\s-]*(\w+)")
_WHOLE = re.compile(r"[\s-]*(?:of )?(?:an? )?(\w+)")  # what a part is of: "half a year", "a quarter of a century"


Unit = tuple[str, str]  # its kind, as "time", and its name
# Quantities by what they say, without their places; for each the units that it has in a text, with the first place of each.
Measured = Mapping[Quantity, Mapping[Unit | None, Quantity]]


def measured(text: str, quantities: Sequence[Quantity]) -> Measured:
    """What the quantities of a text measure."""
    found: dict[Quantity, dict[Unit | None, Quantity]] = {}
    for quantity in quantities:
        found.setdefault(replace(quantity, start=0, end=0), {}).setdefault(_unit(text, quantity), quantity)
    return found


def other_unit(
    text: str, said: Sequence[Quantity], article: str, known: Measured, times: Sequence[tuple[str, float]]
) -> Iterator[tuple[Quantity, str]]:
    """The quantities of `text` that the article only has with another unit of the same kind, with the article's words for it.

    `said` are the quantities of the text, `known` and `times` those of the article by `measured` and `durations`.
    """
    for quantity in said:
        unit = _unit(text, quantity)
        if unit is None or quantity.weak:
            continue
        there = {
            also: other for value, units in known.items() if agree(quantity, value) for also, other in units.items()
        }
        others = [other for also, other in there.items() if also and also[0] == unit[0] and also != unit]
        if others and len(others) == len(there) and not lasts(text, quantity, times):
            yield quantity, article[others[0].start : _end(article, others[0])]


def durations(text: str, counts: Sequence[Quantity]) -> list[tuple[str, float]]:
    """The units of time in a text, each with how long it lasts there in seconds: "عقدين" twenty years, a bare "century" one."""
    found = []
    rest = iter(counts)
    number = next(rest, None)
    end = 0  # of the word before
    for match in _WORDS.finditer(text):
        kind, unit = _named(match[0]) or ("", "")
        while number and number.end < (end or match.end()):
            number = next(rest, None)
        if kind == "time":
            beside = number and (number.end == end or number.start <= match.start() < number.end)
            found.append((unit, _times(number if beside else None) * _data()[_LENGTHS][unit]))
        end = match.end()
    return found


def lasts(text: str, quantity: Quantity, article: Sequence[tuple[str, float]]) -> bool:
    """Whether a quantity is the length of a time that the article gives in another unit."""
    kind, unit = _unit(text, quantity) or ("", "")
    if kind != "time":
        return False
    length = _times(quantity) * _data()[_LENGTHS][unit]
    return any(other != unit and isclose(length, there, rel_tol=_SLACK) for other, there in article)


def _times(quantity: Quantity | None) -> float:
    """How many of the unit: one where nothing is said, a part of one for "half"."""
    if quantity is None:
        return 1.0
    return (quantity.points or (1.0,))[0] / (100 if quantity.kind == "percent" else 1)


def time_unit(text: str, quantity: Quantity) -> str:
    """The unit of a quantity that is a length of time."""
    kind, unit = _unit(text, quantity) or ("", "")
    return unit if kind == "time" else ""


def is_unit(word: str) -> bool:
    """Whether numbers are given in `word`, a unit of time, length, weight or money."""
    return _named(word) is not None


def _unit(text: str, quantity: Quantity) -> Unit | None:
    """The kind of unit and the unit that the word after a number names, or one of its own ("يومين", "a year and a half")."""
    after = (_WHOLE if quantity.is_part else _NEXT).match(text, quantity.end)
    own = text[quantity.start : quantity.end].split() if quantity.kind == "count" else []
    return next((unit for word in (after[1] if after else "", *reversed(own)) if (unit := _named(word))), None)


@lru_cache(_CACHED)
def _named(word: str) -> Unit | None:
    """The kind of unit and the unit that a word names, also with the Arabic article and what is joined to it."""
    folded = fold(word)
    return next((_table()[form] for form in (folded, _ARTICLE.sub("", folded)) if form in _table()), None)


def _end(text: str, quantity: Quantity) -> int:
    after = _NEXT.match(text, quantity.end)
    return after.end() if after else quantity.end


@cache
def _data() -> dict[str, dict[str, Any]]:
    return tomllib.loads((files("models.checks") / "units.toml").read_text(encoding="utf-8"))


@cache
def _table() -> dict[str, Unit]:
    table = _data()
    return {
        word: (kind, unit)
        for kind, units in table.items()
        if kind != _LENGTHS
        for unit, words in units.items()
        for word in words
    }
