"""Files as articles: what is decoded, what is refused, and that one bad file stands alone."""

import codecs
import gzip
import io
import json
import sys
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import EmptyText, NotText
from service.cli.inputs import count_articles, decode, read_articles
from service.limits import TextLimits
from service.schemas.briefs import Article, FailedItem

ARABIC = "قال الوزير إن الاجتماع سيعقد غدا في العاصمة.\nوأضاف أن 12 دولة ستشارك."
LIMITS = TextLimits(1000, 5000)
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
        b"%PDF-1.7\n1 0 obj",
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
        "png", "gzip", "zlib", "pdf", "zip", "utf-16 without mark", "iso-8859-6", "latin-1", "broken utf-16", "nul",
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


def test_files_are_told_apart_by_their_names(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(ARABIC)
    (tmp_path / "b.HTML").write_text("<p>ب</p>")
    text, page = _read(tmp_path / "a.txt", tmp_path / "b.HTML")
    assert isinstance(text, Article) and (text.text, text.html, text.id) == (ARABIC, None, str(tmp_path / "a.txt"))
    assert isinstance(page, Article) and (page.text, page.html) == (None, "<p>ب</p>")


def test_one_bad_file_stands_alone(tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_bytes(PNG)
    (tmp_path / "empty.txt").write_bytes(b"")
    (tmp_path / "gold.json").write_text("{}")
    (tmp_path / "long.txt").write_bytes(b"x" * 20_001)
    (tmp_path / "good.txt").write_text(ARABIC)
    names = [
        tmp_path / name for name in ("bad.png", "empty.txt", "gold.json", "long.txt", "absent.txt", "", "good.txt")
    ]
    *bad, good = _read(*names)
    codes = [item.error.code for item in bad if isinstance(item, FailedItem)]
    assert codes == ["not_text", "empty_text", "input_refused", "too_long", "input_refused", "input_refused"]
    assert isinstance(good, Article)


def test_lines_are_articles_and_a_bad_line_is_its_own_error(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(
        codecs.BOM_UTF8
        + b"\n".join(
            [
                json.dumps({"id": "x", "text": "ا", "source": "fa"}).encode(),
                b"",
                json.dumps({"title": "ع", "html": "<p>"}).encode(),
                b'{"text": "secret"',
                b'{"txt": "secret"}',
                b'{"text": "\xff"}',
                b'{"text": "' + b"x" * 50_000 + b'"}',
                b'{"text": "last"}',
            ]
        )
    )
    first, second, *bad, last = _read(path, source="ar")
    assert isinstance(first, Article) and (first.id, first.source) == ("x", "fa")
    assert isinstance(second, Article) and (second.id, second.source) == (f"{path}:3", "ar")
    assert isinstance(last, Article) and (last.id, last.text) == (f"{path}:8", "last")
    assert [item.error.code for item in bad if isinstance(item, FailedItem)] == ["input_refused"] * 3 + ["too_long"]
    assert "secret" not in str(bad)
    assert count_articles([str(path), "b.txt"]) == 8  # newlines and one file: an estimate for the progress bar


@pytest.mark.parametrize(
    ("data", "kind"),
    [(ARABIC.encode(), "text"), (b" <!DOCTYPE html><p>x</p>", "html"), (b'\n{"text": "x"}\n{"text": "y"}', "lines")],
)
def test_standard_input_is_told_by_its_beginning(monkeypatch: pytest.MonkeyPatch, data: bytes, kind: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(data))))
    items = list(read_articles(["-"], "auto", LIMITS))
    assert all(isinstance(item, Article) for item in items)
    assert len(items) == (2 if kind == "lines" else 1)
    assert [bool(item.html) for item in items if isinstance(item, Article)] == [kind == "html"] * len(items)
    assert count_articles(["-"]) is None


def _read(*paths: Path, source: str = "auto") -> list[Article | FailedItem]:
    return list(read_articles([str(path) for path in paths], source, LIMITS))
