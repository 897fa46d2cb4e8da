"""PDF: Arabic comes out in reading order from files of several makes, and hostile files are refused."""

import zlib
from pathlib import Path

import pytest

from models.errors import EmptyText, InputTooLong, MujazError
from service.uploads.errors import FileUnreadable
from service.uploads.pdf import parse
from tests.support.documents import assembled, drawn, pdf

DOCUMENTS = Path(__file__).parents[2] / "fixtures/documents"
LINES = ["أعلن الوزير يوم الثلاثاء 14 مارس 2023 أن الأسعار ارتفعت", "إلى 3.5 مليار دولار بحسب شركة Alstom في الأردن."]


@pytest.mark.parametrize("name", ["fpdf2", "typst"])
def test_an_article_is_what_it_was_made_from(name: str) -> None:
    """Word for word, but for the percent sign: which side of its number it is seen on depends on the direction."""
    written = (DOCUMENTS / "article.txt").read_text(encoding="utf-8").replace("٧٥٪", "٪٧٥")
    assert parse((DOCUMENTS / f"{name}.pdf").read_bytes(), 10_000) == written.strip()


def test_lines_drawn_as_they_are_seen_are_read_from_the_right() -> None:
    assert parse(pdf([[drawn(line) for line in LINES]]), 1000) == " ".join(LINES)


def test_latin_text_and_its_hyphens_are_read_from_the_left() -> None:
    assert parse(pdf([[list("Left to right"), list("is read as it is.")]]), 100) == "Left to right\nis read as it is."


def test_an_empty_page_and_scans_hold_no_text() -> None:
    for pages in ([[]], [[[]]], [[[" "]]]):
        with pytest.raises(EmptyText, match="scanned"):
            parse(pdf(pages), 100)


@pytest.mark.parametrize("pages", [[["x" * 101]], [["x" * 60], ["y" * 60]]])
def test_more_than_the_limit_is_refused(pages: list[list[str]]) -> None:
    with pytest.raises(InputTooLong):
        parse(pdf(pages), 100)


def test_a_locked_file_is_told_from_a_damaged_one() -> None:
    lock = f"<< /Filter /Standard /V 1 /R 2 /P -4 /O <{'ab' * 32}> /U <{'cd' * 32}> >>"
    locked = pdf([["text"]], extra=lock, trailer="/Encrypt 9 0 R /ID [<00> <00>]")
    with pytest.raises(FileUnreadable, match="password"):
        parse(locked, 100)
    with pytest.raises(FileUnreadable, match="damaged"):
        parse(b"%PDF-1.7\n" + bytes(100), 100)


CATALOGUE = "<< /Type /Catalog /Pages 2 0 R >>"
PAGE = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] {} >>"
PAGES = "<< /Type /Pages /Count 1 /Kids [3 0 R] >>"


def stream(content: bytes, head: str = "") -> str:
    return f"<< /Length {len(content)} {head} >>\nstream\n{content.decode('latin-1')}\nendstream"


FORM = "/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 4 0 R >> >>"
HOSTILE = {
    "no pages": [CATALOGUE, "<< /Type /Pages /Count 0 /Kids [] >>"],
    "pages in pages": [CATALOGUE, "<< /Type /Pages /Count 1 /Kids [2 0 R] >>"],
    "a billion pages": [CATALOGUE, "<< /Type /Pages /Count 1000000000 /Kids [3 0 R] >>", PAGE.format("")],
    "a form in itself": [
        CATALOGUE,
        PAGES,
        PAGE.format("/Contents 5 0 R /Resources << /XObject << /X 4 0 R >> >>"),
        stream(b"/X Do /X Do", FORM),
        stream(b"/X Do"),
    ],
    "deep brackets": [CATALOGUE, PAGES, PAGE.format("/Contents 4 0 R"), stream(b"[" * 100_000)],
    "deep objects": [CATALOGUE, PAGES, PAGE.format("/X " + "<</X " * 50_000)],
    "a bomb": [
        CATALOGUE,
        PAGES,
        PAGE.format("/Contents 4 0 R"),
        stream(zlib.compress(zlib.compress(bytes(2**26))), "/Filter [/FlateDecode /FlateDecode]"),
    ],
    "a length that is itself": [
        CATALOGUE,
        PAGES,
        PAGE.format("/Contents 4 0 R"),
        "<< /Length 4 0 R >> stream\nendstream",
    ],
}


@pytest.mark.parametrize("objects", HOSTILE.values(), ids=HOSTILE)
def test_loops_and_bombs_are_refused(objects: list[str]) -> None:
    with pytest.raises(MujazError):
        parse(assembled(objects), 100)
