"""Translated files until they are fetched: in memory, bounded, for a time, under names that nobody can guess."""

import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

from models.errors import Overloaded
from service.compat.elements import HTML, Dialect
from service.errors import UnknownResource

FORMATS = {".txt": "text/plain; charset=utf-8", ".html": "text/html; charset=utf-8", ".htm": "text/html; charset=utf-8"}
"""The endings of files that can be translated, and what their translations are served as."""

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class File:
    data: bytes
    media_type: str
    until: float


class Files:
    """Translated files by the names that they are fetched under; used on the event loop only."""

    def __init__(self, most_bytes: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._most_bytes = most_bytes
        self._seconds = seconds
        self._clock = clock
        self._files: dict[str, File] = {}

    def check_room(self, size: int) -> None:
        """Raises `Overloaded` if `size` more bytes cannot be kept now."""
        now = self._clock()
        self._files = {name: file for name, file in self._files.items() if file.until > now}
        if sum(len(file.data) for file in self._files.values()) + size > self._most_bytes:
            raise Overloaded("Too many translated files wait for their download; try again later.")

    def put(self, name: str, text: str) -> str:
        """Keep a translated file; the answer is the name to fetch it by. Raises `Overloaded`."""
        data = text.encode("utf-8", "replace")
        self.check_room(len(data))
        key = f"{secrets.token_urlsafe(18)}.{name}"
        self._files[key] = File(data, FORMATS[ending(name)], self._clock() + self._seconds)
        return key

    def get(self, key: str) -> File:
        """Raises `UnknownResource`."""
        file = self._files.get(key)
        if file is None or file.until <= self._clock():
            raise UnknownResource("There is no such file, or no longer; translate it again.")
        return file


def ending(name: str) -> str:
    return PurePosixPath(name).suffix.lower()


def dialect_of(name: str) -> Dialect | None:
    """How a file is translated: as markup, or as plain text."""
    return HTML if FORMATS[ending(name)].startswith("text/html") else None


def named(name: str, target: str) -> str:
    """What a file's translation is called: "report.txt" becomes "report_en.txt"; letters that a path could misuse go."""
    stem = _UNSAFE.sub("_", PurePosixPath(name.replace("\\", "/")).stem).strip("._") or "file"
    return f"{stem[:_LONGEST_NAME]}_{target}{ending(name)}"
