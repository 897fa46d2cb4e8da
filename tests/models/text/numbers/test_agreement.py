"""What a sentence of a brief may say of the numbers of its source."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.text.numbers import Quantity, agree, read, unsupported
from tests.models.text.numbers.spelling import arabic, english


def one(text: str, language: str) -> Quantity:
    (quantity,) = read(text, language)
    return quantity


def borne_out(said: str, source: str) -> bool:
    return agree(one(said, "en"), one(source, "ar"))


@pytest.mark.parametrize(
    ("said", "source"),
    [
        ("43 boats", "ثلاثة وأربعين قاربا"),
        ("forty-three boats", "٤٣ قاربا"),
        ("1.2 million", "مليون ومئتي ألف"),
        ("3.5 million", "3,487,000"),
        ("39 percent", "38.7%"),
        ("nearly 40", "39"),
        ("nearly 40", "38.7"),
        ("about 1.2 million", "1,197,000"),
        ("about 40", "نحو أربعين"),
        ("40", "نحو أربعين"),
        ("more than 40", "43"),
        ("more than 40", "أكثر من 40"),
        ("fewer than 40", "37"),
        ("dozens", "عشرات"),
        ("dozens", "48"),
        ("thousands", "آلاف"),
        ("thousands", "24 ألفا"),
        ("more than a third of them", "37%"),
        ("hundreds of thousands", "مئات الآلاف"),
        ("half", "50%"),
        ("50%", "نصف"),
        ("a third of them", "33%"),
        ("a fifth", "خمس ميزانية"),
        ("10 to 20", "بين 10 و20"),
        ("20", "بين 10 و20"),
        ("the 1990s", "عام 1994"),
        ("2-1", "1-2"),
        ("the 31st minute", "الدقيقة 31"),
        ("two books", "كتابين"),
        ("in 2014", "عام 2014"),
        ("March 12", "الثاني عشر من مارس"),
        ("10:30 p.m.", "22:30"),
        ("ten o'clock", "العاشرة"),
        ("2,018 points", "2018 نقطة"),
        ("in her fifties", "خمسينية"),
        ("17% of adults", "واحد من كل ستة أطفال"),
        ("nine out of every ten", "90%"),
        ("roughly one in eight", "12%"),
        ("two out of three", "الثلثين"),
        ("four in five", "80%"),
        ("no more than 5%", "واحد في العشرين"),
        ("three of them", "ثلاثة من سبعة"),
        ("about a third", "31%"),
        ("more than half", "57%"),
        ("half a per cent", "0.5%"),
        ("two thirds", "66%"),
        ("thirty-odd", "33"),
    ],
)
def test_faithful(said: str, source: str) -> None:
    assert borne_out(said, source)


@pytest.mark.parametrize(
    ("said", "source"),
    [
        ("40 boats", "43 قاربا"),
        ("12", "21"),
        ("150", "15"),
        ("two hundred", "ألفين"),
        ("3.4 million", "3,487,000"),
        ("3.4 million", "ثلاثة ملايين"),
        ("3,487,000", "3.5 مليون"),
        ("about 43", "40"),
        ("nearly 40", "50"),
        ("more than 40", "400"),
        ("more than 40", "39"),
        ("more than 50", "أكثر من 40"),
        ("fewer than 40", "43"),
        ("dozens", "مئات"),
        ("thousands", "عشرات الآلاف"),
        ("dozens", "12"),
        ("48", "عشرات"),
        ("half", "60%"),
        ("40%", "40 قاربا"),
        ("40 boats", "40%"),
        ("40%", "الأربعون"),
        ("10 to 30", "بين 10 و20"),
        ("10 to 20", "15"),
        ("from 2011 to 2014", "عام 2011"),
        ("15", "بين 10 و20"),
        ("2-1", "2-0"),
        ("the 21st minute", "الدقيقة 31"),
        ("in 2014", "عام 2015"),
        ("14", "عام 2014"),
        ("March 12", "12 مايو"),
        ("12 boats", "12 مايو"),
        ("10:30", "10:45"),
        ("fewer than 12", "أكثر من 12"),
        ("one in five", "ستة من كل عشرة"),
        ("more than half", "46%"),
        ("16%", "ستة أشخاص"),
    ],
)
def test_unfaithful(said: str, source: str) -> None:
    assert not borne_out(said, source)


@given(st.integers(min_value=0, max_value=10**6))
def test_a_number_in_words_agrees_across_languages(number: int) -> None:
    assert borne_out(english(number), arabic(number, "feminine", "oblique"))


@given(st.integers(min_value=3, max_value=999), st.integers(min_value=3, max_value=999))
def test_small_whole_numbers_agree_only_when_equal(said: int, source: int) -> None:
    assert borne_out(str(said), arabic(source, "masculine", "nominative")) == (said == source)


def test_what_is_unsupported_is_named() -> None:
    source = "انتشلت فرق الإنقاذ سبع جثث، ونقلت 23 جريحا في أربع سيارات يوم 12 مايو 2021"
    said = "Rescuers recovered nine bodies and took 23 wounded on May 12, 2020."
    found = unsupported(read(said, "en"), read(source, "ar"))
    assert [said[quantity.start : quantity.end] for quantity in found] == ["nine", "2020"]


def test_weak_quantities_need_no_support_but_give_it() -> None:
    assert not unsupported(read("Two men and one woman were freed.", "en"), [])
    assert not unsupported(read("2 engineers", "en"), read("وصل مهندسان", "ar"))
    assert unsupported(read("2 engineers", "en"), read("وصل ثلاثة مهندسين", "ar")[:1])


def test_a_ratio_is_borne_out_by_its_two_numbers_unless_they_are_another_ratio() -> None:
    assert not unsupported(read("killed two in five attacks", "en"), read("قتل شخصان خلال خمس هجمات", "ar"))
    assert unsupported(read("ten out of six", "en"), read("ستة من كل عشرة", "ar"))
    assert unsupported(read("three out of five", "en"), read("أربعة من كل خمسة", "ar"))


def test_the_bounds_of_a_range_may_stand_apart() -> None:
    assert not unsupported(read("They won 2-1.", "en"), read("سجلوا هدفين مقابل هدف", "ar"))
    assert not unsupported(read("from 10 to 20 boats", "en"), read("كانت القوارب 10 فصارت 20", "ar"))
    assert unsupported(read("from 10 to 20 boats", "en"), read("كانت القوارب 10 فصارت 30", "ar"))
