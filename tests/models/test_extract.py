"""Central sentences without a model."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.extract import central, centrality, similarity, window, words

ARTICLE = [
    "أعلن وزير الصحة افتتاح مستشفى جديد في طرابلس.",
    "وقال الوزير إن المستشفى الجديد يضم 200 سرير.",
    "ويأتي افتتاح المستشفى بعد عامين من العمل.",
    "وكانت المدينة قد شهدت أمطارا غزيرة.",
]
WORDS = st.lists(st.sampled_from(["وزير", "مستشفى", "طرابلس", "افتتاح", "مطر", "2020", "في"]), max_size=6).map(" ".join)
SENTENCES = st.lists(WORDS, min_size=1, max_size=12)


@given(SENTENCES)
def test_scores_are_shares_of_one(sentences: list[str]) -> None:
    scores = centrality(sentences)
    assert scores.shape == (len(sentences),)
    assert scores.sum() == pytest.approx(1)
    assert (scores > 0).all()


@given(st.integers(1, 12))
def test_where_no_sentence_resembles_another_the_order_decides(count: int) -> None:
    scores = centrality([f"كلمة{n}" for n in range(count)])
    assert (np.diff(scores) < 1e-12).all()
    assert central([f"كلمة{n}" for n in range(count)], 1) == [0]


def test_equals_stand_in_reading_order() -> None:
    assert central([f"كلمة{n}" for n in range(30)], 30) == list(range(30))


def test_the_first_sentence_of_an_article_leads_and_what_resembles_others_follows() -> None:
    assert central(ARTICLE, 1) == [0]
    assert central(ARTICLE, 4)[-1] == 3


@given(SENTENCES, st.integers(0, 12))
def test_no_sentence_is_chosen_twice_nor_more_than_asked_for(sentences: list[str], count: int) -> None:
    chosen = central(sentences, count)
    assert len(chosen) == len(set(chosen)) <= count
    assert all(words(sentences[index]) for index in chosen)


@given(SENTENCES, WORDS)
def test_no_choice_says_what_was_said(sentences: list[str], besides: str) -> None:
    chosen = central([*sentences, *sentences], 24, besides)
    contents = [tuple(sorted(words([*sentences, *sentences][index]))) for index in chosen]
    assert len(contents) == len(set(contents))
    assert tuple(sorted(words(besides))) not in contents


def test_nothing_is_chosen_from_nothing() -> None:
    assert central([], 3) == []
    assert central(["", "…"], 3) == []
    assert central(ARTICLE, 0) == []


@given(st.lists(st.integers(1, 40), min_size=1, max_size=12), st.integers(1, 200))
def test_a_window_holds_the_first_sentence_and_fits(lengths: list[int], room: int) -> None:
    sentences = [f"جملة {n} عن الوزير" for n in range(len(lengths))]
    chosen = window(sentences, lengths, room)
    assert chosen[0] == 0
    assert chosen == sorted(set(chosen))
    assert sum(lengths[index] for index in chosen) <= max(room, lengths[0])
    if sum(lengths) <= room:
        assert chosen == list(range(len(lengths)))
    left = room - sum(lengths[index] for index in chosen)
    assert all(lengths[index] > left for index in range(len(lengths)) if index not in chosen)


def test_a_window_prefers_what_carries_the_story() -> None:
    assert window(ARTICLE, [10, 10, 10, 10], 30) == [0, 1, 2]


@pytest.mark.parametrize("figure", ["12", "١٢", "3.5%"])
def test_of_equals_a_window_prefers_the_one_with_figures(figure: str) -> None:
    plain = [letter * 3 for letter in "abcdefghijklmnopqrst"]
    told = [*plain[:15], f"other {figure}", *plain[16:]]
    assert window(plain, [1] * 20, 10) == list(range(10))
    assert window(told, [1] * 20, 10) == [*range(9), 15]


def test_of_equals_a_window_prefers_the_short_one() -> None:
    sentences = [f"word{n}" for n in range(20)]
    assert window(sentences, [4] * 15 + [1] + [4] * 4, 25) == [0, 1, 2, 3, 4, 5, 15]


def test_a_sentence_without_length_costs_no_room() -> None:
    assert window(["one 1", "", "two 2"], [5, 0, 5], 5) == [0, 1]


def test_likeness_is_that_of_the_rarer_words() -> None:
    likeness = similarity(["the flood in Derna", "the flood in Tripoli", "the match in Tunis"])
    assert np.diag(likeness) == pytest.approx(1)
    assert likeness == pytest.approx(likeness.T)
    assert likeness[0, 1] > likeness[0, 2] > 0
    assert similarity(["", "words"])[0].tolist() == [0, 0]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("المستشفى للمستشفى والمستشفى بالمستشفى", ["مستشفي"] * 4),
        ("في عام 2020 ب 5", ["عام", "2020", "5"]),
        ("The Hospital, the hospital", ["the", "hospital", "the", "hospital"]),
        ("", []),
    ],
)
def test_words_are_folded_and_lose_the_article(text: str, found: list[str]) -> None:
    assert words(text) == found
