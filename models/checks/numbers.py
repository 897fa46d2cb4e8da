"""Numbers: each that a brief says must stand in the article, and beside the same thing as there."""

from collections.abc import Iterator, Sequence

from models.checks.claim import Pair
from models.text import numbers
from models.text.numbers import Quantity, agree

_NOUN = 3  # words after a number among which what it counts is looked for
_BESIDE = 3  # words around a number on the other side within which that stands


def unknown(text: str, language: str, article: Sequence[Quantity]) -> list[Quantity]:
    """The quantities of `text` that no quantity of the article bears out."""
    return numbers.unsupported(numbers.read(text, language), article)


def exchanged(pair: Pair, others: Sequence[Pair]) -> Iterator[tuple[Quantity, Quantity]]:
    """Quantities that stand in the source beside something else than in the text; with each the one that stands there instead.

    `others`: other sentences that the text rests on, which may have them.
    """
    elsewhere = [quantity for other in others for quantity in numbers.read(other.source, other.source_language)]
    said, source = _cardinals(pair.text, pair.language), _cardinals(pair.source, pair.source_language)
    for quantity in said:
        bearing = [other for other in source if agree(quantity, other)]
        if not bearing and any(agree(quantity, other) for other in elsewhere):
            continue
        counted = _counted(pair, quantity, said)
        if not counted or any(_distance(pair, other, counted) <= _BESIDE for other in bearing):
            continue
        instead = [
            other
            for other in source
            if other not in bearing and other.kind == quantity.kind and _distance(pair, other, counted) < _BESIDE
        ]
        if instead:
            yield quantity, instead[0]


def _cardinals(text: str, language: str) -> list[Quantity]:
    found = numbers.read(text, language)
    return [quantity for quantity in found if quantity.kind in ("count", "percent") and not quantity.weak]


def _counted(pair: Pair, quantity: Quantity, said: Sequence[Quantity]) -> list[int]:
    """Every word of the source that may be what `quantity` counts: the first word after it that rests on any."""
    last = pair.said.at(quantity.end - 1)
    numbered = {pair.said.at(other.start) for other in said if other is not quantity}
    for word in range(last + 1, last + 1 + _NOUN):
        if word in numbered:
            return []
        if stems := {pair.stems[there] for here, there in pair.links if here == word}:
            return [place for place, stem in enumerate(pair.stems) if stem in stems]
    return []


def _distance(pair: Pair, quantity: Quantity, words: Sequence[int]) -> int:
    first, last = pair.origin.at(quantity.start), pair.origin.at(quantity.end - 1)
    return min(max(first - word, word - last, 0) for word in words)
