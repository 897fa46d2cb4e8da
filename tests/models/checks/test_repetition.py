"""Repetition: a later sentence that says what an earlier one says."""

from hypothesis import given
from hypothesis import strategies as st

from models.checks.repetition import again

ONE = "The minister opened a new school in the city."


def test_the_later_sentence_is_named_with_the_first_that_says_it() -> None:
    assert list(again([ONE, "It rained.", ONE, ONE], "en")) == [(2, 0), (3, 0)]


def test_order_and_inflection_make_no_difference() -> None:
    assert list(again([ONE, "In the city the minister opened new schools."], "en")) == [(1, 0)]


def test_different_or_short_sentences_are_none() -> None:
    assert list(again([ONE, "The minister closed an old hospital in the desert."], "en")) == []
    assert list(again(["He came.", "He came."], "en")) == []


@given(st.lists(st.text(max_size=40), max_size=5), st.sampled_from(["ar", "en", "fr"]))
def test_any_texts_are_read(texts: list[str], language: str) -> None:
    assert all(earlier < later for later, earlier in again(texts, language))
