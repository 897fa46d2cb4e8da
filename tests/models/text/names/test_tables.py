"""The tables of names are well formed, and every line of them can be used."""

import pytest

from models.text.names import Places
from models.text.names.sounds import similar, trie
from models.text.names.tables import ordinary, table
from models.text.names.words import arabic


def test_every_entry_has_both_scripts() -> None:
    for entry in table().entries:
        assert entry.english
        assert entry.arabic
        assert not any(arabic(word) for phrase in entry.english for word in phrase)
        assert all(arabic(word) for phrase in entry.arabic for word in phrase)


def test_every_name_is_found_by_every_arabic_form_of_its_entry() -> None:
    for entry in table().entries:
        for phrase in entry.arabic:
            places = Places(" ".join(phrase), "ar")
            assert places._listed([entry]) is not None, phrase


@pytest.mark.parametrize(
    "country", ["Egypt", "Kazakhstan", "Burkina Faso", "Uruguay", "South Africa", "Papua New Guinea"]
)
def test_countries_of_every_continent_are_known(country: str) -> None:
    assert table().named(tuple(country.casefold().split()))


def test_hardly_any_ordinary_word_is_a_country_or_its_people() -> None:
    countries = {phrase for entry in table().entries if entry.kind == "country" for phrase in entry.english}
    assert {word for word in ordinary("en") if (word,) in countries} == {"car", "pole", "polish", "sultanate"}


def test_sounds_are_dearer_the_less_usual_the_rendering() -> None:
    words = trie(["جمال"])
    usual, egyptian, other = (similar(words, name).get("جمال", 0.0) for name in ("jamal", "gamal", "chamal"))
    assert usual > 0.95
    assert usual > egyptian > other


def test_a_common_arabic_word_is_taken_for_a_name_only_if_it_sounds_just_so() -> None:
    assert "بين" in ordinary("ar")
    assert Places("وبين", "ar").locate("Abyan", "en") is None
    assert Places("أبين", "ar").locate("Abyan", "en") is not None
