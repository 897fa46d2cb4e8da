"""The text of a PDF by PDFium, which puts right-to-left text in reading order; what it gets wrong in Arabic is mended.

Of pypdf, pdfminer.six and PDFium, tried on Arabic files of three producers, PDFium alone kept words, numbers and lines of
mixed direction in order. tests/service/uploads/test_pdf.py shows what is left to mend.
"""

import ctypes
from collections.abc import Iterator

import pypdfium2
import pypdfium2.raw as pdfium

from models.errors import EmptyText, InputTooLong
from service.uploads.errors import FileUnreadable
from service.uploads.layout import Glyph, Line, mend, paragraphs

_HYPHEN = ("\x02", "\ufffe")  # what PDFium says for one at the end of a line
_CAUSES = {
    pdfium.FPDF_ERR_PASSWORD: "The PDF is locked by a password; send it without.",
    pdfium.FPDF_ERR_SECURITY: "The PDF is encrypted in a way that is not read; send it without.",
}


def parse(content: bytes, chars: int) -> str:
    """The paragraphs of all pages, a line each. Text in pictures is not read.

    Raises `EmptyText`, `InputTooLong` beyond `chars` characters, and `FileUnreadable`.
    """
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        raise FileUnreadable(_CAUSES.get(error.err_code, "The PDF is damaged.")) from error
    pages: list[list[Line]] = []
    total = 0
    for number in range(len(document)):
        try:
            page = document[number].get_textpage()
        except pypdfium2.PdfiumError as error:
            raise FileUnreadable(f"Page {number + 1} of the PDF is damaged.") from error
        total += page.count_chars()
        if total > 2 * chars:  # lines end in two characters, and headers go
            raise _too_long(chars)
        pages.append(list(_lines(page.raw, page.count_chars())))
    text = "\n".join(paragraphs(pages))
    if not text:
        raise EmptyText("The PDF holds no text: it is empty, or scanned. Text in pictures is not read; send the text.")
    if len(text) > chars:
        raise _too_long(chars)
    return text


def _too_long(chars: int) -> InputTooLong:
    return InputTooLong(f"The PDF has more than the {chars} characters that are accepted.")


def _lines(page: "pdfium.FPDF_TEXTPAGE", count: int) -> Iterator[Line]:
    """The lines of a page in PDFium's order, each mended."""
    glyphs: list[Glyph] = []
    x, y = ctypes.c_double(), ctypes.c_double()
    for index in range(count):
        code = pdfium.FPDFText_GetUnicode(page, index)
        character = chr(code) if 0 < code <= 0x10FFFF else ""
        if character in ("\r", "\n"):
            if glyphs:
                yield mend(glyphs)
            glyphs = []
            continue
        pdfium.FPDFText_GetCharOrigin(page, index, x, y)
        size = pdfium.FPDFText_GetFontSize(page, index)
        glyphs.append(Glyph("\u00ad" if character in _HYPHEN else character, x.value, y.value, size))
    if glyphs:
        yield mend(glyphs)
