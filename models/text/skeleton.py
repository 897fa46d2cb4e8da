"""The consonants of a name, by which an Arabic and a Latin spelling of it are told to be the same.

Sounds that are spelled now one way, now another are one letter here; vowels, which Arabic mostly leaves out, do not count.
"""

import re
import unicodedata
from functools import lru_cache

from models.text.normalise import fold

_PAIRS = re.compile("kh|sh|th|dh|gh|ch|ph|ck")
_PAIRED = {"kh": "k", "sh": "s", "th": "t", "dh": "d", "gh": "k", "ch": "s", "ph": "f", "ck": "k"}
_LETTERS = str.maketrans(
    "بتثجحخدذرزسشصضطظغفقكلمنپڤچگ" + "pvcqgjzx",
    "bttkhkddrssssdtdkfkklmnbfsk" + "bfkkkkss",
)
_SILENT = re.compile(r"[^bdfklmnrst]")
_ARTICLE = re.compile(r"^(?:[وفبلك]?ال|لل)(?=..)")
_JOINED = re.compile(r"^[وفبلك](?=...)")


@lru_cache(maxsize=1 << 14)
def skeleton(word: str) -> str:
    """The consonants of a word in Latin or Arabic letters, as Latin letters, none twice in a row."""
    plain = "".join(c for c in unicodedata.normalize("NFD", fold(word)) if not unicodedata.combining(c))
    bones = _SILENT.sub("", _PAIRS.sub(lambda m: _PAIRED[m.group()], plain).translate(_LETTERS))
    return re.sub(r"(.)\1+", r"\1", bones)


@lru_cache(maxsize=1 << 14)
def skeletons(arabic: str) -> frozenset[str]:
    """The skeletons that an Arabic word can have: with and without the article or a joined letter."""
    word = _ARTICLE.sub("", fold(arabic))
    return frozenset({skeleton(word), skeleton(_JOINED.sub("", word))})
