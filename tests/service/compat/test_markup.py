"""Markup: what is translated of it, and where its elements are afterwards."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import MarkupTooDeep
from models.text.segment import split
from service.compat.elements import HTML, Dialect
from service.compat.layout import Piece
from service.compat.markup import Document, Run, written
from service.errors import BadParameter

XML = Dialect(breaks=frozenset(("par",)), kept=frozenset(("x",)))


def runs(source: str, dialect: Dialect = HTML) -> list[str]:
    """The texts that are translated."""
    return [part.text for part in Document(source, dialect).parts("en") if isinstance(part, Run)]


def rendered(source: str, known: Mapping[str, str] | None = None, dialect: Dialect = HTML) -> str:
    """The markup translated: each sentence and phrase as `known` has it, else in capitals."""

    def told(text: str) -> str:
        return (known or {}).get(text, text.upper())

    def pieces(text: str) -> list[Piece]:
        found, at = [], 0
        for part in split(text, "en"):
            found.append(Piece(at, at + len(part.rstrip()), told(part.strip())))
            at += len(part)
        return found

    return "".join(
        part if isinstance(part, str) else written(part, pieces(part.text), {p: told(p) for p in part.phrases()})
        for part in Document(source, dialect).parts("en")
    )


# ---------------------------------------------------------------- blocks


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("rain", "RAIN"),
        ("<p>rain</p>", "<p>RAIN</p>"),
        (" <p>rain</p>\n<p>snow</p> ", " <p>RAIN</p>\n<p>SNOW</p> "),
        ("a<br />b<br>c", "A<br>B<br>C"),
        ("<ul><li>a</li><li>b</li></ul>", "<ul><li>A</li><li>B</li></ul>"),
        ("<p><b>rain</b></p>", "<p><b>RAIN</b></p>"),
        ("<p>x &lt; y &amp; z</p>", "<p>X &lt; Y &amp; Z</p>"),
        ("<p>12 &lt; 13</p>", "<p>12 &lt; 13</p>"),
        ('<p title="a &quot;b&quot;" dir="rtl">rain</p>', '<p title="a &quot;b&quot;" dir="rtl">RAIN</p>'),
        ("<!-- rain --><p>snow</p>", "<!-- rain --><p>SNOW</p>"),
        ("<script>if (a < b) {}</script><p>a</p>", "<script>if (a < b) {}</script><p>A</p>"),
        ("<pre>a\n  b</pre>", "<pre>a\n  b</pre>"),
        ('<p translate="no">rain</p>', '<p translate="no">rain</p>'),
        ("<p>a\n   b</p>", "<p>A B</p>"),
        ("<p>One. Two.</p>", "<p>ONE. TWO.</p>"),
        ("<b>One. Two.</b> three", "<b>ONE. TWO.</b> THREE"),
        ("<div>a<p>b</p>c</div>", "<div>A<p>B</p>C</div>"),
    ],
)
def test_text_is_translated_and_the_rest_stays(source: str, expected: str) -> None:
    assert rendered(source) == expected


def test_a_whole_page_stays_one() -> None:
    page = '<!DOCTYPE html>\n<html lang="ar"><head><title>a</title><meta charset="utf-8"></head><body><p>b</p></body></html>'
    assert rendered(page) == page.replace("<title>a<", "<title>A<").replace("<p>b<", "<p>B<")


def test_an_xml_declaration_is_no_obstacle() -> None:
    assert "<p>A</p>" in rendered('<?xml version="1.0" encoding="utf-8"?><html><body><p>a</p></body></html>')


# ---------------------------------------------------------------- elements within sentences

VISIT = {"he went to cairo on monday.": "On Monday he visited Cairo.", "cairo": "Cairo.", "monday": "monday"}


def test_a_sentence_is_translated_whole() -> None:
    assert runs("<p>he did <b>not</b> go. he <i>stayed</i></p>") == ["he did not go. he stayed"]


def test_elements_stand_around_the_words_that_translate_theirs() -> None:
    source = '<p>he went to <a href="/c">cairo</a> on <b>monday</b>.</p>'
    assert rendered(source, VISIT) == '<p>On <b>Monday</b> he visited <a href="/c">Cairo</a>.</p>'


def test_an_element_around_a_whole_sentence_stays_there() -> None:
    assert rendered('Snow. <a href="/r">Rain fell</a>.') == 'SNOW. <a href="/r">RAIN FELL.</a>'


def test_formatting_that_is_not_found_again_is_left_out() -> None:
    assert rendered("he <b>went</b> home.", {"he went home.": "He is back.", "went": "left"}) == "He is back."


def test_a_link_that_is_not_found_again_follows_its_sentence() -> None:
    source = 'he <a href="/w">went</a> home. So did I.'
    known = {"he went home.": "He is back.", "went": "left"}
    assert rendered(source, known) == 'He is back. <a href="/w">left</a> SO DID I.'


def test_formatting_in_a_link_is_left_out_and_elements_around_it_stay() -> None:
    assert rendered('go <a href="/a"><span class="x">to <b>cairo</b></span></a> now') == (
        'GO <a href="/a"><span class="x">TO CAIRO</span></a> NOW'
    )


def test_a_word_is_not_found_within_another() -> None:
    assert rendered("art <b>art</b> x", {"art art x": "parts of art", "art": "art"}) == ("parts of <b>art</b>")


def test_no_two_elements_take_the_same_words() -> None:
    known = {"a rain b rain c": "the rain and rain", "rain": "rain"}
    assert rendered("a <b>rain</b> b <i>rain</i> c", known) == "the <b>rain</b> and <i>rain</i>"


def test_mentions_and_tags_at_the_edges_are_not_translated() -> None:
    mention = '<a href="/u">@<span>user</span></a>'
    assert rendered(f"<p>{mention} rain <a>#news</a></p>") == f"<p>{mention} RAIN <a>#news</a></p>"
    assert runs(f"<p>{mention} rain <a>#news</a></p>") == ["rain"]


def test_a_mention_within_a_sentence_stays_where_it_is_found_or_follows() -> None:
    source = 'he met <a href="/u">@user</a> today'
    assert rendered(source, {"he met @user today": "Today he met @user"}) == 'Today he met <a href="/u">@user</a>'
    assert rendered(source, {"he met @user today": "He met him"}) == 'He met him <a href="/u">@user</a>'


def test_a_picture_within_a_sentence_follows_it() -> None:
    assert rendered('rain <img src="/a.png" alt=""> fell') == 'RAIN FELL <img src="/a.png" alt="">'


# ---------------------------------------------------------------- XML


def test_xml_keeps_all_its_tags_and_ignored_ones_their_text() -> None:
    assert rendered('go to <x id="1"></x> <b>cairo</b>', None, XML) == 'GO TO <b>CAIRO</b> <x id="1"></x>'
    assert rendered("<par>a</par><par>b</par>", None, XML) == "<par>A</par><par>B</par>"


@pytest.mark.parametrize(
    "source",
    [
        "a < b",
        "<a>",
        "&nbsp;",
        '<!DOCTYPE r [<!ENTITY a "aaaa">]>&a;',
        '<a xmlns="urn:x">b</a>',
        "<a>" * 240 + "x",
    ],
)
def test_xml_that_is_none_is_refused(source: str) -> None:
    with pytest.raises(BadParameter):
        Document(source, XML)


# ---------------------------------------------------------------- hostile markup


def test_markup_nested_too_deeply_is_refused() -> None:
    with pytest.raises(MarkupTooDeep):
        Document("<b>" * 300 + "x")


@given(st.text(alphabet="<>/abp\"'= &;!-?#؟.\n\x00\ud800", max_size=60))
def test_no_markup_breaks_it_and_no_word_of_it_is_made_markup(source: str) -> None:
    out = rendered(f"{source}")
    assert out.count("<script") <= source.lower().count("<script")


@pytest.mark.timeout(60)
def test_nesting_does_not_multiply_the_work() -> None:
    source = "<i>" * 200 + "<b>نص</b> " * 4000
    assert [part for part in Document(source).parts("ar") if part][-1] == "</i>"
