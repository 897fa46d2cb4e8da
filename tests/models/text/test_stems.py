"""Words and stems: offsets that fit, forms of one word that meet, digits of any script."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.text.stems import spans, stem, usual, words

ARABIC = st.text("ابتثجحخدذرزسشصضطظعغفقكلمنهويةىأإآءؤئًٌَُّْـ", min_size=1, max_size=12)


@given(st.text(max_size=80), st.sampled_from(["ar", "en", "fr"]))
def test_words_stand_in_the_text_in_order_and_have_a_stem(text: str, language: str) -> None:
    found = words(text, language)
    assert [(word.start, word.end) for word in found] == spans(text)
    end = 0
    for word in found:
        assert end <= word.start < word.end <= len(text)
        assert word.stem
        end = word.end


@given(ARABIC)
def test_an_arabic_stem_is_never_longer_than_the_word(word: str) -> None:
    assert all(0 < len(stem(word[a:b], "ar")) <= b - a for a, b in spans(word))


@pytest.mark.parametrize(
    ("language", "forms"),
    [
        ("ar", ["الحكومة", "حكومة", "والحكومة", "للحكومة", "بالحكومة", "حكومات", "حُكومة", "حكـومة", "حكومي"]),
        ("ar", ["المسلحون", "مسلحين", "مسلح", "المسلحان"]),
        ("en", ["attack", "attacks", "attacked", "Attacking"]),
        ("en", ["country", "countries"]),
        ("en", ["stop", "stopped", "stopping", "stops"]),
        ("en", ["force", "forces", "forced"]),
    ],
)
def test_forms_of_a_word_have_one_stem(language: str, forms: list[str]) -> None:
    assert len({stem(form, language) for form in forms}) == 1


@pytest.mark.parametrize(("one", "other"), [("sing", "s"), ("bed", "b"), ("crisis", "crisi")])
def test_what_is_no_ending_stays(one: str, other: str) -> None:
    assert stem(one, "en") != other


@pytest.mark.parametrize("number", ["1,200", "1200", "١٢٠٠", "١٬٢٠٠", "۱۲۰۰"])
def test_a_number_is_its_digits(number: str) -> None:
    assert [word.stem for word in words(f"في {number} يوم", "ar")][1] == "1200"


@pytest.mark.parametrize("number", ["3.5", "٣٫٥"])
def test_a_decimal_keeps_its_point(number: str) -> None:
    assert stem(number, "en") == "3.5"


def test_a_joined_letter_comes_off_where_the_rest_is_the_more_usual_word() -> None:
    counts = {"طرابلس": 50, "كبير": 40, "بير": 2, "قال": 9, "وقال": 30, "هدف": 8}
    assert usual("بطرابلس", counts) == "طرابلس"
    assert usual("وقال", counts) == "قال"
    assert usual("كبير", counts) == "كبير"
    assert usual("هدفا", counts) == "هدف"
    assert usual("مجهولا", counts) == "مجهولا"
