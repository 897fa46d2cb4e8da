"""Labelled files: one JSON object a line."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

Made = TypeVar("Made")


def read(path: Path, make: Callable[[dict[str, Any]], Made], expected: str) -> list[Made]:
    """What `make` makes of each line's object; blank lines are passed over, and fields that `make` does not ask for.

    `make` raises ValueError, KeyError or TypeError for an object that is not as `expected`, which describes it to the reader.
    Raises ValueError naming the line that is malformed, and for a file without rows.
    """
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").split("\n"), 1):
        if not line.strip():
            continue
        try:
            rows.append(make(json.loads(line)))
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{path.name}:{number}: expected {expected}, no text empty") from error
    if not rows:
        raise ValueError(f"{path.name} has no rows")
    return rows


def text(value: object) -> str:
    """`value`, if it is a string with something in it. Raises TypeError."""
    if not isinstance(value, str) or not value.strip():
        raise TypeError
    return value


def texts(value: object) -> tuple[str, ...]:
    """`value`, if it is a list of at least one such string. Raises TypeError."""
    if not isinstance(value, list) or not value:
        raise TypeError
    return tuple(map(text, value))
