"""Numbers: each that a brief says must stand in the article, and beside the same thing as there."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import combinations

from models.checks.article import Article
from models.checks.claim import RETOLD, Pair, Words
from models.checks.units import is_unit, lasts
from models.text import numbers
from models.text.numbers import Quantity, agree

_DIRECTION = re.compile(
    r"\b(?:(?P<start>from|من)|(?P<end>to|إلى|الى))"
    r"(?: (?:below|under|about|around|nearly|more than|over|ما دون|نحو|حوالي))?\s*[$€£]?$"
)
_OF = re.compile(r"(?: \w+){0,2} of (?:\w+ ){0,2}| (?:\w+ )?من (?:أصل |بين |ال)?|/")
_DUAL = re.compile(r"[وفبلك]?(?!\W*[اإ]ثن)\w+(?:ان|ين|ا|ي)")  # an Arabic word that says two of what it names
_SUM = 5  # least number that may be the sum of two
_CACHED = 1 << 10
_NOUN = 2  # words after a number among which what it counts is looked for
_AROUND = 5  # words around a quantity, and one less, that tell which of two it is
_CLEARLY, _LEAST = 1.5, 0.5  # how much more must speak for the other place, and how much at least
_BESIDE = 3  # words around a number on the other side within which that stands


@lru_cache(_CACHED)
def read(text: str, language: str) -> tuple[Quantity, ...]:
    """The quantities of a sentence, which is asked for them more than once."""
    return tuple(numbers.read(text, language))


def unknown(text: str, said: Sequence[Quantity], article: Article, retold: bool) -> Iterator[Quantity]:
    """The quantities of a text that the article does not have: nor another unit for the time, nor two numbers that add up to it.

    A text that is `retold`, and says what one sentence says, adds nothing up.
    """
    for quantity in numbers.unsupported(said, article.quantities):
        added = (
            not retold
            and quantity.kind == "count"
            and quantity.exact
            and quantity.low >= _SUM
            and quantity.low in article.sums
        )
        if not added and not lasts(text, quantity, article.durations):
            yield quantity


def exchanged(pair: Pair, others: Sequence[Pair]) -> Iterator[tuple[Quantity, Quantity]]:
    """Quantities that stand beside another thing than in the source; with each the one that stands there in the source.

    `others`: other sentences that the text rests on, where such a quantity may stand beside the thing.
    """
    source = _cardinals(pair.source, pair.source_language)
    said = _cardinals(pair.text, pair.language)
    for quantity in said if source else []:
        if quantity.low == 2 and _DUAL.fullmatch(pair.text, quantity.start, quantity.end):
            continue
        counted = _counted(pair, quantity, said)
        if not counted or _stands(quantity, pair, said):
            continue
        borne_out = any(_stands(quantity, other, said) for other in others)
        for instead in source:
            other = not agree(quantity, instead) and not set(quantity.points) & set(instead.points)
            if other and _distance(pair, instead, counted) < (2 if borne_out else _BESIDE):
                yield quantity, instead
                break


def crossed(pair: Pair) -> Iterator[tuple[Quantity, Quantity]]:
    """Quantities that changed places with another in a text that says what the source says; with each what stands in its place.

    Each of two quantities then has around it what the source has around the other.
    """
    if not pair.whole and pair.share < RETOLD:
        return
    said, source = (
        [q for q in read(text, language) if q.kind in ("count", "percent")]
        for text, language in ((pair.text, pair.language), (pair.source, pair.source_language))
    )
    there = {quantity: [other for other in source if agree(quantity, other)] for quantity in said}
    clear = [quantity for quantity in said if len(there[quantity]) == 1]
    for one, other in combinations(clear, 2):
        first, second = there[one][0], there[other][0]
        if (
            one.kind != other.kind
            or first is second
            or agree(one, second)
            or agree(other, first)
            or _part_of(pair.text, one, other)
        ):
            continue
        straight = _beside(pair, one, first) + _beside(pair, other, second)
        across = _beside(pair, one, second) + _beside(pair, other, first)
        if across > _CLEARLY * straight and across >= _LEAST:
            yield one, second
            yield other, first


def _part_of(text: str, one: Quantity, other: Quantity) -> bool:
    """Whether what is counted stands once for both, as in "15 of the 22 members"."""
    return _OF.fullmatch(text, one.end, other.start) is not None


def _beside(pair: Pair, quantity: Quantity, other: Quantity) -> float:
    """How much stands beside a quantity of the text and on the same side of one of the source; the nearest counts most."""
    total = 0.0
    for here, there in pair.links:
        one, two = _away(pair.said, quantity, here), _away(pair.origin, other, there)
        if one * two > 0 and max(abs(one), abs(two)) < _AROUND:
            total += 1 / (abs(one) + abs(two))
    return total


def _away(words: Words, quantity: Quantity, word: int) -> int:
    """How many words a word stands behind a quantity; negative if it stands before it."""
    first, last = words.at(quantity.start), words.at(quantity.end - 1)
    return word - last if word > last else min(word - first, 0)


def turned(pair: Pair) -> Iterator[tuple[Quantity, Quantity]]:
    """Quantities that are the start of a change here and its end in the source, or the other way, with what stands there."""
    source = list(_ends(pair.source, pair.source_language))
    for quantity, value, end in _ends(pair.text, pair.language):
        same = [other_end for other, other_value, other_end in source if _one(quantity, value, other, other_value)]
        if same and all(other_end == -end for other_end in same):
            yield from ((quantity, other) for other, _, other_end in source[:1] if other_end)


def _ends(text: str, language: str) -> Iterator[tuple[Quantity, float, int]]:
    """The values that something changes from (-1) and to (1), by the word before each; a range read from both has both."""
    for quantity in read(text, language):
        before = _DIRECTION.search(text[max(0, quantity.start - 20) : quantity.start])
        if before and len(quantity.points) == 2 and before["start"]:
            yield quantity, quantity.low, -1
            yield quantity, quantity.high, 1
        elif before and len(quantity.points) == 1:
            yield quantity, quantity.points[0], -1 if before["start"] else 1


def _one(said: Quantity, value: float, source: Quantity, other: float) -> bool:
    return agree(replace(said, low=value, high=value), replace(source, low=other, high=other))


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
    """Every word of the source that may be what `quantity` counts: it follows at once, or after a word that describes it."""
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
