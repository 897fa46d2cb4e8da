"""Texts as they are laid out: what is translated of them is replaced, line breaks and indentation stay. Pure."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from service.schemas.briefs import TranslatedSentence

_OPAQUE = re.compile(r"(?:https?://|www\.)\S+|[@#]\w\S*")


@dataclass(frozen=True, slots=True)
class Piece:
    """The sentence at `start:end` of a line, translated."""

    start: int
    end: int
    text: str


def has_words(text: str) -> bool:
    """Whether there is anything to translate: a letter outside of addresses, @mentions and #hashtags."""
    return any(char.isalpha() for char in _OPAQUE.sub(" ", text))


def by_line(lines: Sequence[str], sentences: Sequence[TranslatedSentence]) -> list[list[Piece]]:
    r"""The sentences of each line, where `sentences` are those of all `lines` joined by "\n"."""
    starts = [0, *accumulate(len(line) + 1 for line in lines)]
    found: list[list[Piece]] = [[] for _ in lines]
    for sentence in sentences:
        line = bisect_right(starts, sentence.start) - 1
        at = starts[line]
        found[line].append(Piece(sentence.start - at, sentence.end - at, sentence.translation))
    return found


def replaced(line: str, pieces: Sequence[Piece]) -> str:
    """The line with its sentences translated; the white space around them stays, and stands between all of them."""
    if not pieces:
        return line
    out: list[str] = []
    at = 0
    for piece in pieces:
        space = blank(line[at : piece.start])
        out += (space or " " * bool(out), piece.text)
        at = piece.end
    return "".join((*out, blank(line[at:])))


def blank(text: str) -> str:
    """The white space of `text`; what else the pipeline passes over cannot be seen."""
    return "".join(char for char in text if char.isspace())
