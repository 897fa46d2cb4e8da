"""Numbers: each that a brief says must stand in the article, and beside the same thing as there."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import combinations
from math import inf, isclose, isinf

from models.checks.article import Article
from models.checks.claim import RETOLD, Pair, Words
from models.checks.units import is_unit, lasts, time_unit
from models.text import numbers
from models.text.numbers import Quantity, agree

_DIRECTION = re.compile(
    r"\b(?:(?P<step>by|بنسبة|بمقدار|بواقع)|(?P<end>to|إلى|الى)"
    r"|(?P<start>from|(?<!أكثر )(?<!أقل )(?<!أزيد )(?<!أكبر )(?<!أعلى )من))"
    r"(?: (?:below|under|about|around|nearly|more than|over|ما دون|نحو|حوالي))?(?: an?)?\s*[$€£]?$"
)
_CONTRARY = {("start", "end"), ("end", "start"), ("step", "end"), ("end", "step")}
_CHANGE = re.compile(
    r"\b(?:r[io]se|rises|rising|risen|fell|fall|drop|declin|increas|decreas|grew|grow|gain|up|down|jump|climb|shr[aiu]nk|cut|reduc"
    r"|rais|lower|widen|narrow|surg|plung|slump|expand|extend|shorten|cheaper|dearer)|بمقدار|بواقع|بنسبة"
)
_DESCRIBES = re.compile(r"-\w| (?:\w+ )?(?:rise|fall|drop|decline|increase|decrease|growth|gain|cut|reduction|jump)\b")
_VERB = 40  # characters before a number among which the verb of a change stands
_CLAUSE = 80  # and before one that is the start or the end of it, which a subject may stand before
_HALF = 50.0
_OF = re.compile(r"(?: \w+){0,2} of (?:\w+ ){0,2}| (?:\w+ )?من (?:أصل |بين |ال)?|/")
_DUAL = re.compile(r"[وفبلك]?(?!\W*[اإ]ثن)\w+(?:ان|ين|ا|ي)")  # an Arabic word that says two of what it names
_COUNTED = 12  # greatest number that a writer counts
_LIKE = 30  # greatest number that may stand for it in the article
_SUM = 5  # least number that may be the sum of two
_CACHED = 1 << 10
_NOUN = 2  # words after a number among which what it counts is looked for
_AROUND = 5  # words around a quantity, and one less, that tell which of two it is
_CLEARLY, _LEAST = 1.5, 0.5  # how much more must speak for the other place, and how much at least
_MOST = 30  # numbers of a sentence that are compared with each other; a text with more has no full stop
_BESIDE = 3  # words around a number on the other side within which that stands


@lru_cache(_CACHED)
def read(text: str, language: str) -> tuple[Quantity, ...]:
    """The quantities of a sentence, which is asked for them more than once."""
    return tuple(numbers.read(text, language))


def unknown(
    said: Sequence[Quantity], article: Article, originals: Sequence[Pair], grounds: Sequence[Pair], text: str
) -> Iterator[Quantity]:
    """The quantities of a text that the article does not have, nor another unit for the time, nor two that add up to them.

    A small number, a length of time and a rank are often counted or known by the writer ("three governorates" for three names):
    they are asked for only where the sentences that the text rests on have another one in their place. A text that says what one
    sentence says adds nothing up.
    """
    retold = any(pair.share >= RETOLD for pair in grounds[:1])
    for quantity in numbers.unsupported(said, article.measured):
        added = not retold and quantity.kind == "count" and _added(quantity, article.sums)
        if added or lasts(text, quantity, article.durations):
            continue
        untrue = any(not _has(quantity, pair) for pair in originals)
        if untrue or retold or not _implied(quantity, text) or _rival(quantity, said, text, grounds):
            yield quantity


def _added(quantity: Quantity, sums: Collection[float]) -> bool:
    """Whether two counts add up to the quantity."""
    if quantity.exact:
        return quantity.low >= _SUM and quantity.low in sums
    return any(agree(quantity, replace(quantity, low=total, high=total, exact=True, step=1.0)) for total in sums)


def _has(quantity: Quantity, pair: Pair) -> bool:
    return any(agree(quantity, other) for other in read(pair.source, pair.source_language))


def _implied(quantity: Quantity, text: str) -> bool:
    """Whether a number may come from counting or from a calendar."""
    small = quantity.kind in ("count", "ordinal") and quantity.exact and quantity.high <= _COUNTED
    return small or (quantity.kind == "count" and time_unit(text, quantity) != "")


def _rival(quantity: Quantity, said: Sequence[Quantity], text: str, grounds: Sequence[Pair]) -> bool:
    """Whether a sentence that a text rests on has a number like `quantity` that the text does not say."""
    time = time_unit(text, quantity)
    alike = [one for one in said if time_unit(text, one) == time]
    for pair in grounds:
        for other in read(pair.source, pair.source_language):
            like = time_unit(pair.source, other) == time and other.kind in ("count", "ordinal") and not other.weak
            if like and (time or other.high <= _LIKE) and not any(agree(one, other) for one in alike):
                return True
    return False


def exchanged(pair: Pair, others: Sequence[Pair]) -> Iterator[tuple[Quantity, Quantity]]:
    """Quantities that stand beside another thing than in the source; with each the one that stands there in the source.

    `others`: other sentences that the text rests on, where the quantity may stand beside the thing. Numbers that the text
    and the source both have changed places only if they stand in another order.
    """
    source = _cardinals(pair.source, pair.source_language)
    said = _cardinals(pair.text, pair.language)
    if max(len(said), len(source)) > _MOST:
        return
    own = {quantity: [other for other in source if agree(quantity, other)] for quantity in said}
    for quantity in said if source else []:
        if quantity.low == 2 and _DUAL.fullmatch(pair.text, quantity.start, quantity.end):
            continue
        counted = _counted(pair, quantity, said)
        if not counted or any(_stands(quantity, other, said) for other in (pair, *others)):
            continue
        reach = 2 if any(_has(quantity, other) for other in others) else _BESIDE
        for instead in source:
            other = not (
                agree(quantity, instead) or agree(instead, quantity) or set(quantity.points) & set(instead.points)
            )
            near = _distance(pair, instead, counted) < reach
            if other and near and _changed(quantity, instead, own):
                yield quantity, instead
                break


def _changed(quantity: Quantity, instead: Quantity, own: Mapping[Quantity, Sequence[Quantity]]) -> bool:
    """Whether a quantity stands for another of the source: the text has only one of them, or both in another order.

    `own`: each quantity of the text with those of the source that bear it out.
    """
    holders = [other for other, there in own.items() if instead in there]
    if not own[quantity] or not holders:
        return not own[quantity] and not holders
    return any(
        _inverted(quantity, holder, there, instead) for holder in holders for there in own[quantity] if there != instead
    )


def _inverted(one: Quantity, other: Quantity, one_there: Quantity, other_there: Quantity) -> bool:
    return (one.start < other.start) != (one_there.start < other_there.start)


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
    if max(len(said), len(source)) > _MOST:
        return
    there = {quantity: [other for other in source if agree(quantity, other)] for quantity in said}
    near = {quantity: _near(pair, quantity) for quantity in said if there[quantity]}
    for one, other in combinations(near, 2):
        if one.kind != other.kind or set(there[one]) & set(there[other]) or _part_of(pair.text, one, other):
            continue
        to_second, across = _best(pair, near[one], one, there[other])
        to_first, beyond = _best(pair, near[other], other, there[one])
        straight = _best(pair, near[one], one, there[one])[1] + _best(pair, near[other], other, there[other])[1]
        across += beyond
        if not _inverted(one, other, to_first, to_second):
            continue
        if across > _CLEARLY * straight and across >= _LEAST:
            yield one, to_second
            yield other, to_first


def _near(pair: Pair, quantity: Quantity) -> list[tuple[int, int]]:
    """The links of the words around a quantity of the text."""
    return [link for link in pair.links if abs(_away(pair.said, quantity, link[0])) < _AROUND]


def _best(
    pair: Pair, near: Sequence[tuple[int, int]], quantity: Quantity, others: Sequence[Quantity]
) -> tuple[Quantity, float]:
    """Which of some quantities of the source has most beside it that stands beside one of the text, and how much."""
    scores = [_beside(pair, near, quantity, other) for other in others]
    best = max(range(len(others)), key=scores.__getitem__)
    return others[best], scores[best]


def _part_of(text: str, one: Quantity, other: Quantity) -> bool:
    """Whether what is counted stands once for both, as in "15 of the 22 members"."""
    return _OF.fullmatch(text, one.end, other.start) is not None


def _beside(pair: Pair, near: Sequence[tuple[int, int]], quantity: Quantity, other: Quantity) -> float:
    """How much stands beside a quantity of the text and on the same side of one of the source; the nearest counts most.

    `near` are the links of the words around the quantity.
    """
    total = 0.0
    for here, there in near:
        one, two = _away(pair.said, quantity, here), _away(pair.origin, other, there)
        if one * two > 0 and max(abs(one), abs(two)) < _AROUND:
            total += 1 / (abs(one) + abs(two))
    return total


def _away(words: Words, quantity: Quantity, word: int) -> int:
    """How many words a word stands behind a quantity; negative if it stands before it."""
    first, last = words.at(quantity.start), words.at(quantity.end - 1)
    return word - last if word > last else min(word - first, 0)


def turned(pair: Pair) -> Iterator[tuple[Quantity, Quantity]]:
    """Quantities that are another part of a change than in the source ("to a fifth" for "by a fifth"), with what stands there."""
    source = list(_changes(pair.source, pair.source_language))
    for quantity, value, part in _changes(pair.text, pair.language):
        if part != "step" and not _CHANGE.search(pair.text, max(0, quantity.start - _CLAUSE), quantity.start):
            continue  # "come from nine countries"
        same = [(other, other_part) for other, there, other_part in source if _one(quantity, value, other, there)]
        half = quantity.kind == "percent" and value == _HALF  # "by half" is "to half"
        if same and not half and all((part, other_part) in _CONTRARY for _, other_part in same):
            yield quantity, same[0][0]


def opposed(pair: Pair) -> Iterator[tuple[Quantity, Quantity]]:
    """Quantities that bound on the other side than in the source ("more than 40" for "fewer than 40"), with what is there."""
    source = read(pair.source, pair.source_language)
    for quantity in read(pair.text, pair.language):
        if isinf(quantity.low) or isinf(quantity.high):
            same = [other for other in source if quantity.kind == other.kind and _one_point(quantity, other)]
            if same and all({quantity.low, quantity.high, other.low, other.high} >= {inf, -inf} for other in same):
                yield quantity, same[0]


def _one_point(one: Quantity, other: Quantity) -> bool:
    return len(one.points) == len(other.points) == 1 and isclose(one.points[0], other.points[0])


def _changes(text: str, language: str) -> Iterator[tuple[Quantity, float, str]]:
    """The values that tell of a change, by the word before each: its `start`, its `end` or its `step`; a range has both ends."""
    for quantity in read(text, language):
        before = _DIRECTION.search(text[max(0, quantity.start - 20) : quantity.start])
        if quantity.weak or _DESCRIBES.match(text, quantity.end):
            continue
        if before and len(quantity.points) == 2 and before["start"]:
            yield quantity, quantity.low, "start"
            yield quantity, quantity.high, "end"
        elif before and len(quantity.points) == 1:
            part = "step" if before["step"] else "start" if before["start"] else "end"
            if part != "step" or _is_step(text, quantity):
                yield quantity, quantity.points[0], part


def _is_step(text: str, quantity: Quantity) -> bool:
    """Whether what stands after "by" is how much something changed: not who did it ("by 12 states"), nor when ("by 2030")."""
    if quantity.kind in ("year", "date", "time"):
        return False
    return (
        quantity.kind == "percent" or _CHANGE.search(text, max(0, quantity.start - _VERB), quantity.start) is not None
    )


def _one(said: Quantity, value: float, source: Quantity, other: float) -> bool:
    return agree(replace(said, low=value, high=value), replace(source, low=other, high=other))


def _stands(quantity: Quantity, pair: Pair, said: Sequence[Quantity]) -> bool:
    """Whether the source has the quantity beside what it counts."""
    counted = _counted(pair, quantity, said)
    source = read(pair.source, pair.source_language)
    return counted != [] and any(
        agree(quantity, other) and _distance(pair, other, counted) <= _BESIDE for other in source
    )


def _cardinals(text: str, language: str) -> list[Quantity]:
    """The counts of a text; among the weak ones "two", which is written to count."""
    counts = [quantity for quantity in read(text, language) if quantity.kind == "count"]
    return [one for one in counts if not one.weak or text[one.start : one.end].lower() == "two"]


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
