"""Opposites: a word whose opposite stands in the source, where the source does not say it, too, nor deny the opposite."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.checks import opposites
from models.checks.negation import turned
from tests.models.checks.pairs import translation

OPPOSED = [
    ("The government bans farmers from selling wheat.", "تسمح الحكومة للمزارعين ببيع القمح.", "bans"),
    ("The army opened the road between the two cities.", "أغلق الجيش الطريق بين المدينتين.", "opened"),
    ("Oil prices fell after the meeting.", "ارتفعت أسعار النفط بعد الاجتماع.", "fell"),
    ("The court allowed the party to run in the election.", "منعت المحكمة الحزب من الترشح للانتخابات.", "allowed"),
    ("The president welcomed the initiative.", "ندد الرئيس بالمبادرة.", "welcomed"),
]
SAME = [
    ("The government bans farmers from selling wheat.", "تمنع الحكومة المزارعين من بيع القمح."),
    ("The army closed the road between the two cities.", "لم يفتح الجيش الطريق بين المدينتين."),
    ("Oil prices fell after they had risen for a week.", "انخفضت أسعار النفط بعد أن ارتفعت أسبوعا."),
    ("The attempt to rescue the sailors failed.", "لم تنجح محاولة إنقاذ البحارة."),
]


@pytest.mark.parametrize(("text", "source", "word"), OPPOSED)
def test_the_opposite_of_the_source_is_found(text: str, source: str, word: str) -> None:
    found = [turn for turn in turned([translation(text, source)]) if turn.kind == "opposed"]
    assert [text[turn.start : turn.end] for turn in found] == [word]


@pytest.mark.parametrize(("text", "source"), SAME)
def test_the_same_in_other_words_is_not(text: str, source: str) -> None:
    assert not list(turned([translation(text, source)]))


def test_a_word_takes_a_side_of_each_of_its_matters() -> None:
    (pole,) = opposites.read("They agreed.", "en")
    assert {matter for matter, _ in pole.sides} == {"accepting", "agreed"}
    (other,) = opposites.read("They disagreed.", "en")
    assert pole.opposed(other) == "agreed" and not pole.joins(other, "agreed")


def test_a_language_without_a_table_has_none() -> None:
    assert opposites.read("La route est fermée.", "fr") == ()


@given(st.text(max_size=80), st.sampled_from(["ar", "en"]))
def test_opposites_lie_in_any_text(text: str, language: str) -> None:
    assert all(0 <= pole.start < pole.end <= len(text) for pole in opposites.read(text, language))
