"""Boilerplate: what a page says around its article is no news, in a brief either."""

import pytest

from models.checks.article import Article, Line
from models.checks.boilerplate import reason
from models.checks.inspect import inspect

ARTICLE = ["افتتح الوزير مدرسة جديدة في المدينة.", "وقال إن الدراسة تبدأ يوم الأحد."]


@pytest.mark.parametrize(
    ("text", "language", "kind"),
    [
        ("اقرأ أيضا: انهيار جسر", "ar", "teaser"),
        ("المصدر: الجزيرة + وكالات", "ar", "source_line"),
        ("Source: Al Jazeera and agencies", "en", "source_line"),
        ("Share on Facebook", "en", "furniture"),
    ],
)
def test_known_furniture_is_told_by_its_kind(text: str, language: str, kind: str) -> None:
    assert reason(text, language, []) == kind


def test_a_line_that_cleaning_left_out_is_none_of_the_story() -> None:
    caption = "الوزير يتحدث إلى الطلاب في ساحة المدرسة"
    assert reason(caption, "ar", [caption]) == "left out"
    assert reason("وتحدث الوزير إلى الأهالي عن خطط المدرسة", "ar", [caption]) is None


def test_prose_is_no_boilerplate() -> None:
    assert [reason(sentence, "ar", ["صورة"]) for sentence in ARTICLE] == [None, None]


def test_a_brief_that_copies_boilerplate_is_flagged() -> None:
    report = inspect(
        [Line("Read more: A bridge collapses.", "اقرأ أيضا: انهيار جسر.")], Article(ARTICLE, "ar"), "en"
    ).report
    assert "boilerplate" in {flag.kind for flag in report.flags}
