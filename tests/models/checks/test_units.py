"""Units: a number keeps what it counts in."""

import pytest

from models.checks.units import durations, is_unit, lasts, measured, other_unit
from models.text.numbers import read


def flagged(text: str, article: str) -> list[tuple[str, str]]:
    there = read(article, "ar")
    found = other_unit(text, read(text, "en"), article, measured(article, there), durations(article, there))
    return [(text[quantity.start : quantity.end], there) for quantity, there in found]


def test_another_unit_of_the_same_kind_is_found() -> None:
    assert flagged("The truce will last three weeks.", "تستمر الهدنة ثلاثة أشهر.") == [("three", "ثلاثة أشهر")]


@pytest.mark.parametrize(
    ("text", "article"),
    [
        ("The truce will last three months.", "تستمر الهدنة ثلاثة أشهر."),
        ("The truce will last two days.", "تستمر الهدنة يومين."),
        ("He is three years old.", "انتظر ثلاثة رجال."),  # no unit there
        ("It took three weeks.", "استغرق ثلاثة أسابيع بعد ثلاثة أشهر."),
        ("They lose an hour and a half a day.", "يخسرون ساعة ونصف الساعة يوميا."),
        ("There may be 300 a year.", "قد تصل إلى 300 يوم في السنة."),
    ],
)
def test_the_same_unit_is_not(text: str, article: str) -> None:
    assert flagged(text, article) == []


@pytest.mark.parametrize("word", ["years", "km", "دولارات", "للدولار", "الأشهر"])
def test_units(word: str) -> None:
    assert is_unit(word)
    assert not is_unit("soldiers")


@pytest.mark.parametrize(
    ("text", "article", "same"),
    [
        ("a quarter of a century", "خمسة وعشرين عاما", True),
        ("18 months", "عام ونصف العام", True),
        ("a century and a half", "150 عاما", True),
        ("48 hours", "يومين", True),
        ("18 months", "عام", False),
        ("a quarter of a century", "15 عاما", False),
    ],
)
def test_a_time_in_another_unit(text: str, article: str, same: bool) -> None:
    quantity, *_ = read(text, "en")
    assert lasts(text, quantity, durations(article, read(article, "ar"))) == same
