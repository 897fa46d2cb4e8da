"""What kind of file this is: told by its first bytes and by its name, which must agree."""

import codecs
from enum import StrEnum

from service.uploads.errors import FileKindRefused
from service.uploads.names import suffix


class Kind(StrEnum):
    """The kinds of files that are read."""

    TEXT = "text"
    HTML = "HTML"
    LINES = "JSON Lines"
    JSON = "JSON"
    DOCX = "Word"
    PDF = "PDF"


SUFFIXES = {
    ".txt": Kind.TEXT,
    ".text": Kind.TEXT,
    ".html": Kind.HTML,
    ".htm": Kind.HTML,
    ".xhtml": Kind.HTML,
    ".jsonl": Kind.LINES,
    ".ndjson": Kind.LINES,
    ".json": Kind.JSON,
    ".docx": Kind.DOCX,
    ".pdf": Kind.PDF,
}
ACCEPTED = f"Accepted are {', '.join(SUFFIXES)}."

_PDF, _ZIP, _OLE, _RTF = b"%PDF-", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"{\\rtf"
_BEFORE_PDF = 1024  # bytes that readers let stand before the header of a PDF
_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def named(name: str) -> Kind | None:
    """The kind that a name says."""
    return SUFFIXES.get(suffix(name))


def kind_of(name: str, content: bytes) -> Kind:
    """The kind of a file. Without a suffix its content alone tells. Raises `FileKindRefused`."""
    ending = suffix(name)
    said = named(name)
    if ending and said is None:
        raise FileKindRefused(f"Files of this kind are not read. {ACCEPTED}")
    if content.startswith((_OLE, _RTF)):
        raise FileKindRefused(
            f"This is an older Word or RTF document, or one with a password: save it anew. {ACCEPTED}"
        )
    found = _by_content(content)
    if found is None:
        return _as_text(said, content)
    if said not in (None, found):
        raise FileKindRefused(f"The content is {_described(found)}, but the name ends in {ending}. {ACCEPTED}")
    return found


def _by_content(content: bytes) -> Kind | None:
    """PDF or Word by the first bytes; None for what may be text."""
    if content.startswith(_ZIP):
        return Kind.DOCX
    if _PDF in content[:_BEFORE_PDF] and not content.lstrip().startswith((b"<", b"{", b"[")):
        return Kind.PDF
    return None


def _as_text(said: Kind | None, content: bytes) -> Kind:
    """The kind of what may be text: as its name says, else by its beginning. Raises `FileKindRefused`."""
    if said in (Kind.DOCX, Kind.PDF):
        raise FileKindRefused(f"The name says {said}, but the content is not. {ACCEPTED}")
    return said or by_beginning(content)


def by_beginning(content: bytes) -> Kind:
    """The kind of a text by its first characters: a page, JSON objects on lines, an array, or plain text."""
    head = content[:256]
    for mark in _MARKS:
        head = head.removeprefix(mark)
    head = head.replace(b"\0", b"").lstrip().lower()  # the zero bytes of UTF-16
    if head.startswith((b"<!doctype", b"<html")):
        return Kind.HTML
    if head.startswith(b"{"):
        return Kind.LINES
    if head.startswith((b"[{", b"[ {", b"[\n", b"[\r")):
        return Kind.JSON
    return Kind.TEXT


def _described(kind: Kind) -> str:
    return "a ZIP archive, as Word documents are" if kind is Kind.DOCX else "a PDF"
