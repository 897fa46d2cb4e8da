"""Bytes become text: by what they declare, and else only as encodings that can be told with certainty."""

import codecs
import re

from models.errors import EmptyText, NotText

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


def decode(data: bytes, html: bool = False) -> str:
    """The text in `data`, by its byte order mark, as UTF-8, as an HTML page declares, or as Arabic in windows-1256.

    Raises `EmptyText`, and `NotText` for everything else.
    """
    if not data.strip():
        raise EmptyText("The file is empty.")
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
