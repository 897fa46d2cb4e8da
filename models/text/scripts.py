"""Which writing system a text uses: what detection starts from, and what shows a caption in another language."""

import re
from collections import Counter

# Ranges of letters; kana, Han and Hangul are told apart because they tell languages apart.
_RANGES = {
    "Latin": "A-Za-z\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff",
    "Arabic": "\u0620-\u064a\u066e-\u06d3\u06d5\u06ee\u06ef\u06fa-\u06ff\u0750-\u077f\u08a0-\u08c9"
    "\ufb50-\ufdfb\ufe70-\ufefc",
    "Cyrillic": "\u0400-\u052f",
    "Greek": "\u0370-\u03ff\u1f00-\u1fff",
    "Hebrew": "\u05d0-\u05ea\u05ef-\u05f2",
    "Armenian": "\u0531-\u0587",
    "Georgian": "\u10a0-\u10ff\u1c90-\u1cbf",
    "Devanagari": "\u0900-\u097f",
    "Bengali": "\u0980-\u09ff",
    "Gurmukhi": "\u0a00-\u0a7f",
    "Gujarati": "\u0a80-\u0aff",
    "Oriya": "\u0b00-\u0b7f",
    "Tamil": "\u0b80-\u0bff",
    "Telugu": "\u0c00-\u0c7f",
    "Kannada": "\u0c80-\u0cff",
    "Malayalam": "\u0d00-\u0d7f",
    "Sinhala": "\u0d80-\u0dff",
    "Thai": "\u0e01-\u0e4e",
    "Lao": "\u0e80-\u0eff",
    "Tibetan": "\u0f40-\u0fbc",
    "Myanmar": "\u1000-\u109f",
    "Ethiopic": "\u1200-\u137f",
    "Khmer": "\u1780-\u17d3",
    "Han": "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0002ebef",
    "Kana": "\u3041-\u3096\u30a1-\u30fa\u30fc",
    "Hangul": "\u1100-\u11ff\uac00-\ud7a3",
}
_LETTERS = {name: re.compile(f"[{letters}]") for name, letters in _RANGES.items()}
# Writing without spaces between words; three of its characters are counted as one word.
_UNSPACED = re.compile("[{Han}{Kana}{Thai}{Lao}{Khmer}{Myanmar}{Tibetan}]".format(**_RANGES))


def counts(text: str) -> Counter[str]:
    """How many letters of each script `text` has; scripts that do not occur are left out."""
    found = {name: len(letters.findall(text)) for name, letters in _LETTERS.items()}
    return Counter({name: count for name, count in found.items() if count})


def only(text: str, script: str) -> str:
    """The words of `text` that have a letter of `script`, with spaces between them."""
    letter = _LETTERS[script]
    return " ".join(word for word in text.split() if letter.search(word))


def words(text: str) -> int:
    """The length of `text` in words, estimated where the script does not separate them."""
    return len(text.split()) + unspaced(text) // 3


def unspaced(text: str) -> int:
    """How many characters belong to a script that is written without spaces between words."""
    return len(_UNSPACED.findall(text))
