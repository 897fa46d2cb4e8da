"""Which words of a sentence are names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.text.names import available, find


def names(text: str, language: str = "en") -> list[str]:
    return [mention.text for mention in find(text, language)]


def certain(text: str) -> list[str]:
    return [mention.text for mention in find(text, "en") if mention.certain]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("forces of retired general Khalifa Haftar near Tripoli", ["Khalifa Haftar", "Tripoli"]),
        ("said Youssef al-Maamari and Fahd bin Omran", ["Youssef al-Maamari", "Fahd bin Omran"]),
        ("the Strait of Hormuz and Trinidad and Tobago", ["Strait of Hormuz", "Trinidad and Tobago"]),
        ("the U.S. and the UN Security Council", ["U.S.", "UN Security Council"]),
        ("near Cox's Bazar, the Kurdistan Workers' Party", ["Cox's Bazar", "Kurdistan Workers' Party"]),
        ("a Russian-Turkish deal", ["Russian", "Turkish"]),
        ("Libya's Haitham Zentani", ["Libya", "Haitham Zentani"]),
        ("according to Al Jazeera and al-Qaeda", ["Al Jazeera", "al-Qaeda"]),
    ],
)
def test_names_are_runs_of_capitals_and_what_the_tables_know(text: str, expected: list[str]) -> None:
    assert names(text) == expected


def test_titles_offices_and_the_calendar_are_no_names() -> None:
    assert names("on Wednesday, 5 March, President Zentani met Foreign Minister Dr. Quraishi") == [
        "Zentani",
        "Quraishi",
    ]
    assert names("The Supreme Court and the Foreign Ministry said so in Ramadan.") == []


def test_ordinary_words_in_capitals_are_no_names() -> None:
    assert names("in front of the Repository of Sacred Manuscripts near the Glossy Aqueduct") == []
    assert names("in front of Bilal and Karim Omelette") == ["Bilal", "Karim"]


def test_the_possessive_does_not_belong_to_the_name() -> None:
    assert names("Zentani's brigade and the Houthis' drones") == ["Zentani", "Houthis"]


def test_the_first_word_of_a_sentence_is_a_name_only_if_no_ordinary_word() -> None:
    assert names("Residents fled. According to them, smugglers came.") == []
    assert names("Truffles grow there; many truffles.") == []
    assert names("Benghazi was calm.") == ["Benghazi"]


def test_a_name_of_several_words_has_no_plural() -> None:
    assert names("the Arab League and Arab leagues") == ["Arab League", "Arab"]


def test_an_unknown_word_at_the_beginning_is_not_certain() -> None:
    assert names("Zentani spoke.") == ["Zentani"]
    assert certain("Zentani spoke.") == []
    assert certain("Haitham Zentani spoke to Zentani.") == ["Haitham Zentani", "Zentani"]


def test_what_another_language_spells_out_is_not_certain() -> None:
    assert names("the XQZ fund wants a DNA test") == ["XQZ", "DNA"]
    assert certain("the XQZ fund wants a DNA test") == []


def test_acronyms_are_not_looked_for_in_lower_case_words() -> None:
    assert names("Who is it? It is us.") == []
    assert names("the WHO") == ["WHO"]


def test_arabic_gives_what_the_tables_know_and_says_so() -> None:
    assert names("وقال الرئيس المصري إن الأمم المتحدة قلقة على طرابلس", "ar") == ["المصري", "الأمم المتحدة", "طرابلس"]
    assert available("en")
    assert not available("ar")


@given(st.text(), st.sampled_from(["en", "ar", "fr"]))
def test_spans_are_in_order_and_in_bounds_for_any_text(text: str, language: str) -> None:
    end = 0
    for mention in find(text, language):
        assert end <= mention.start < mention.end <= len(text)
        assert text[mention.start : mention.end] == mention.text
        end = mention.end
