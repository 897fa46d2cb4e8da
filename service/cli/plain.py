"""What others wrote, made harmless for a terminal and for Markdown: it may not act, nor look like what Mujaz says."""

import re
import unicodedata
from collections.abc import Sequence

from service.schemas.briefs import Flag

# Marks that turn the direction of what follows: in an id or a glossary they can make a line read otherwise than it is.
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029")
_SYNTAX = re.compile(r"([\\`*_\[\]<>#|~&])")
_BLOCK = re.compile(r"^(\s*)([-+=]|\d+(?=[.)]))", re.MULTILINE)


def visible(text: str) -> str:
    """`text` with control characters and marks of direction shown as U+FFFD; line feeds stay."""
    return "".join(char if char == "\n" or not _acts(char) else "\ufffd" for char in text)


def line(text: str) -> str:
    """`text` in one line."""
    return " ".join(visible(text).split())


def escaped(text: str) -> str:
    """`text` in one line that Markdown shows as it is."""
    return _BLOCK.sub(_escaped_block, _SYNTAX.sub(r"\\\1", line(text)))


def marked(text: str, flags: Sequence[Flag]) -> list[tuple[str, bool]]:
    """`text` in parts, each with whether it is to doubt. A flag on the whole of it marks nothing within."""
    spans = sorted((flag.start, flag.end) for flag in flags if (flag.start, flag.end) != (0, len(text)))
    parts, done = [], 0
    for start, end in spans:
        start = max(start, done)
        if start >= end:
            continue
        parts += [(text[done:start], False), (text[start:end], True)]
        done = end
    return [part for part in (*parts, (text[done:], False)) if part[0]]


def _acts(char: str) -> bool:
    return char in _TURNING or unicodedata.category(char) in ("Cc", "Cs")


def _escaped_block(match: "re.Match[str]") -> str:
    before, sign = match.groups()
    return f"{before}{sign}\\" if sign.isdigit() else f"{before}\\{sign}"
