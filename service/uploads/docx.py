"""The text of a Word document: a ZIP archive of XML parts, read as a stream within limits and without a document type."""

import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import IO
from zipfile import BadZipFile, ZipFile

from lxml import etree

from models.errors import EmptyText, InputTooLong
from service.uploads.errors import FileKindRefused, FileUnreadable

MOST_XML = 64 * 2**20
"""Bytes that a part may unpack to; Word writes some tens of bytes of XML for each word."""

_WORD = (
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "http://purl.oclc.org/ooxml/wordprocessingml/main",
)
_ALTERNATIVE = "http://schemas.openxmlformats.org/markup-compatibility/2006"
_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_BROKEN = (BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, KeyError, OSError, ValueError)
_BETWEEN = {"tab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}


def parse(content: bytes, chars: int) -> str:
    """The paragraphs of the body, a line each, with those of tables and text boxes; not footnotes, headers and comments.

    What was deleted or moved away with changes tracked is left out. Raises `EmptyText`, `InputTooLong` beyond `chars`
    characters, `FileKindRefused` for other archives, and `FileUnreadable`.
    """
    try:
        with ZipFile(BytesIO(content)) as archive, _part(archive, _document(archive)) as part:
            lines = list(_bounded(_paragraphs(part), chars))
    except (etree.XMLSyntaxError, *_BROKEN) as error:
        raise FileUnreadable("The Word document is damaged, or locked by a password.") from error
    if not lines:
        raise EmptyText("The Word document holds no text; text in pictures is not read.")
    return "\n".join(lines)


def _document(archive: ZipFile) -> str:
    """The name of the main part, as the package tells it. Raises `FileKindRefused`."""
    if "_rels/.rels" in archive.namelist():
        with _part(archive, "_rels/.rels") as part:
            for _, element in _events(part, ("end",)):
                if element.tag == _RELATION and element.get("Type", "").endswith("/officeDocument"):
                    name: str = element.get("Target", "").lstrip("/")
                    if name.startswith("word/"):
                        return name
    raise FileKindRefused("This is a ZIP archive, but no Word document; send the files in it one by one.")


def _part(archive: ZipFile, name: str) -> "_Bounded":
    return _Bounded(archive.open(name))


class _Bounded:
    """A part of the archive as a file that ends with an error when it unpacks to more than it may."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._left = MOST_XML

    def __enter__(self) -> "_Bounded":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(min(size, 2**16) if size >= 0 else 2**16)
        self._left -= len(data)
        if self._left < 0:
            raise InputTooLong(f"The Word document unpacks to more than {MOST_XML} bytes.")
        return data


def _events(part: _Bounded, events: tuple[str, ...]) -> Iterator[tuple[str, etree._Element]]:
    """The elements as they are read; nothing is fetched and no entity expanded. Raises `FileUnreadable`."""
    parser = etree.iterparse(part, events=events, resolve_entities=False, no_network=True, load_dtd=False)
    first = True
    for event, element in parser:
        if first and element.getroottree().docinfo.doctype:
            raise FileUnreadable("The Word document declares a document type, which none that Word writes does.")
        first = False
        yield event, element


def _paragraphs(part: _Bounded) -> Iterator[str]:
    """The text of each paragraph when it ends; one in a text box ends before the one that it stands in."""
    open_paragraphs: list[list[str]] = []
    hidden = 0
    for event, element in _events(part, ("start", "end")):
        namespace, _, name = element.tag[1:].partition("}") if isinstance(element.tag, str) else ("", "", "")
        if (namespace in _WORD and name == "moveFrom") or (namespace == _ALTERNATIVE and name == "Fallback"):
            hidden += 1 if event == "start" else -1
        if namespace not in _WORD:
            continue
        if name == "p" and event == "start":
            open_paragraphs.append([])
        elif name == "p":
            text = "".join(open_paragraphs.pop())
            element.clear()
            yield text
        elif event == "end" and open_paragraphs and not hidden:
            inner = element.text or "" if name == "t" else _BETWEEN.get(name, "")
            if inner and not (name == "tab" and element.getparent().tag.endswith("}tabs")):
                open_paragraphs[-1].append(inner)


def _bounded(paragraphs: Iterator[str], chars: int) -> Iterator[str]:
    """Those that hold text. Raises `InputTooLong` as soon as they are too much."""
    total = 0
    for text in paragraphs:
        total += len(text) + 1
        if total > chars + 1:
            raise InputTooLong(f"The document has more than the {chars} characters that are accepted.")
        if text.strip():
            yield text.strip()
