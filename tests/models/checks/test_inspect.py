"""All checks of a brief: what holds for any text, and one flag of each kind."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.checks.article import Article, Line
from models.checks.inspect import inspect
from models.checks.report import KINDS, Kind

ARABIC = [
    "أعلنت وزارة الصحة في ليبيا أن 34 شخصا أصيبوا في انفجار وقع في مدينة سبها يوم الثلاثاء.",
    "وقال المتحدث باسم الوزارة أحمد الزروق إن المستشفى لم يستقبل أي وفيات.",
    "ونفى مدير المصنع وجود مواد خطرة في المستودع.",
]
ENGLISH = [
    "The Libyan health ministry announced that 34 people were injured in an explosion in the city of Sabha on Tuesday.",
    "Ministry spokesman Ahmed al-Zarrouq said the hospital had not received any deaths.",
    "The factory director denied that there were hazardous materials in the warehouse.",
]
LANGUAGES = st.sampled_from(["ar", "en", "fr"])
LETTERS = st.text(alphabet="ابتنلمو أم لا قال 34٪ab The not Libya \n\"'،.%-$€", max_size=60)
TEXTS = st.one_of(st.text(max_size=60), LETTERS, st.sampled_from(ARABIC + ENGLISH))


def kinds(text: str, source: str | None = None, article: Article | None = None) -> set[Kind]:
    return {flag.kind for flag in inspect([Line(text, source)], article or Article(ARABIC, "ar"), "en").report.flags}


@pytest.mark.parametrize("number", range(3))
def test_a_true_translation_is_not_flagged(number: int) -> None:
    found = inspect([Line(ENGLISH[number], ARABIC[number])], Article(ARABIC, "ar"), "en")
    assert found.report.flags == () and found.report.status == "pass"
    assert found.links[0][0].index == number
    assert kinds(ENGLISH[number]) == set()


@pytest.mark.parametrize(
    ("number", "old", "new", "kind"),
    [
        (0, "34", "43", "number"),
        (0, "Sabha", "Benghazi", "name"),
        (1, "had not received", "had received", "negation"),
        (2, "denied", "confirmed", "negation"),
        (1, "Ministry spokesman Ahmed al-Zarrouq said the", "The", "attribution"),
        (0, "in an explosion", "in an explosion explosion explosion explosion", "repetition"),
    ],
)
def test_one_fault_is_named(number: int, old: str, new: str, kind: Kind) -> None:
    said = ENGLISH[number].replace(old, new)
    assert kind in kinds(said) and kind in kinds(said, ARABIC[number])


def test_sentences_from_nowhere_left_in_arabic_or_said_twice() -> None:
    assert kinds("The national team won the final match against Brazil after a penalty shootout.") >= {"foreign"}
    assert "language" in kinds(f"The director denied that there were {ARABIC[2][20:]}", ARABIC[2])
    twice = inspect([Line(ENGLISH[0]), Line(ENGLISH[1]), Line(ENGLISH[0])], Article(ARABIC, "ar"), "en").report
    assert [(flag.kind, flag.line) for flag in twice.flags] == [("repetition", 2)]


def test_what_a_language_does_not_allow_is_said() -> None:
    report = inspect([Line("Le ministre a ouvert une école.")], Article(ARABIC, "ar"), "fr").report
    assert report.status == "partial"
    assert set(report.unavailable) == {"number", "name", "negation", "attribution", "unsupported", "foreign"}
    assert set(report.run) | set(report.unavailable) == set(KINDS)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(TEXTS, st.none() | TEXTS), max_size=3), st.lists(TEXTS, max_size=3), LANGUAGES, LANGUAGES)
def test_no_text_breaks_a_check_and_every_flag_lies_in_its_sentence(
    said: list[tuple[str, str | None]], sentences: list[str], language: str, target: str
) -> None:
    lines = [Line(text, source) for text, source in said]
    found = inspect(lines, Article(sentences, language), target)
    assert len(found.links) == len(lines)
    for flag in found.report.flags:
        assert 0 <= flag.start <= flag.end <= len(lines[flag.line].text)
        assert all(0 <= index < len(sentences) for index in flag.against)
        assert flag.kind in found.report.run


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(ENGLISH), st.lists(st.sampled_from(ENGLISH), max_size=3))
def test_a_sentence_of_the_article_is_never_flagged(sentence: str, others: list[str]) -> None:
    article = Article([*others, sentence], "en")
    assert inspect([Line(sentence)], article, "en").report.flags == ()


@given(st.integers(0, 2), LETTERS)
def test_an_extract_is_its_own_evidence(index: int, text: str) -> None:
    found = inspect([Line(text, None, index)], Article(ENGLISH, "en"), "en")
    assert [link.index for link in found.links[0]] == [index]
    assert not {"foreign", "unsupported", "negation", "attribution"} & {flag.kind for flag in found.report.flags}
