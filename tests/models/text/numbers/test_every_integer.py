"""Every integer from 0 to 10,000 in words, and large round numbers, are read as one quantity of that value."""

import pytest

from models.text.numbers import read
from tests.models.text.numbers.spelling import Case, Gender, arabic, english

SMALL = range(10_001)
CASES: tuple[Case, ...] = ("nominative", "oblique")
BOTH = 1_200  # numbers below are spelled in every way; above, where the same words come again, in one way each by turns
ROUND = [
    many * scale for scale in (10**3, 10**6, 10**9) for many in (*range(1, 120), *range(150, 1000, 50), 202, 311, 999)
]
MIXED = [
    12_345,
    20_502,
    101_001,
    123_456,
    500_500,
    1_000_001,
    1_200_000,
    3_450_000,
    12_034_056,
    250_300_000,
    1_002_003_004,
]


def wrong(text: str, words: str, number: int, language: str) -> bool:
    """Whether `words` in `text` are read as anything but `number`."""
    start = text.index(words)
    found = [(q.low, q.high, q.start, q.end) for q in read(text, language)]
    return found != [(number, number, start, start + len(words))]


@pytest.mark.parametrize("gender", ["masculine", "feminine"])
def test_arabic_words(gender: Gender) -> None:
    prefixes = ("", "و", "ب", "ل", "ف")
    failed = []
    for place, number in enumerate([*SMALL, *ROUND, *MIXED]):
        prefix = prefixes[place % len(prefixes)]
        for case in CASES if number < BOTH else CASES[place % 2 :][:1]:
            words = prefix + arabic(number, gender, case, hundred="مئة" if place % 3 else "مائة")
            if wrong(f"ذكرت {words} خلال الجلسة", words, number, "ar"):
                failed.append(words)
    assert not failed


def test_english_words() -> None:
    failed = []
    for place, number in enumerate([*SMALL, *ROUND, *MIXED]):
        for with_and in (True, False) if number < BOTH else (place % 3 == 0,):
            words = english(number, with_and)
            words = words.capitalize() if place % 2 else words
            if wrong(f"{words} were seen there.", words, number, "en"):
                failed.append(words)
    assert not failed


@pytest.mark.parametrize("zero", ["0", "٠", "۰"])
def test_digits_of_every_system(zero: str) -> None:
    digits = str.maketrans("0123456789", "".join(chr(ord(zero) + value) for value in range(10)))
    for number in [*SMALL[::7], *ROUND[::3], *MIXED]:
        words = str(number).translate(digits)
        assert not wrong(f"x {words} y", words, number, "ar")
        assert not wrong(f"x {words} y", words, number, "en")


def test_thousands_may_be_parted() -> None:
    for number in [1000, *ROUND, *MIXED]:
        for mark in ",٬\u00a0\u202f":
            words = f"{number:,}".replace(",", mark)
            assert not wrong(f"x {words} y", words, number, "ar")
