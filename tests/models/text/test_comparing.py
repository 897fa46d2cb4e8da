"""How words are compared: by a table that knows them, by the source alone, or by digits and names."""

import pytest

from models.text.comparing import compares_words, comparison


@pytest.mark.parametrize(
    ("said", "language", "all_words"),
    [("ar", "ar", True), ("en", "ar", True), ("fr", "fr", True), ("en", "fr", False), ("ar", "en", False)],
)
def test_whether_all_words_are_compared(said: str, language: str, all_words: bool) -> None:
    assert compares_words(said, language) is all_words


@pytest.mark.parametrize(
    ("word", "source"), [("minister", "الوزير"), ("14", "١٤"), ("Haftar", "لحفتر"), ("AFP", "AFP")]
)
def test_a_word_rests_on_its_translation_its_digits_or_its_name(word: str, source: str) -> None:
    how = comparison("en", "ar", [])
    assert set(how.sources(word)) & set(how.keys(source))


def test_common_words_are_no_content() -> None:
    french = ["le chat dort", "le chien dort", "le roi mange", "le pain est bon", "le vin est bon"]
    for how, common, rare in (
        (comparison("en", "ar", []), "the", "inflation"),
        (comparison("ar", "ar", []), "في", "تضخم"),
        (comparison("fr", "fr", french), "le", "chien"),
        (comparison("en", "fr", []), "dog", "Lyon"),
    ):
        assert how.weight(common) == 0.0 < how.weight(rare) <= 1.0
