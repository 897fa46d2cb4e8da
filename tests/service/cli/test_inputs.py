"""Files named on the command line as articles: which are read, and that one bad file stands alone."""

import codecs
import io
import json
import sys
from pathlib import Path

import pytest

from service.cli.inputs import count_articles, read_articles
from service.limits import TextLimits
from service.schemas.briefs import Article, FailedItem
from service.uploads.limits import UploadLimits
from tests.support.documents import docx, drawn, paragraph, pdf

ARABIC = "قال الوزير إن الاجتماع سيعقد غدا في العاصمة.\nوأضاف أن 12 دولة ستشارك."
LIMITS = UploadLimits(TextLimits(1000, 5000), file_bytes=40_000, memory=2**29, seconds=20.0)
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01"


def test_files_are_told_apart_by_their_names(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(ARABIC)
    (tmp_path / "b.HTML").write_text("<p>ب</p>")
    text, page = _read(tmp_path / "a.txt", tmp_path / "b.HTML")
    assert isinstance(text, Article) and (text.text, text.html, text.id) == (ARABIC, None, str(tmp_path / "a.txt"))
    assert isinstance(page, Article) and (page.text, page.html) == (None, "<p>ب</p>")


def test_one_bad_file_stands_alone(tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_bytes(PNG)
    (tmp_path / "empty.txt").write_bytes(b"")
    (tmp_path / "gold.json").write_text("{")
    (tmp_path / "large.txt").write_bytes(b"x" * 40_001)
    (tmp_path / "long.txt").write_bytes(b"x" * 20_001)
    (tmp_path / "good.txt").write_text(ARABIC)
    (tmp_path / "odd.txt").write_bytes(PNG)
    names = {
        "bad.png": "file_kind",
        "odd.txt": "not_text",
        "empty.txt": "empty_text",
        "gold.json": "input_refused",
        "long.txt": "too_long",
        "large.txt": "too_long",
        "absent.txt": "input_refused",
        "": "input_refused",
        "a\0b.txt": "input_refused",
    }
    *bad, good = _read(*(tmp_path / name for name in names), tmp_path / "good.txt")
    assert [item.error.code for item in bad if isinstance(item, FailedItem)] == list(names.values())
    assert isinstance(good, Article)


def test_documents_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_bytes(docx(paragraph("قال الوزير.")))
    (tmp_path / "b.PDF").write_bytes(pdf([[drawn("قال الوزير.")]]))
    (tmp_path / "c.json").write_text('[{"text": "قال الوزير."}]')
    items = _read(*(tmp_path / name for name in ("a.docx", "b.PDF", "c.json")))
    assert [item.text for item in items if isinstance(item, Article)] == ["قال الوزير."] * 3
    assert items[2].id == f"{tmp_path / 'c.json'}:1"


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
