"""Attribution: somebody's words stay somebody's, and the same body's."""

import pytest

from models.checks.attribution import misattributed, removed
from tests.models.checks.pairs import retelling, translation

SAID = "وقال المتحدث باسم الشرطة إن السائق فقد السيطرة على الحافلة."
OTHERS = "The farmers said that the road was closed."
ENGLISH = "The police spokesman said that the driver had lost control of the bus."


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("The driver lost control of the bus.", SAID),
        ("The driver had lost control of the bus.", ENGLISH),
        ("The driver lost control of the bus.", "فقد السائق السيطرة على الحافلة، بحسب الشرطة."),
    ],
)
def test_reported_words_that_become_a_fact_are_found(text: str, source: str) -> None:
    assert removed(retelling(text, source))


@pytest.mark.parametrize(
    ("text", "source"),
    [
        (ENGLISH, SAID),
        ("According to the police, the driver lost control of the bus.", SAID),
        ("The army suspended the talks.", "علق الجيش المحادثات."),  # the word also means that he commented
        ("Parliament passed the law on elections.", "أقر البرلمان قانون الانتخابات."),  # or: admitted
        ("The main defendant was sentenced to prison.", "حكم على المتهم الرئيسي بالسجن."),
        ("The station received the first signal.", "تلقت المحطة أول إشارة."),
    ],
)
def test_words_that_only_look_like_reporting_are_none(text: str, source: str) -> None:
    assert not removed(translation(text, source))


def test_a_brief_may_leave_the_reported_words_out() -> None:
    assert not removed(retelling("A bus fell into the river near the city yesterday.", SAID))


def test_words_given_to_somebody_else_are_found() -> None:
    text = "The farmers said that the driver had lost control of the bus."
    found = misattributed(retelling(text, ENGLISH), f"{ENGLISH}\n{OTHERS}")
    assert found and text[slice(*found)] == "farmers"


def test_one_whom_the_article_does_not_know_may_be_its_speaker_in_other_words() -> None:
    text = "The force said that the driver had lost control of the bus."
    assert misattributed(retelling(text, ENGLISH), f"{ENGLISH}\n{OTHERS}") is None


def test_a_capital_at_the_beginning_is_no_name() -> None:
    text = "Officials said that the driver had lost control of the bus."
    assert misattributed(retelling(text, ENGLISH), f"{ENGLISH}\n{OTHERS}") is None


def test_one_with_a_name_need_not_be_known() -> None:
    text = "Lawyer Samir Haddad said that the driver had lost control of the bus."
    assert misattributed(retelling(text, ENGLISH), ENGLISH)


@pytest.mark.parametrize(
    "text",
    [
        ENGLISH,
        "A spokesman for the police said that the driver had lost control of the bus.",
        '"The driver had lost control of the bus," he said.',  # a pronoun names nobody
        "The driver had lost control of the bus.",
    ],
)
def test_the_same_speaker_in_other_words_is_not_somebody_else(text: str) -> None:
    assert misattributed(retelling(text, ENGLISH), ENGLISH) is None


def test_united_states_is_no_verb() -> None:
    text = "The United States central bank kept interest rates unchanged."
    source = "أبقى البنك المركزي الأميركي أسعار الفائدة من دون تغيير، وقال إنه ينتظر."
    assert misattributed(translation(text, source), source) is None


def test_what_something_depends_on_is_nobodys_words() -> None:
    assert not removed(translation("The price depends on the length of the journey.", "يحدد السعر حسب طول الرحلة."))
