"""More training pairs from few: other numbers on both sides, neighbouring sentences joined.

A model that has seen each number in one context only learns to guess it; one that sees a new number in the same sentence at
every pass learns to copy it.
"""

import random
import re
from collections.abc import Sequence

from models.training.data import Pair

_NUMBER = re.compile(r"(?<![\d.,:/-])\d{1,3}(?:,\d{3})+(?![\d.,:/-]*\d)|(?<![\d.,:/-])\d+(?![\d.,:/-]*\d)")


def swap_numbers(pair: Pair, rng: random.Random) -> Pair:
    """Replace each number written in digits once on both sides by another of its kind.

    Its kind is the number of digits, years apart, and small numbers stay: Arabic grammar (dual, plural of three to ten) follows them.
    """
    ours = {_value(match.group()): match.group() for match in _NUMBER.finditer(pair.ar)}
    theirs = [_value(match.group()) for match in _NUMBER.finditer(pair.en)]
    new = {value: _like(value, rng) for value in ours if value > 10 and theirs.count(value) == 1}
    if not new:
        return pair
    return Pair(_replace(pair.ar, new), _replace(pair.en, new))


def join(first: Pair, second: Pair) -> Pair:
    """Two neighbouring sentences as one text: practice for long inputs."""
    return Pair(f"{first.ar} {second.ar}", f"{first.en} {second.en}")


def joined_neighbours(sentences: Sequence[Pair], share: float, rng: random.Random) -> list[Pair]:
    """For about `share` of the sentences, the sentence and its follower joined."""
    return [join(a, b) for a, b in zip(sentences, sentences[1:], strict=False) if rng.random() < share]


def _value(digits: str) -> int:
    return int(digits.replace(",", ""))


def _like(value: int, rng: random.Random) -> int:
    if 1900 <= value <= 2099:
        return rng.randint(1950, 2049)
    low = 10 ** (len(str(value)) - 1)
    if value % 10 == 0:  # round numbers stay round
        return rng.randint(low // 10 or 1, low - 1) * 10 if low > 10 else rng.randint(2, 9) * 10
    return rng.randint(max(11, low), low * 10 - 1)


def _replace(text: str, new: dict[int, int]) -> str:
    def other(match: re.Match[str]) -> str:
        value = _value(match.group())
        if value not in new:
            return match.group()
        return f"{new[value]:,}" if "," in match.group() else str(new[value])

    return _NUMBER.sub(other, text)
