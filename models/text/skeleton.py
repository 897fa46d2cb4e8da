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
_TWICE = re.compile(r"(.)\1+")
_MARK = "~"  # before the consonants of a name, so that they are not taken for a word
_WEIGHTS = {2: 0.6, 3: 0.9}  # by the number of consonants, from three on the same: two are soon alike by chance
_ARTICLE = re.compile(r"^(?:[وفبلك]?ال|لل)(?=..)")
_JOINED = re.compile(r"^[وفبلك](?=...)")


def name_sources(word: str) -> dict[str, float]:
    """What a word can rest on in a text of another script if it is a name, as `name_keys` gives it, and with what weight."""
    bones = skeleton(word) if word[:1].isupper() else ""
    return {_MARK + bones: _WEIGHTS[min(len(bones), max(_WEIGHTS))]} if len(bones) >= min(_WEIGHTS) else {}


def name_keys(word: str) -> list[str]:
    """What a word can be found by as a name."""
    return [_MARK + bones for bones in sorted(skeletons(word)) if len(bones) >= min(_WEIGHTS)]


@lru_cache(maxsize=1 << 14)
def skeleton(word: str) -> str:
    """The consonants of a word in Latin or Arabic letters, as Latin letters, none twice in a row."""
    return _bones(fold(word))


@lru_cache(maxsize=1 << 14)
def skeletons(arabic: str) -> frozenset[str]:
    """The skeletons that an Arabic word can have: with and without the article or a joined letter."""
    word = _ARTICLE.sub("", fold(arabic))
    return frozenset({_bones(word), _bones(_JOINED.sub("", word))})


def _bones(folded: str) -> str:
    plain = unicodedata.normalize("NFD", folded)
    bones = _SILENT.sub("", _PAIRS.sub(lambda match: _PAIRED[match.group()], plain).translate(_LETTERS))
    return _TWICE.sub(r"\1", bones)
