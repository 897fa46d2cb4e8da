"""Bytes as text: what is decoded, and what is refused."""

import codecs
import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import EmptyText, NotText
from service.uploads.encoding import decode

ARABIC = "قال الوزير إن الاجتماع سيعقد غدا في العاصمة.\nوأضاف أن 12 دولة ستشارك."
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01"


@pytest.mark.parametrize(
    "data",
    [
        ARABIC.encode(),
        codecs.BOM_UTF8 + ARABIC.encode(),
        ARABIC.encode("utf-16"),
        codecs.BOM_UTF16_BE + ARABIC.encode("utf-16-be"),
        ARABIC.encode("windows-1256"),
    ],
    ids=["utf-8", "utf-8 with mark", "utf-16", "utf-16 big-endian", "windows-1256"],
)
def test_the_declared_encodings_give_the_same_text(data: bytes) -> None:
    assert decode(data) == ARABIC


@pytest.mark.parametrize("encoding", ["windows-1256", "iso-8859-6", "windows-1252"])
def test_a_page_is_read_as_it_declares(encoding: str) -> None:
    text = "Élysée" if encoding == "windows-1252" else ARABIC
    page = f'<html><meta charset="{encoding}"><p>{text}</p></html>'
    assert decode(page.encode(encoding), html=True) == page


@pytest.mark.parametrize(
    "data",
    [
        PNG,
        gzip.compress(ARABIC.encode() * 9, mtime=0),
        zlib.compress(ARABIC.encode()),
        b"PK\x03\x04\x14\x00",
        ARABIC.encode("utf-16-le"),
        ARABIC.encode("iso-8859-6"),
        "été à Orléans".encode("latin-1"),
        codecs.BOM_UTF16_LE + b"\x00\xd8a",
        b"text with a \x00 in it",
        b"\x01\x02\x03 and more",
        b'<meta charset="rot13">\xe9',
    ],
    ids=[
        "png", "gzip", "zlib", "zip", "utf-16 without mark", "iso-8859-6", "latin-1", "broken utf-16", "nul",
        "controls", "rot13",
    ],
)  # fmt: skip
def test_everything_else_is_not_text(data: bytes) -> None:
    with pytest.raises(NotText):
        decode(data, html=True)


def test_a_stray_control_character_is_no_reason() -> None:
    assert decode(ARABIC.encode() + b"\x02" + ARABIC.encode()) == f"{ARABIC}\x02{ARABIC}"


@pytest.mark.parametrize("data", [b"", b" \r\n\t"])
def test_nothing_is_empty(data: bytes) -> None:
    with pytest.raises(EmptyText):
        decode(data)


@given(st.binary(max_size=200))
def test_any_bytes_are_text_or_refused(data: bytes) -> None:
    try:
        text = decode(data)
    except (EmptyText, NotText):
        return
    assert "\x00" not in text


@given(st.text(st.characters(blacklist_categories=["Cc", "Cs"]), min_size=1).filter(str.strip))
def test_any_text_in_utf_8_is_itself(text: str) -> None:
    assert decode(text.encode()) == text.removeprefix("\ufeff")
