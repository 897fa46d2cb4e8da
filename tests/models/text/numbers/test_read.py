"""What is found in a text, form by form. A quantity is shown as its text, its value and what is special about it."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.text.numbers import Quantity, read

INFINITY = float("inf")


def values(text: str, language: str) -> list[Any]:
    """The value of each quantity that is not weak: a number, or its two bounds."""
    return [value(quantity) for quantity in read(text, language) if not quantity.weak]


def value(quantity: Quantity) -> Any:
    low, high = round(quantity.low, 2), round(quantity.high, 2)
    return low if low == high else (low, high)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("نقل 42 جريحا", [42]),
        ("نقل ٤٢ جريحا و۱۷ طفلا", [42, 17]),
        ("ارتفع السعر ٣٫٥ دينار أو 3.5 أو 3,5", [3.5, 3.5, 3.5]),
        ("سكانها 1,234,567 أو ١٬٢٣٤٬٥٦٧", [1_234_567, 1_234_567]),
        ("حضر 60.000 متفرج", [60_000]),
        ("بلغ الإنتاج 2.4 مليار دولار", [2_400_000_000]),
        ("أصلح العمال ستة جسور وثلاث طرق", [6, 3]),
        ("زرع ثلاثة وعشرون ألفا وخمسمائة واثنان", [23_502]),
        ("باع مئتي كتاب ومائتين وخمسين دفترا", [200, 250]),
        ("جمعوا مليونا ونصف المليون ثم مليونين ونصفا ثم ثلاثة ملايين ومئتي ألف", [1_500_000, 2_500_000, 3_200_000]),
        ("تبرع بنصف مليون وربع مليار", [500_000, 250_000_000]),
        ("حضر ألفا شخص وزرعوا ألفا وثمانمئة شجرة في خمسين ألفا", [2000, 1800, 50_000]),
        ("في اثنتي عشرة مدينة وإحدى عشرة قرية وأحد عشر حيا", [12, 11, 11]),
        ("خَمْسَةٌ وثلاثـــة", [5, 3]),
        ("خمسة و عشرون طالبا", [25]),
        ("باعت الشركة 3 ملايين و200 ألف جهاز", [3_200_000]),
        ("قبل يومين زار دولتين وتحدث مرتين", [2, 2, 2]),
        ("بعد ساعتين ونصف الساعة وعام ونصف العام", [2.5, 1.5]),
        ("استغرقت الرحلة ثلاث سنوات ونصفا", [3.5]),
    ],
)
def test_arabic_numbers(text: str, expected: list[float]) -> None:
    assert values(text, "ar") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Twenty-one of 1,234 boats and 3.5 tonnes", [21, 1234, 3.5]),
        ("a hundred goats, one hundred and one sheep, twelve hundred hens", [100, 101, 1200]),
        ("between one hundred and one hundred and fifty thousand", [(100_000, 150_000)]),
        ("one and a half million, two million, half a million", [1_500_000, 2_000_000, 500_000]),
        ("a dozen eggs, half a dozen, two dozen", [12, 6, 24]),
        ("paid $3.5bn, then $3.5m, for a 30km road", [3_500_000_000, 3_500_000, 30]),
        ("an 18-month lease on a seven-storey house", [18, 7]),
        ("a year and a half, two and a half hours", [1.5, 2.5]),
        ("four hundred four-wheel drives", [400, 4]),
    ],
)
def test_english_numbers(text: str, expected: list[float]) -> None:
    assert values(text, "en") == expected


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("%5 و5% و٥٪ و5 في المئة و5 بالمائة و5 بالمئة", "ar", [5] * 6),
        ("عشرون في المئة، ونصف السكان، وثلث النواب، وثلثا الأعضاء، وثلاثة أرباعهم", "ar", [20, 50, 33.33, 66.67, 75]),
        ("خمس السكان، وباعوا عُشر الأرض", "ar", [20, 10]),
        ("مقدار ثلاث نقاط مئوية", "ar", [3]),
        ("5%, 5 percent, five per cent, 5 percentage points", "en", [5] * 4),
        ("a quarter of a percentage point, a quarter-point cut", "en", [0.25, 0.25]),
        ("ربع نقطة مئوية، نصف نقطة", "ar", [0.25, 0.5]),
        ("half of them, a third of the rest, two-thirds, three quarters, one fifth", "en", [50, 33.33, 66.67, 75, 20]),
    ],
)
def test_percents_and_fractions_are_in_percent(text: str, language: str, expected: list[float]) -> None:
    assert values(text, language) == expected
    assert {quantity.kind for quantity in read(text, language)} == {"percent"}


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("بين 10 و20 سفينة، من 3 إلى 5 ملايين، 10-20%", "ar", [(10, 20), (3_000_000, 5_000_000), (10, 20)]),
        ("ما بين عشرة وعشرين", "ar", [(10, 20)]),
        (
            "between ten and twenty ships, 5 to 7 boats, 3 to 5 million, 10-20%",
            "en",
            [(10, 20), (5, 7), (3e6, 5e6), (10, 20)],
        ),
        ("فاز 2-1 ثم خسر 0-3", "ar", [(1, 2), (0, 3)]),
        ("won 2-1", "en", [(1, 2)]),
    ],
)
def test_ranges_and_scores(text: str, language: str, expected: list[tuple[float, float]]) -> None:
    assert values(text, language) == expected


@pytest.mark.parametrize(
    ("text", "language", "low", "high"),
    [
        ("نحو 40 بيتا", "ar", 40, 40),
        ("ما يقارب أربعين", "ar", 40, 40),
        ("أكثر من 40 بيتا", "ar", 40, INFINITY),
        ("ما لا يقل عن أربعين", "ar", 40, INFINITY),
        ("بأكثر من 40 مليونا", "ar", 40_000_000, INFINITY),
        ("40 على الأقل", "ar", 40, INFINITY),
        ("أقل من 40", "ar", -INFINITY, 40),
        ("nearly 40 houses", "en", 40, 40),
        ("About $40 million", "en", 40_000_000, 40_000_000),
        ("no fewer than forty", "en", 40, INFINITY),
        ("40 or more", "en", 40, INFINITY),
        ("fewer than 40", "en", -INFINITY, 40),
        ("عشرات البيوت", "ar", 20, 99),
        ("عشرات الآلاف", "ar", 20_000, 99_000),
        ("بضع مئات", "ar", 150, 999),
        ("dozens of houses", "en", 20, 100),
        ("Tens of thousands", "en", 20_000, 99_000),
        ("several hundred", "en", 150, 1000),
    ],
)
def test_what_is_said_inexactly(text: str, language: str, low: float, high: float) -> None:
    assert [(q.low, q.high, q.exact) for q in read(text, language)] == [(low, high, False)]


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("nine of every ten journalists", "en", [("percent", 90)]),
        ("one in five", "en", [("percent", 20)]),
        ("واحد من كل أربعة أطفال", "ar", [("percent", 25)]),
        ("killed two in four days", "en", [("count", 2), ("count", 4)]),
        ("killed two in 14 raids", "en", [("count", 2), ("count", 14)]),
        ("killed 14 in two attacks", "en", [("count", 14), ("count", 2)]),
        ("one child in five", "en", [("percent", 20)]),
        ("two in five", "en", [("percent", 40)]),
        ("واحد على عشرة من الميزانية", "ar", [("percent", 10)]),
        ("طفلا من كل خمسة", "ar", [("percent", 20)]),
        ("تسع حالات من كل عشر", "ar", [("percent", 90)]),
        ("سبع من أصل عشر مجموعات", "ar", [("percent", 70)]),
        ("خمسين ضابطا من خمس دول", "ar", [("count", 50), ("count", 5)]),
        ("أكثر من 40 مسلحا من الجانبين", "ar", [("count", 40), ("count", 2)]),
        ("three in ten", "en", [("percent", 30)]),
        ("15 of the 22 members", "en", [("count", 15), ("count", 22)]),
    ],
)
def test_how_many_of_how_many_is_a_part(text: str, language: str, expected: list[tuple[str, float]]) -> None:
    assert [(q.kind, q.low) for q in read(text, language)] == expected


@pytest.mark.parametrize(
    ("text", "language"), [("did not exceed 121", "en"), ("لا يبعد أكثر من أربعة كيلومترات", "ar")]
)
def test_more_than_with_a_negation_is_neither_more_nor_less(text: str, language: str) -> None:
    (quantity,) = read(text, language)
    assert quantity.low == quantity.high and not quantity.exact


def test_a_negation_of_another_clause_turns_nothing() -> None:
    (quantity,) = read("لم يصل الوزراء. وقتل أكثر من 40 شخصا.", "ar")
    assert quantity.high == INFINITY


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("في 12 مارس/آذار 2021", "ar", [("date", 312), ("year", 2021)]),
        ("في الثاني عشر من كانون الأول", "ar", [("date", 1212)]),
        ("في 24 و31 مايو", "ar", [("date", 524), ("date", 531)]),
        ("on March 12, 2021", "en", [("date", 312), ("year", 2021)]),
        ("on the 12th of March", "en", [("date", 312)]),
        ("They may march 12 miles", "en", [("count", 12)]),
        ("am 12.03.2021", "de", [("date", 312), ("year", 2021)]),
        ("منذ عام ألفين وأحد عشر", "ar", [("year", 2011)]),
        ("in 1850 and 2014", "en", [("year", 1850), ("year", 2014)]),
        ("في الساعة 10:30 أو العاشرة والنصف", "ar", [("time", 10.5), ("time", 10.5)]),
        ("at 10:30, at half past ten", "en", [("time", 10.5), ("time", 10.5)]),
        ("from 3.30 in the afternoon", "en", [("time", 3.5)]),
        ("وخامسها وأهمها", "ar", [("ordinal", 5)]),
        ("الدقيقة الثالثة والعشرون", "ar", [("ordinal", 23)]),
        ("the 21st, the twenty-first", "en", [("ordinal", 21), ("ordinal", 21)]),
    ],
)
def test_dates_times_and_ordinals(text: str, language: str, expected: list[tuple[str, float]]) -> None:
    assert [(quantity.kind, quantity.low) for quantity in read(text, language)] == expected


def test_what_a_number_counts_is_no_dual() -> None:
    for text in ("آلاف الليبيين", "ثلاثة مهندسين", "43 قاربا"):
        assert len(read(text, "ar")) == 1
    assert [quantity.low for quantity in read("أحد الحزبين", "ar")] == [1, 2]


def test_decades() -> None:
    for text, language in (("the 1990s", "en"), ("the nineties", "en"), ("في التسعينيات", "ar")):
        assert [(q.kind, q.low, q.high) for q in read(text, language)] == [("year", 1990, 1999)]


@pytest.mark.parametrize(
    "text", ["F-16", "MiG-29", "G20", "COVID-19", "5G", "M4", "several people", "decade", "Sunday", "a", ""]
)
def test_what_is_no_quantity_in_english(text: str) -> None:
    assert read(text, "en") == []


@pytest.mark.parametrize(
    "text",
    [
        "كوفيد-19",
        "إف-16",
        "إس-400",
        "يوم الاثنين",
        "الأحد",
        "بين",
        "حسين",
        "فلسطين",
        "الصين",
        "المدنيين",
        "أثنى عليه",
        "كمية",
        "صفوف",
    ],
)
def test_what_is_no_quantity_in_arabic(text: str) -> None:
    assert read(text, "ar") == []


@pytest.mark.parametrize(
    ("text", "language", "number"),
    [
        ("واحد منهم", "ar", 1),
        ("قبل شهر", "ar", 1),
        ("كلا الحزبين", "ar", 2),
        ("أحد الحزبين", "ar", 1),
        ("مهندسين", "ar", 2),
        ("one of them", "en", 1),
        ("a month ago", "en", 1),
        ("two men", "en", 2),
        ("both men", "en", 2),
        ("twice", "en", 2),
        ("first", "en", 1),
    ],
)
def test_small_and_implied_numbers_are_weak(text: str, language: str, number: int) -> None:
    assert [(q.low, q.weak) for q in read(text, language)][:1] == [(number, True)]
    assert not [q for q in read(text.replace("two", "2"), language) if q.low == 2 and q.weak and "two" in text]


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("1.234,5 Tonnen und 60.000 Menschen", "de", [1234.5, 60_000]),
        ("12 345 personnes, 3,5 %", "fr", [12_345, 3.5]),
        ("۱۲۳ نفر، ۴٫۵ درصد", "fa", [123, 4.5]),
        ("five", "de", []),
    ],
)
def test_other_languages_have_digits_only(text: str, language: str, expected: list[float]) -> None:
    assert values(text, language) == expected


def test_spans_are_those_of_the_text_as_it_was_given() -> None:
    text = "قُتِلَ ثَلاثةٌ وعشرون، ونُقل ٤٢."
    assert [text[q.start : q.end] for q in read(text, "ar")] == ["ثَلاثةٌ وعشرون", "٤٢"]


PIECES = [
    *("ثلاثة", "وعشرون", "ألفا", "ألف", "مليونا", "ونصف", "المليون", "مئة", "عشر", "بين", "و", "إلى", "من", "نحو"),
    *("بالمئة", "مايو", "اثنا", "الأول", "الثالثة", "وخمس", "دقائق", "إلا", "ربعا", "عام", "نقطة", "خُمس", "السكان"),
    *("two", "and", "a", "half", "hundred", "thousand", "-", "to", "between", "of", "third", "March", "past", "dozens"),
    *("few", "percent", "year", "12", "٣٫٥", "1,234", "10:30", "12.03.2021", "%", "/", "$", "m", "s", "2021", "1.2.3"),
    *("\u064f", "\u200f", "'", "\n", " "),
]


@settings(max_examples=400, deadline=None)
@given(
    st.one_of(
        st.text(max_size=60),
        st.lists(st.sampled_from(PIECES), max_size=25).map(" ".join),
        st.lists(st.sampled_from(PIECES), max_size=25).map("".join),
    ),
    st.sampled_from(["ar", "en", "fr", "fa", "zh"]),
)
def test_any_text_is_read_in_order_and_in_bounds(text: str, language: str) -> None:
    end = 0
    for quantity in read(text, language):
        assert 0 <= quantity.start < quantity.end <= len(text)
        assert quantity.low <= quantity.high
        # A date in digits is two quantities, a day and a year, in one place.
        assert quantity.start >= end or quantity.kind == "year"
        end = quantity.end


@given(st.integers(min_value=0, max_value=10**12), st.sampled_from("٠۰"))
def test_all_digit_systems_read_the_same(number: int, zero: str) -> None:
    text = f"قيمة {number} هنا"
    other = text.translate(str.maketrans("0123456789", "".join(chr(ord(zero) + digit) for digit in range(10))))
    assert read(text, "ar") == read(other, "ar") != []
