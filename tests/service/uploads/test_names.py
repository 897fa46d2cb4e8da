"""File names: only what can be shown is left of them."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.uploads.names import LONGEST, shown, suffix


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("خبر.docx", "خبر.docx"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\خبر.txt", "خبر.txt"),
        ("/", "file"),
        ("", "file"),
        ("a\0b\r\nc.txt", "abc.txt"),
        ("\u202etxt.exe\u202c.pdf", "txt.exe.pdf"),
        (" \u2066a\ufeff ", "a"),
        ("x" * 10_000 + ".pdf", "x" * (LONGEST - 4) + ".pdf"),
    ],
)
def test_only_the_visible_last_part_is_left(name: str, left: str) -> None:
    assert shown(name) == left


@given(st.text(max_size=1000))
def test_nothing_left_moves_or_hides(name: str) -> None:
    left = shown(name)
    assert 0 < len(left) <= LONGEST
    assert not set(left) & {"/", "\\"}
    assert not [c for c in left if unicodedata.category(c)[0] == "C"]


@pytest.mark.parametrize(
    ("name", "ending"),
    [("a.TXT", ".txt"), ("a", ""), ("a.tar.gz", ".gz"), ("a.pdf/b", ""), ("a.exe\0.pdf", ".pdf"), (".pdf", ".pdf")],
)
def test_the_suffix_is_that_of_what_is_shown(name: str, ending: str) -> None:
    assert suffix(name) == ending
