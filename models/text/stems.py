"""Words of a text with their offsets, and the stems by which words are compared.

Arabic: light stemming after Larkey, Ballesteros and Connell (2007), "Light Stemming for Arabic Information Retrieval", light10:
the article with what is written together with it and the common endings come off, roots are not sought. Other prepositions
and conjunctions of one letter come off where a vocabulary tells that they do not belong to the word (`usual`).
English: plurals, -ed and -ing come off, much as in step 1 of Porter (1980), "An algorithm for suffix stripping", and a last e.
Other languages: folded only.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from models.text.normalise import fold

_MARKS = "\u0640\u064b-\u065f\u0670"
_NUMBER = r"\d+(?:[.,\u066b\u066c]\d+)*"
_WORD = re.compile(rf"{_NUMBER}|[^\W\d_](?:[^\W\d_]|[{_MARKS}\u200c])*")
_DIGITS = str.maketrans({**{chr(0x660 + n): str(n) for n in range(10)}, **{chr(0x6F0 + n): str(n) for n in range(10)}})
_THOUSANDS = re.compile(r"[,\u066c](?=\d{3}(?!\d))")
_CACHED = 1 << 14  # words of the language that a service meets every day

_ARTICLES = ("وال", "بال", "كال", "فال", "ال", "لل")
_ENDINGS = ("ها", "ان", "ات", "ون", "ين", "يه", "ه", "ي")  # folded: the taa marbuta is a haa
_LOOSE_ENDINGS = ("وا", "ت", "ا")
_SHORTEST = 3
_JOINED = {
    "و": 0.1,
    "ف": 2,
    "ب": 2,
    "ل": 2,
    "ك": 2,
    "س": 2,
}  # how much more usual the rest must be: nearly every word takes a و
_DOUBLED = re.compile(r"([bdfgkmnprt])\1$")
_VOWEL = re.compile(r"[aeiouy]")


@dataclass(frozen=True, slots=True)
class Word:
    """A word or a number in digits: its stem, and where it stands (Unicode code points)."""

    stem: str
    start: int
    end: int


def words(text: str, language: str) -> list[Word]:
    """The words and numbers of `text` in reading order."""
    return [Word(stem(text[start:end], language), start, end) for start, end in spans(text)]


def spans(text: str) -> list[tuple[int, int]]:
    """Where the words and numbers of `text` stand."""
    return [match.span() for match in _WORD.finditer(text)]


@lru_cache(maxsize=_CACHED)
def stem(word: str, language: str) -> str:
    """The stem of one word; for a number its digits, Western and without the signs between thousands."""
    if word[0].isdigit():
        return _THOUSANDS.sub("", word.translate(_DIGITS)).replace("\u066b", ".")
    folded = fold(word)
    if language == "ar":
        return _arabic(folded)
    return _english(folded) if language == "en" else folded


def usual(stemmed: str, counts: Mapping[str, int]) -> str:
    """An Arabic stem without a joined letter (و ف ب ل ك س) and an ending (ت ا وا) where `counts` knows the rest as more usual."""
    if len(stemmed) > _SHORTEST and stemmed[0] in _JOINED:
        rest = _ending_off(stemmed[1:])
        if counts.get(rest, 0) > _JOINED[stemmed[0]] * counts.get(stemmed, 0):
            stemmed = rest
    for ending in _LOOSE_ENDINGS:
        rest = stemmed.removesuffix(ending)
        if rest != stemmed and len(rest) >= _SHORTEST and counts.get(rest, 0) > counts.get(stemmed, 0):
            return rest
    return stemmed


def _arabic(word: str) -> str:
    """light10 on a folded word: the article, then every ending from the longest that leaves two letters."""
    prefix = next((p for p in _ARTICLES if word.startswith(p) and len(word) - len(p) >= 2), "")
    return _ending_off(word[len(prefix) :])


def _ending_off(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 2:
            word = word[: -len(ending)]
    return word


def _english(word: str) -> str:
    if len(word) < 4:
        return word
    if word.endswith("ies") and len(word) > 4:
        word = word[:-3] + "y"
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ing", "ed"):
        rest = word.removesuffix(ending)
        if rest != word and len(rest) > 2 and _VOWEL.search(rest):
            word = _DOUBLED.sub(r"\1", rest)
            break
    return word[:-1] if len(word) > 3 and word.endswith("e") else word
