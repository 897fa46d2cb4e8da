"""What others wrote cannot act on a terminal, nor pass for what Mujaz says."""

import pytest

from service.cli.plain import escaped, line, marked, visible
from service.schemas.briefs import Flag


def flag(start: int, end: int) -> Flag:
    return Flag(kind="number", detail="", sentence=0, start=start, end=end, against=[])


@pytest.mark.parametrize(
    "text", ["\x1b[2J", "\x9b31m", "\x07", "a\rb", "\u202eabc", "\u2066", "a\u200fb", "a\u2028b", "\x7f"]
)
def test_control_characters_and_marks_of_direction_are_shown(text: str) -> None:
    assert "\ufffd" in visible(text)
    assert not any(
        ord(char) < 32 or 127 <= ord(char) < 160 or char in "\u202e\u2066\u200f\u2028" for char in visible(text)
    )


@pytest.mark.parametrize("text", ["نواكشوط، 12%", "می\u200cخواهم", "é – ’", "two\nlines", "👩\u200d🚒"])
def test_text_stays_as_it_is(text: str) -> None:
    assert visible(text) == text


def test_a_line_is_one_line() -> None:
    assert line("A title\n\n  PASSED: nothing to doubt") == "A title PASSED: nothing to doubt"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<script>", "\\<script\\>"),
        ("[x](http://y)", "\\[x\\](http://y)"),
        ("**PASSED**", "\\*\\*PASSED\\*\\*"),
        ("# PASSED", "\\# PASSED"),
        ("- item", "\\- item"),
        ("1. item", "1\\. item"),
        ("a\n## b", "a \\#\\# b"),
        ("1.5 million - 20%", "1\\.5 million - 20%"),
    ],
)
def test_markdown_shows_text_as_it_is(text: str, shown: str) -> None:
    assert escaped(text) == shown


def test_parts_to_doubt_are_told_apart_and_overlaps_are_one_after_the_other() -> None:
    assert marked("abcdef", [flag(3, 5), flag(1, 4), flag(1, 4)]) == [
        ("a", False), ("bcd", True), ("e", True), ("f", False),
    ]  # fmt: skip


def test_a_flag_on_the_whole_marks_nothing_within() -> None:
    assert marked("abc", [flag(0, 3)]) == [("abc", False)]
    assert marked("", [flag(0, 0)]) == []
