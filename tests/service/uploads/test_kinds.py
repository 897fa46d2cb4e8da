"""Kinds of files: name and content must agree."""

import pytest

from service.uploads.errors import FileKindRefused
from service.uploads.kinds import SUFFIXES, Kind, kind_of
from tests.support.documents import docx, drawn, paragraph, pdf

TEXT = "نص المقال".encode()
CONTENT = {
    Kind.TEXT: TEXT,
    Kind.HTML: b"<p>x</p>",
    Kind.LINES: b'{"text": "x"}\n',
    Kind.JSON: b'[{"text": "x"}]',
    Kind.DOCX: docx(paragraph("x")),
    Kind.PDF: pdf([[drawn("x")]]),
}
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_suffix_is_read_with_its_content(suffix: str) -> None:
    assert kind_of(f"a{suffix}", CONTENT[SUFFIXES[suffix]]) is SUFFIXES[suffix]
    assert kind_of(f"A{suffix.upper()}", CONTENT[SUFFIXES[suffix]]) is SUFFIXES[suffix]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (TEXT, Kind.TEXT),
        ("نص".encode("utf-16"), Kind.TEXT),
        (b"\xef\xbb\xbf <!DOCTYPE html><p>", Kind.HTML),
        ("<html>".encode("utf-16"), Kind.HTML),
        (CONTENT[Kind.LINES], Kind.LINES),
        (CONTENT[Kind.JSON], Kind.JSON),
        (b"[1] A footnote", Kind.TEXT),
        (CONTENT[Kind.DOCX], Kind.DOCX),
        (b"\n" + CONTENT[Kind.PDF], Kind.PDF),
        (b'{"text": "%PDF-1.7"}', Kind.LINES),
    ],
)
def test_without_a_suffix_the_content_tells(content: bytes, kind: Kind) -> None:
    assert kind_of("article", content) is kind


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", CONTENT[Kind.DOCX]),
        ("a.docx", CONTENT[Kind.PDF]),
        ("a.txt", CONTENT[Kind.PDF]),
        ("a.jsonl", CONTENT[Kind.DOCX]),
        ("a.pdf", TEXT),
        ("a.docx", TEXT),
        ("a.docx", OLE),
        ("a.txt", b"{\\rtf1 x}"),
        ("a.doc", OLE),
        ("a.exe", b"MZ"),
        ("a.zip", CONTENT[Kind.DOCX]),
        ("a.pdf.exe", CONTENT[Kind.PDF]),
    ],
)
def test_what_does_not_agree_or_is_not_known_is_refused_with_what_is_accepted(name: str, content: bytes) -> None:
    with pytest.raises(FileKindRefused) as error:
        kind_of(name, content)
    assert all(suffix in str(error.value) for suffix in SUFFIXES)
