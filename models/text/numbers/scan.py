"""Cut a text into words, numbers in digits and signs."""

import re
from functools import cache
from typing import NamedTuple

from models.text.numbers.vocabulary import bare, level

# Languages that put a space between thousands, and all that write a decimal comma.
_SPACE = frozenset(["fr", "ru", "uk", "pl", "sv", "no", "nb", "fi", "cs", "bg", "hu"])
_COMMA = _SPACE | {"de", "es", "it", "pt", "nl", "tr", "da", "ro", "id", "el", "hr", "sr", "ca", "vi"}


class Token(NamedTuple):
    kind: str  # "word", "number", "date", "time" or "sign"
    text: str  # levelled, without vowel marks
    start: int
    end: int
    raw: str  # as the text has it
    glued: bool  # nothing stands between this token and the one before


@cache
def _pattern(language: str) -> "re.Pattern[str]":
    space = " \u00a0\u2009\u202f" if language in _SPACE else "\u00a0\u2009\u202f"
    comma = "،" if language in ("ar", "fa", "ur") else ""
    return re.compile(
        r"(?P<date>(?<!\d)\d{1,2}(?P<mark>[./-])\d{1,2}(?P=mark)\d{4}(?!\d)|(?<!\d)\d{4}-\d\d-\d\d(?!\d))"
        r"|(?P<time>\d{1,2}:\d\d(?::\d\d)?(?!\d)|\d{1,2}\.\d\d(?= ?[ap]\.?m\b| in the (?:morning|afternoon|evening)))"
        rf"|(?P<number>\d{{1,3}}(?:[{space}]\d{{3}})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,{comma}'’]\d+)*)"
        r"|(?P<word>[^\W\d_](?:[^\W\d_]|[\u064b-\u065f\u0670])*)"
        r"|(?P<sign>[^\s\u200b-\u200f\u061c\u202a-\u202e\u2066-\u2069])"
    )


def scan(text: str, language: str) -> list[Token]:
    tokens: list[Token] = []
    end = -1
    for match in _pattern(language).finditer(level(text)):
        kind, (start, stop) = match.lastgroup or "sign", match.span()
        found = match.group()
        tokens.append(
            Token(kind, bare(found) if kind == "word" else found, start, stop, text[start:stop], start == end)
        )
        end = stop
    return tokens


def value(digits: str, language: str, whole: bool = False) -> tuple[float, float] | None:
    """A number in digits, and what its last digit is worth; None for what is no number ("2.3.1").

    `whole`: one point before three digits parts thousands ("60.000"), as it does in languages with a decimal comma.
    """
    plain = re.sub(r"[\s'’]", "", digits).replace("،", ",")
    points, commas = plain.count("."), plain.count(",")
    decimal = ""
    if points and commas:
        decimal = max(".,", key=plain.rfind)
    elif points or commas:
        mark = "." if points else ","
        first, *groups = plain.split(mark)
        thousands = len(first) <= 3 and first.lstrip("0") != "" and all(len(group) == 3 for group in groups)
        by_style = mark == "." if language in _COMMA else mark == "," or whole
        if thousands and (by_style or len(groups) > 1):
            decimal = "," if mark == "." else "."
        elif len(groups) == 1:
            decimal = mark
        else:
            return None
    if decimal:
        plain = plain.replace("," if decimal == "." else ".", "").replace(decimal, ".")
    fraction = plain.partition(".")[2]
    if plain.count(".") > 1 or len(plain) > 18:
        return None
    return float(plain), 10.0 ** -len(fraction)
