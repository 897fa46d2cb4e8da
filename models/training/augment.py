"""More training pairs from few: other numbers on both sides, neighbouring sentences joined.

A model that has seen each number in one context only learns to guess it; one that sees a new number in the same sentence at
every pass learns to copy it.
"""

import random
import re
from collections.abc import Sequence
from itertools import pairwise

from models.training.data import Pair

_MARK = r"[\d.,:/٫٬-]"  # a digit next to one of these belongs to a date, a decimal, a score, a word with a hyphen
_NUMBER = re.compile(rf"(?<!{_MARK})(?:\d{{1,3}}(?:[,٬]\d{{3}})+|\d+)(?!{_MARK}*\d|(?:st|nd|rd|th)\b)")
_SEPARATORS = re.compile("[,٬]")
_TO_EASTERN = str.maketrans("0123456789,", "٠١٢٣٤٥٦٧٨٩٬")


def swap_numbers(pair: Pair, rng: random.Random) -> Pair:
    """Replace each number that is written in digits on both sides, and once in the English, by another of its kind.

    Its kind is the number of digits, years apart. Small numbers stay, since Arabic grammar (dual, plural of three to ten) follows
    them, and so do ordinals ("20th").
    """
    theirs = _values(pair.en)
    new = {
        value: _like(value, rng) for value in dict.fromkeys(_values(pair.ar)) if value > 10 and theirs.count(value) == 1
    }
    return Pair(_replace(pair.ar, new), _replace(pair.en, new))


def swap_numbers_across(texts: Sequence[str], rng: random.Random) -> list[str]:
    """Replace the numbers above ten written in digits by others of their kind, the same way in all `texts` (one article)."""
    found = {value for text in texts for value in _values(text)}
    new = {value: _like(value, rng) for value in sorted(found) if value > 10}
    return [_replace(text, new) for text in texts]


def join(first: Pair, second: Pair) -> Pair:
    """Two neighbouring sentences as one text: practice for long inputs."""
    return Pair(f"{first.ar} {second.ar}", f"{first.en} {second.en}")


def joined_neighbours(sentences: Sequence[Pair], share: float, rng: random.Random) -> list[Pair]:
    """For about `share` of the sentences, the sentence and its follower joined."""
    return [join(a, b) for a, b in pairwise(sentences) if rng.random() < share]


def _values(text: str) -> list[int]:
    return [_value(match.group()) for match in _NUMBER.finditer(text)]


def _value(digits: str) -> int:
    return int(_SEPARATORS.sub("", digits))


def _like(value: int, rng: random.Random) -> int:
    if 1900 <= value <= 2099:
        return rng.randint(1950, 2049)
    low = 10 ** (len(str(value)) - 1)
    if value % 10 == 0:  # round numbers stay round
        return rng.randint(low // 10 or 1, low - 1) * 10 if low > 10 else rng.randint(2, 9) * 10
    return rng.randint(max(11, low), low * 10 - 1)


def _replace(text: str, new: dict[int, int]) -> str:
    def other(match: re.Match[str]) -> str:
        old = match.group()
        if _value(old) not in new:
            return old
        digits = f"{new[_value(old)]:,}" if _SEPARATORS.search(old) else str(new[_value(old)])
        return digits if old.isascii() else digits.translate(_TO_EASTERN)

    return _NUMBER.sub(other, text)
