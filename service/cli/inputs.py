"""Files and standard input as articles: text, HTML, JSON Lines. What cannot be read is that item's error."""

import codecs
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import BinaryIO

from pydantic import ValidationError

from models.errors import EmptyText, InputRefused, InputTooLong, MujazError, NotText
from service.errors import failed
from service.limits import TextLimits
from service.schemas.briefs import Article, FailedItem

STDIN = "-"
_HTML = (".html", ".htm", ".xhtml")
_LINES = (".jsonl", ".ndjson")
_LONGEST_ID = 200
_BYTES_PER_CHARACTER = 4  # the most that one takes, in UTF-8 and in UTF-16

_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")  # what text does not hold; escape sequences are let through
_DECLARED = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w\-]+)", re.IGNORECASE)
_WEB_ENCODING = re.compile(r"utf-?8|utf-?16(le|be)?|(windows-|cp)125\d|iso-8859-\d{1,2}", re.IGNORECASE)
_ARABIC = re.compile("[\u0621-\u064a\u067e\u0686\u0698\u06a9\u06af\u06be\u06c1\u06d2]")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f]")
_WORD = re.compile(r"\w+")
_NOT_TEXT = (
    "This is a binary file, or text in an encoding that cannot be told. Read are UTF-8, UTF-16 with a byte order mark, "
    "Arabic in windows-1256, and what an HTML page declares."
)


def read_articles(names: Sequence[str], source: str, limits: TextLimits) -> Iterator[Article | FailedItem]:
    """The articles of all `names` ("-" is standard input) in order; `source` is their language unless a line says else."""
    for name in names:
        try:
            yield from _read(name, source, limits)
        except MujazError as error:
            yield failed(_id(name), error)
        except OSError as error:
            yield failed(_id(name), InputRefused(f"The file cannot be read: {error.strerror}."))


def count_articles(names: Sequence[str]) -> int | None:
    """How many articles `names` hold, or None when standard input is among them."""
    if STDIN in names:
        return None
    return sum(_lines(Path(name)) if name.endswith(_LINES) else 1 for name in names)


def decode(data: bytes, html: bool = False) -> str:
    """The text in `data`, by its byte order mark, as UTF-8, as an HTML page declares, or as Arabic in windows-1256.

    Raises `EmptyText`, and `NotText` for everything else.
    """
    if not data.strip():
        raise EmptyText("The file is empty.")
    if data.startswith(b"%PDF-"):
        raise NotText("This is a PDF; extract its text first.")
    encoding = _encoding(data, html)
    if encoding is None:
        raise NotText(_NOT_TEXT)
    try:
        text = data.decode(encoding)
    except (UnicodeDecodeError, LookupError) as error:
        raise NotText(_NOT_TEXT) from error
    if "\0" in text or 100 * len(_CONTROL.findall(text)) > len(text):  # a stray one happens in text too
        raise NotText(_NOT_TEXT)
    return text


def _encoding(data: bytes, html: bool) -> str | None:
    if data.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    try:
        data.decode("utf-8")
        return "utf-8"
    except UnicodeDecodeError:
        pass
    declared = _DECLARED.search(data[:4096]) if html else None
    if declared and _WEB_ENCODING.fullmatch(name := declared[1].decode("ascii", "replace")):
        return name
    return "windows-1256" if _is_windows_1256(data) else None


def _is_windows_1256(data: bytes) -> bool:
    """Whether `data` reads as Arabic in windows-1256, which any bytes are valid in.

    Its letters are mostly Arabic then, and no word mixes them with Latin ones, as other encodings read so would.
    """
    text = data.decode("windows-1256")
    arabic, latin = len(_ARABIC.findall(text)), len(_LATIN.findall(text))
    words = _WORD.findall(text)
    mixed = sum(bool(_ARABIC.search(word) and _LATIN.search(word)) for word in words)
    return arabic > latin and mixed * 50 <= len(words) and not _CONTROL.search(text)


def _read(name: str, source: str, limits: TextLimits) -> Iterator[Article | FailedItem]:
    with _open(name) as file:
        if name.endswith(_LINES) or (name == STDIN and _looks_like_lines(file)):
            yield from _read_lines(file, name, source, limits)
            return
        if name.endswith(".json"):
            raise InputRefused("JSON is read as JSON Lines: one article a line, in a file that ends in .jsonl.")
        longest = max(limits.article_chars, limits.html_chars) * _BYTES_PER_CHARACTER
        data = file.read(longest + 1)
    if len(data) > longest:
        raise InputTooLong(f"The file is larger than {longest} bytes.")
    html = name.lower().endswith(_HTML)
    text = decode(data, html or name == STDIN)
    if html or (name == STDIN and text.lstrip().lower().startswith(("<!doctype", "<html"))):
        yield Article(id=_id(name), html=text, source=source)
    else:
        yield Article(id=_id(name), text=text, source=source)


def _read_lines(file: BinaryIO, name: str, source: str, limits: TextLimits) -> Iterator[Article | FailedItem]:
    """One article a line, in UTF-8 as JSON demands; a bad line is an error of its own."""
    longest = 2 * max(limits.article_chars, limits.html_chars) * _BYTES_PER_CHARACTER  # JSON may escape
    number = 0
    while line := file.readline(longest):
        number += 1
        item_id = _id(f"{name}:{number}")
        if len(line) == longest and not line.endswith(b"\n"):
            while (rest := file.readline(longest)) and not rest.endswith(b"\n"):
                pass
            yield failed(item_id, InputTooLong(f"The line is longer than {longest} bytes."))
            continue
        line = line.removeprefix(codecs.BOM_UTF8).strip()
        if line:
            yield _article(line, item_id, source)


def _article(line: bytes, item_id: str, source: str) -> Article | FailedItem:
    try:
        article = Article.model_validate_json(line)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        told = f"{where}: {first['msg']}" if where else first["msg"]
        return failed(item_id, InputRefused(f"The line is no article: {told}."))
    update = {"id": article.id or item_id}
    if "source" not in article.model_fields_set:
        update["source"] = source
    return article.model_copy(update=update)


def _open(name: str) -> AbstractContextManager[BinaryIO]:
    return nullcontext(sys.stdin.buffer) if name == STDIN else Path(name).open("rb")


def _looks_like_lines(file: BinaryIO) -> bool:
    """Whether standard input begins with a JSON object; looks without reading."""
    peek = getattr(file, "peek", None)
    head: bytes = peek(64) if peek else b""
    return head.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"{")


def _lines(path: Path) -> int:
    try:
        with path.open("rb") as file:
            return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b""))
    except OSError:
        return 1


def _id(name: str) -> str:
    return name[-_LONGEST_ID:]
