"""Files and standard input as articles. What cannot be read is that item's error."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import BinaryIO

from models.errors import InputRefused, InputTooLong, MujazError
from service.errors import failed
from service.schemas.briefs import Article, FailedItem
from service.uploads.kinds import Kind, by_beginning, named
from service.uploads.limits import UploadLimits
from service.uploads.names import LONGEST
from service.uploads.read import read_file
from service.uploads.records import read_lines

STDIN = "-"


def read_articles(names: Sequence[str], source: str, limits: UploadLimits) -> Iterator[Article | FailedItem]:
    """The articles of all `names` ("-" is standard input) in order; `source` is their language unless a line says else."""
    for name in names:
        try:
            yield from _read(name, source, limits)
        except MujazError as error:
            yield failed(_id(name), error)
        except (OSError, ValueError) as error:  # a name that no file can have is a ValueError
            told = error.strerror if isinstance(error, OSError) else "no file can have that name"
            yield failed(_id(name), InputRefused(f"The file cannot be read: {told}."))


def count_articles(names: Sequence[str]) -> int | None:
    """How many articles `names` hold, or None when standard input is among them; an array counts as one."""
    if STDIN in names:
        return None
    return sum(_lines(Path(name)) if named(name) is Kind.LINES else 1 for name in names)


def _read(name: str, source: str, limits: UploadLimits) -> Iterator[Article | FailedItem]:
    """JSON Lines are read line by line, however many; any other file is read whole."""
    with _open(name) as file:
        if (named(name) or _beginning(name, file)) is Kind.LINES:
            yield from read_lines(file, name, source, limits.text)
            return
        content = file.read(limits.file_bytes + 1)
    if len(content) > limits.file_bytes:
        raise InputTooLong(f"The file is larger than {limits.file_bytes} bytes.")
    yield from read_file("" if name == STDIN else name, _id(name), content, limits, source)


def _open(name: str) -> AbstractContextManager[BinaryIO]:
    return nullcontext(sys.stdin.buffer) if name == STDIN else Path(name).open("rb")


def _beginning(name: str, file: BinaryIO) -> Kind | None:
    """The kind of what standard input brings; looks without reading. None for files."""
    peek = getattr(file, "peek", None)
    return by_beginning(peek(64)) if name == STDIN and peek else None


def _lines(path: Path) -> int:
    try:
        with path.open("rb") as file:
            return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b""))
    except OSError:
        return 1


def _id(name: str) -> str:
    return name[-LONGEST:]
