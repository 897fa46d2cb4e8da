"""PDF: Arabic comes out in reading order from files of several makes.

What hostile files come to is in test_child.py: PDFium must not parse them in the process of the tests.
"""

from pathlib import Path

import pytest

from models.errors import EmptyText, InputTooLong
from service.uploads.errors import FileUnreadable
from service.uploads.pdf import parse
from tests.support.documents import drawn, pdf

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
    assert parse(pdf([[list("Left to right"), list("is read as it is.")]]), 100) == "Left to right is read as it is."


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
