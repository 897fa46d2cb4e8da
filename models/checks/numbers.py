"""Numbers: each that a brief says must stand in the article, and beside the same thing as there."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from models.checks.claim import Pair
from models.checks.units import is_unit
from models.text import numbers
from models.text.numbers import Quantity, agree

_DIRECTION = re.compile(
    r"\b(?:(?P<start>from|من)|(?P<end>to|إلى|الى))"
    r"(?: (?:below|under|about|around|nearly|more than|over|ما دون|نحو|حوالي))?\s*[$€£]?$"
)
_CACHED = 1 << 10
_NOUN = 2  # words after a number among which what it counts is looked for
_BESIDE = 3  # words around a number on the other side within which that stands


@lru_cache(_CACHED)
def read(text: str, language: str) -> tuple[Quantity, ...]:
    """The quantities of a sentence, which is asked for them more than once."""
    return tuple(numbers.read(text, language))


def exchanged(pair: Pair, others: Sequence[Pair]) -> Iterator[tuple[Quantity, Quantity]]:
    """Quantities that stand beside another thing than in the source; with each the one that stands there in the source.

    `others`: other sentences that the text rests on, where such a quantity may stand beside the thing.
    """
    everything = read(pair.source, pair.source_language)
    source = _cardinals(pair.source, pair.source_language)
    said = _cardinals(pair.text, pair.language)
    for quantity in said if source else []:
        if swapped := _swapped(pair, quantity, everything):
            yield quantity, swapped
            continue
        counted = _counted(pair, quantity, said)
        if not counted or _stands(quantity, pair, said):
            continue
        borne_out = any(_stands(quantity, other, said) for other in others)
        for instead in source:
            if not agree(quantity, instead) and _distance(pair, instead, counted) < (2 if borne_out else _BESIDE):
                yield quantity, instead
                break


def _swapped(pair: Pair, quantity: Quantity, source: Sequence[Quantity]) -> Quantity | None:
    """The other end, where the source has the quantity as the start of a change and the text as its end, or the other way."""
    end = _end(pair.text, quantity)
    bearing = [other for other in source if agree(quantity, other)]
    if end and bearing and all(_end(pair.source, other) == -end for other in bearing):
        return next((other for other in source if _end(pair.source, other) == end), None)
    return None


def _end(text: str, quantity: Quantity) -> int:
    """Whether a quantity is what something changes from (-1) or to (1), by the word before it; 0 where that does not tell."""
    before = _DIRECTION.search(text[max(0, quantity.start - 20) : quantity.start])
    return 0 if before is None else -1 if before["start"] else 1


def _stands(quantity: Quantity, pair: Pair, said: Sequence[Quantity]) -> bool:
    """Whether the source has the quantity beside what it counts."""
    counted = _counted(pair, quantity, said)
    source = read(pair.source, pair.source_language)
    return any(
        agree(quantity, other) and (not counted or _distance(pair, other, counted) <= _BESIDE) for other in source
    )


def _cardinals(text: str, language: str) -> list[Quantity]:
    found = read(text, language)
    return [quantity for quantity in found if quantity.kind == "count" and not quantity.weak]


def _counted(pair: Pair, quantity: Quantity, said: Sequence[Quantity]) -> list[int]:
    """Every word of the source that may be what `quantity` counts: it follows at once, perhaps after a word that describes it."""
    last = pair.said.at(quantity.end - 1)
    numbered = {pair.said.at(other.start) for other in said if other is not quantity}
    content = {found.word for found in pair.found}
    for word in range(last + 1, last + 1 + _NOUN):
        if word in numbered or word not in content or is_unit(pair.text[slice(*pair.said.spans[word])]):
            return []
        if places := pair.places(word):
            return places
    return []


def _distance(pair: Pair, quantity: Quantity, words: Sequence[int]) -> int:
    first, last = pair.origin.at(quantity.start), pair.origin.at(quantity.end - 1)
    return min(max(first - word, word - last, 0) for word in words)
