"""Units: a number that stands in the article with one unit only must not be said with another of its kind (weeks for months)."""

import re
import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files

from models.text.normalise import fold
from models.text.numbers import Quantity, agree

_NEXT = re.compile(r"[\s-]*(\w+)")


def other_unit(
    text: str, said: Sequence[Quantity], article: str, counts: Sequence[Quantity]
) -> Iterator[tuple[Quantity, str]]:
    """The quantities of `text` that the article only has with another unit of the same kind, with the article's words for it.

    `said` and `counts` are the quantities of the text and of the article.
    """
    for quantity in said:
        unit = _unit(text, quantity)
        if unit is None or quantity.weak:
            continue
        there = [(_unit(article, other), other) for other in counts if agree(quantity, other)]
        others = [other for known, other in there if known and known[0] == unit[0] and known != unit]
        if others and len(others) == len(there):
            yield quantity, article[others[0].start : _end(article, others[0])]


def is_unit(word: str) -> bool:
    """Whether numbers are given in `word`, a unit of time, length, weight or money."""
    folded = fold(word)
    return folded in _table() or folded.removeprefix("ل").removeprefix("ل").removeprefix("ال") in _table()


def _unit(text: str, quantity: Quantity) -> tuple[str, str] | None:
    """The kind of unit and the unit that the word after a number names, or the number's own last word ("يومين": two days)."""
    after = _NEXT.match(text, quantity.end)
    words: Sequence[str] = [text[quantity.start : quantity.end].split()[-1], *([after[1]] if after else [])]
    return next((unit for word in reversed(words) if (unit := _table().get(fold(word)))), None)


def _end(text: str, quantity: Quantity) -> int:
    after = _NEXT.match(text, quantity.end)
    return after.end() if after else quantity.end


@cache
def _table() -> dict[str, tuple[str, str]]:
    table = tomllib.loads((files("models.checks") / "units.toml").read_text(encoding="utf-8"))
    return {word: (kind, unit) for kind, units in table.items() for unit, words in units.items() for word in words}
