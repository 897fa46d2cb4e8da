"""Cutting a sentence that no model can read at once, at the marks where a reader would pause."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import cache
from itertools import product

from models.text.phrases import grammar

# How far from its even place a cut may move to reach a better mark, as a share of a piece: first far, then near.
_REACHES = (0.35, 0.1)
_MOST = 4  # pieces tried at once before the pieces are split by themselves


def split_long(text: str, fits: Callable[[str], bool], language: str) -> list[str]:
    """`text` in pieces for each of which `fits` holds, about even and about as few as will do; joined they are `text`.

    Cuts are made behind stops and semicolons, else behind commas and dashes, else before a conjunction, else between
    words, and inside a word only where there is nothing else. A single character that does not fit is a piece all the
    same. `fits` is called a few times for each piece returned.
    """
    if not text or fits(text):
        return [text] if text else []
    pieces: list[str] = [text]
    for count, reach in product(range(2, _MOST + 1), _REACHES):
        pieces = _cut(text, count, reach, language)
        if len(pieces) == len(text) or all(map(fits, pieces)):
            return pieces
    return [part for piece in pieces for part in split_long(piece, fits, language)]


def _cut(text: str, count: int, reach: float, language: str) -> list[str]:
    """`text` in at most `count` pieces of similar length, cut at the best marks within reach."""
    size = len(text) / count
    cuts = [0]
    for number in range(1, count):
        target = round(number * size)
        low = max(cuts[-1] + 1, round(target - reach * size))
        high = min(len(text) - 1, round(target + reach * size))
        if low <= high:
            cuts.append(_best_cut(text, low, high, min(max(target, low), high), language))
    return [text[a:b] for a, b in zip(cuts, [*cuts[1:], len(text)], strict=True)]


def _best_cut(text: str, low: int, high: int, target: int, language: str) -> int:
    """The place in `low..high` to cut before: the strongest mark, and of those the nearest to `target`."""
    for mark in _marks(language):
        places = [found.end() for found in mark.finditer(text, max(0, low - 3), high) if low <= found.end() <= high]
        if places:
            return min(places, key=lambda place: abs(place - target))
    return _between_characters(text, low, high, target)


def _between_characters(text: str, low: int, high: int, target: int) -> int:
    """Next to `target`, but not between a letter and its mark."""
    for place in range(target, high + 1):
        if not unicodedata.combining(text[place]):
            return place
    return max(low, target)


@cache
def _marks(language: str) -> Sequence["re.Pattern[str]"]:
    """Patterns whose match ends where a piece may begin, the strongest first."""
    conjunctions = [re.escape(word) for word in grammar(language).conjunction]
    patterns = [
        r"[.!?؟…۔。！？।][\"'”’»)\]]*\s+|[。！？]|[؛;]\s*",
        r"،\s*|[,:]\s+|[，、：；]|\s[-–—]\s+|\)\s+",
        rf"\s(?=(?:{'|'.join(conjunctions)})\s)" if conjunctions else r"(?!)",
        r"\s(?=و[^\W\d_]{3})",
        r"\s+",
    ]
    return tuple(re.compile(pattern) for pattern in patterns)
