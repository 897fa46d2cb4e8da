"""What stands around quantities: ranges of two, and words that make one approximate or open."""

from collections.abc import Sequence
from dataclasses import replace

from models.text.numbers.quantity import Quantity
from models.text.numbers.scan import Token
from models.text.numbers.vocabulary import Vocabulary

Found = tuple[int, int, Quantity]  # the first token, the one behind the last, what they say
_DASHES = "-–—/"
_LONGEST = 4  # words in a phrase
_STOPS = frozenset(".,;:!?،؛؟")
_FAR = 10  # words before a number among which a negation may turn "more than"
_SMALL, _ROUND = 10, (100, 1000)  # wholes of which something is said to be a part; "two in 14 raids" is none
_RATIOS = ("of_every", "out_of", "of", "over", "in")
_PART = 1e-9  # what the last digit of a part is worth, which is written without digits


def join_ranges(tokens: Sequence[Token], found: Sequence[Found], words: Vocabulary) -> list[Found]:
    """Two quantities that are the bounds of one become one: "10-20", "من 3 إلى 5 ملايين", "between ten and twenty"."""
    joined: list[Found] = []
    for item in _share_month(tokens, found, words):
        if joined and (merged := _range(tokens, joined[-1], item, words)):
            joined[-1] = merged
            continue
        if joined and _falls_to(tokens, joined[-1], item, words):
            start, end, quantity = joined[-1]
            joined[-1] = start, end, replace(quantity, kind="percent")
        joined.append(item)
    return joined


def join_ratios(tokens: Sequence[Token], found: Sequence[Found], words: Vocabulary) -> list[Found]:
    """Two counts that say how many of how many become the part that they are: "nine out of every ten", "واحد من كل ستة"."""
    joined: list[Found] = []
    for item in found:
        if joined and _is_ratio(tokens, joined[-1], item, words):
            start, _, part = joined[-1]
            joined[-1] = start, item[1], _ratio(part.low, item[2], part.start)
        elif item[2].kind == "count" and words.says("one_of_every", *_texts(tokens, item[0] - 2, item[0])):
            joined.append((item[0], item[1], _ratio(1.0, item[2], item[2].start)))
        else:
            joined.append(item)
    return joined


def _ratio(part: float, whole: Quantity, start: int) -> Quantity:
    share = 100 * part / whole.low
    return replace(
        whole,
        low=share,
        high=share,
        kind="percent",
        step=_PART,
        start=start,
        weak=False,
        ratio=(part, whole.low),
    )


def _is_ratio(tokens: Sequence[Token], first: Found, second: Found, words: Vocabulary) -> bool:
    """Whether two counts are one of the other; what is counted may stand between: "one child in five"."""
    part, whole = first[2], second[2]
    if any(
        not quantity.exact or quantity.kind != "count" or quantity.low != quantity.high for quantity in (part, whole)
    ):
        return False
    if not (part.low > 0 and whole.low > 1) or whole.weak or second[0] - first[1] > _LONGEST:
        return False
    between = _texts(tokens, first[1], second[0])
    said = next((key for key in _RATIOS if words.says(key, *between) or words.says(key, *between[1:])), "")
    if said == "of_every":
        return True
    after = tokens[second[1]].text if second[1] < len(tokens) else ""
    first_word = tokens[first[0]]
    dual = first_word.kind == "word" and first_word.text not in words.words
    if not said or dual or {after, after.removesuffix("s")} & words.measures:
        return False
    bare, one, small = words.says(said, *between), part.low == 1, whole.low <= _SMALL or whole.low in _ROUND
    if said == "out_of":
        return small
    if said == "in":
        return (one and whole.low <= _ROUND[0]) or (bare and small and part.low <= whole.low)
    return bare and part.low < whole.low and (one if said == "over" else small)


def _texts(tokens: Sequence[Token], start: int, end: int) -> tuple[str, ...]:
    return tuple(token.text for token in tokens[max(0, start) : end])


def _share_month(tokens: Sequence[Token], found: Sequence[Found], words: Vocabulary) -> list[Found]:
    """Days that share a month with the date beside them: "24 و31 مايو", "May 24 and 31"."""
    shared = list(found)
    for place in range(len(shared) - 1):
        for here, there in ((place, place + 1), (place + 1, place)):
            start, end, day = shared[here]
            between = [token.text for token in tokens[shared[place][1] : shared[place + 1][0]]]
            if shared[there][2].kind != "date" or day.kind != "count" or not 1 <= day.low <= 31 or day.step != 1:
                continue
            if len(between) == 1 and words.says("span_and", between[0]):
                date = shared[there][2].low // 100 * 100 + day.low
                shared[here] = start, end, replace(day, low=date, high=date, kind="date")
    return shared


def _range(tokens: Sequence[Token], first: Found, second: Found, words: Vocabulary) -> Found | None:
    low, high = first[2], second[2]
    between = [token.text for token in tokens[first[1] : second[0]]]
    digits = tokens[first[0]].kind == tokens[second[0]].kind == "number"
    dash = digits and len(between) == 1 and between[0] in _DASHES
    if not dash and not _linked(tokens, first, second, between, words):
        return None
    if low.low != low.high or high.low != high.high or not (low.exact and high.exact):
        return None
    kind, start = high.kind, low.low
    if (
        dash
        and kind == "count"
        and low.kind == "count"
        and start >= high.low
        and start <= 30
        and low.step == high.step == 1
    ):
        return first[0], second[1], replace(high, low=high.low, high=start, kind="score", start=low.start)
    if dash and low.kind == "year" and kind == "count" and start % 100 < high.low < 100:  # "2019-20"
        kind, high = "year", replace(high, low=start - start % 100 + high.low)
    scale = high.step if high.step >= 1000 and low.step < 1000 and start < 1000 else 1.0
    if low.kind == "date" and kind == "count" and high.low <= 31:  # "April 6 to 9"
        kind, high = "date", replace(high, low=start // 100 * 100 + high.low)
    if low.kind == "count" and kind == "date":
        start += high.low // 100 * 100
    elif low.kind != kind and not (low.kind == "count" and kind == "percent"):
        return None
    if between and between[0] == "/" and kind != "year":
        return None
    if scale > 1 and high.low / scale >= start:
        start *= scale
    if not start < high.low:
        return None
    return first[0], second[1], replace(high, low=start, high=high.low, kind=kind, start=low.start, weak=False)


def _falls_to(tokens: Sequence[Token], first: Found, second: Found, words: Vocabulary) -> bool:
    """ "من 1.6 إلى 0.7%": no range, but the first is a percent as well."""
    between = [token.text for token in tokens[first[1] : second[0]]]
    digits = tokens[first[0]].kind == tokens[second[0]].kind == "number"
    kinds = (first[2].kind, second[2].kind)
    return digits and kinds == ("count", "percent") and len(between) == 1 and words.says("to", between[0])


def _linked(tokens: Sequence[Token], first: Found, second: Found, between: list[str], words: Vocabulary) -> bool:
    """Whether "to", or "between" before and "and", make these two the bounds of one quantity."""
    if len(between) > 1:
        return False
    before = [
        tuple(token.text for token in tokens[first[0] - length : first[0]]) for length in (1, 2) if first[0] >= length
    ]
    opened = any(words.says("between", *phrase) for phrase in before)
    if between and words.says("to", between[0]):
        alike = tokens[first[0]].kind == tokens[second[0]].kind
        return alike or opened or any(words.says("from", *phrase) for phrase in before)
    following = words.words.get(tokens[second[0]].text)
    return opened and bool(words.says("span_and", between[0]) if between else following and following.joined)


def open_ended(tokens: Sequence[Token], start: int, end: int, quantity: Quantity, words: Vocabulary) -> Quantity:
    """The quantity as the words around it have it: "nearly 40", "more than 40", "40 على الأقل"."""
    if not words.phrases or quantity.kind in ("date", "year", "time", "ordinal"):
        return quantity
    direction, begin = _before(tokens, start, words)
    direction = direction or _after(tokens, end, words)
    if direction in ("more", "less") and _negated(tokens, begin, words):  # "does not cost more than 40"
        direction = "about"
    if not direction:
        return quantity
    if quantity.low == quantity.high:
        if direction == "more":
            return replace(quantity, high=float("inf"), exact=False)
        if direction == "less":
            return replace(quantity, low=float("-inf"), exact=False)
        return replace(quantity, exact=False)
    return quantity  # a range keeps its bounds


def _negated(tokens: Sequence[Token], begin: int, words: Vocabulary) -> bool:
    """Whether a negation stands before the token `begin` in its clause."""
    for token in reversed(tokens[max(0, begin - _FAR) : begin]):
        if token.text in _STOPS:
            return False
        if words.says("negation", token.text):
            return True
    return False


def _before(tokens: Sequence[Token], start: int, words: Vocabulary) -> tuple[str, int]:
    """What the longest phrase that ends before the token `start` says, articles and currency signs aside, and where it begins."""
    stop = start
    while stop and tokens[stop - 1].text in ("$", "€", "£", "the", "a", "an", "us", "و"):
        stop -= 1
    for length in range(min(_LONGEST, stop), 0, -1):
        phrase = [token.text for token in tokens[stop - length : stop]]
        for first in {phrase[0], phrase[0].lstrip("وف"), phrase[0][1:] if words.language == "ar" else phrase[0]}:
            for direction in ("more", "less", "about"):
                if words.says(direction, first, *phrase[1:]):
                    return direction, stop - length
    return "", start


def _after(tokens: Sequence[Token], end: int, words: Vocabulary) -> str:
    for length in (2, 1):
        phrase = tuple(token.text for token in tokens[end : end + length])
        for direction in ("more", "less", "about"):
            if words.says(f"after_{direction}", *phrase):
                return direction
    return ""
