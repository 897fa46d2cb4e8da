import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.errors import MarkupTooDeep, NoProse
from models.text.html import MAX_DEPTH, extract

PAGE = """<!DOCTYPE html><html lang="ar"><head><title>افتتاح السوق | موقع</title>
<meta property="og:title" content="افتتاح السوق"><script>var a = "<div><div>";</script></head><body>
<nav><ul><li><a href="/">الرئيسية</a></li></ul></nav><article><h1>افتتاح السوق</h1>
<p>افتتحت بلدية الوادي أمس سوقا جديدة للخضار في وسط المدينة.</p>
<p>وقالت البلدية إن <a href="/x">السوق</a>&nbsp;تضم 40 متجرا &amp; مقهى.<p>وستعمل السوق كل يوم.</article>
<footer>جميع الحقوق محفوظة</footer></body></html>"""


def test_finds_the_article_and_its_title() -> None:
    page = extract(PAGE)
    assert page.title == "افتتاح السوق"
    lines = page.text.splitlines()
    assert "افتتحت بلدية الوادي أمس سوقا جديدة للخضار في وسط المدينة." in lines
    assert any("40 متجرا & مقهى" in line for line in lines)
    assert "وستعمل السوق كل يوم." in lines
    assert "الرئيسية" not in page.text
    assert "الحقوق" not in page.text


@pytest.mark.parametrize("fragment", ["<p>جملة واحدة هنا.</p>", "<div>جملة واحدة هنا.", "جملة واحدة هنا."])
def test_a_fragment_is_taken_as_it_stands(fragment: str) -> None:
    assert extract(fragment).text == "جملة واحدة هنا."


@pytest.mark.parametrize(
    "empty", ["", "  ", "<html></html>", "<!-- نص -->", "<script>var x = 1</script>", "<!--", "<script>"]
)
def test_no_text_is_no_prose(empty: str) -> None:
    with pytest.raises(NoProse):
        extract(empty)


@pytest.mark.parametrize("tag", ["div", "b", "ul><li", "font size=1", "DIV"])
def test_refuses_pathological_nesting(tag: str) -> None:
    with pytest.raises(MarkupTooDeep):
        extract(f"<{tag}>" * 10_000 + "نص")


def test_accepts_what_only_looks_nested() -> None:
    many = 2 * MAX_DEPTH
    assert extract("<p>فقرة قصيرة هنا.<br><img src=x>" * many).text.count("فقرة") == many
    assert "نص المقال" in extract(f"<!-- {'<div>' * many} --><script>{'<b>' * many}</script><p>نص المقال هنا.</p>").text


def test_expands_no_entities_of_a_document_type() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "bbbb"><!ENTITY f SYSTEM "file:///etc/passwd">]><html><body><p>نص هنا &a; &f;</p>'
    assert "bbbb" not in extract(bomb).text
    assert "root:" not in extract(bomb).text


def test_survives_unprintable_characters() -> None:
    assert "ab" in extract("<p>ab\x00 c\ud83d نص</p>").text


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "<p>",
                "</p>",
                "<div",
                ">",
                "<!--",
                "-->",
                "<![CDATA[",
                "&#x0;",
                "&amp",
                "<td>",
                "نص. ",
                "\x00",
                "</body>",
                "<?xml ",
                "<svg>",
                "<table>",
                "'",
                '"',
                "<a href=",
            ]
        )
    )
)
def test_broken_markup_never_crashes(parts: list[str]) -> None:
    with contextlib.suppress(NoProse):
        assert extract("".join(parts)).text.strip()
