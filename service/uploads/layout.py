"""The lines of a page become paragraphs again, in reading order; knows nothing of PDF but where glyphs stand."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from operator import itemgetter
from statistics import median

_ARABIC = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_LEFT_TO_RIGHT = re.compile("[0-9A-Za-z\u00c0-\u024f\u0370-\u052f\u0660-\u0669\u06f0-\u06f9]")
_ALEFS = "اأإآٱ"
_LIGATURES = ("هلل", "هللا")
_SWAPPED = str.maketrans("()[]{}«»<>", ")(][}{»«><")
_IN_ORDER, _INVERTED = re.compile(r"\([^()]*\)"), re.compile(r"\)[^()]*\(")
_NUMBERS = re.compile(r"\d+")
_ENDS = re.compile(r"[.!?؟…:]\W*$")

# Shares of the usual distance of lines, of the width of the text, and of the size of its letters.
_GAP = 1.35
_SHORT = 0.12
_LARGER = 1.15


@dataclass(frozen=True, slots=True)
class Glyph:
    """A character, the origin of its glyph in points from the page's lower left corner, and its size in points."""

    text: str
    x: float
    y: float
    size: float


@dataclass(frozen=True, slots=True)
class Line:
    """A line in reading order; `left` and `right` are the origins of its outermost glyphs."""

    text: str
    left: float
    right: float
    y: float
    size: float

    @property
    def rtl(self) -> bool:
        return len(_ARABIC.findall(self.text)) * 2 > len(self.text.replace(" ", ""))


def mend(glyphs: Sequence[Glyph]) -> Line:
    """A line of at least one glyph: Arabic that runs to the right is turned round, ligatures are put in order.

    A file may hold its text in reading order or in the order in which it is seen; taken for the other, it comes out
    backwards, which the places of the glyphs tell. A ligature (one glyph for several letters) is turned round with its line.
    """
    pieces: list[str] = []
    for arabic, group in groupby(zip(_arabic(glyphs), glyphs, strict=True), key=itemgetter(0)):
        run = [glyph for _, glyph in group]
        pieces.append(_with_ligatures(_leftwards(run)) if arabic else "".join(glyph.text for glyph in run))
    inked = [glyph for glyph in glyphs if not glyph.text.isspace()] or glyphs
    xs = [glyph.x for glyph in inked]
    return Line("".join(pieces), min(xs), max(xs), inked[0].y, median(glyph.size for glyph in inked))


def _arabic(glyphs: Sequence[Glyph]) -> list[bool]:
    """For each glyph whether it is in a stretch of Arabic; spaces and signs are if they stand before or after a letter."""
    sides = [False if _LEFT_TO_RIGHT.match(g.text) else bool(_ARABIC.match(g.text)) or None for g in glyphs]
    return [bool(a or b) for a, b in zip(_carried(sides), reversed(list(_carried(sides[::-1]))), strict=True)]


def _carried(sides: Iterable[bool | None]) -> Iterator[bool]:
    """The same where it is known, and else what was known last."""
    last = False
    for side in sides:
        last = last if side is None else side
        yield last


def _leftwards(run: list[Glyph]) -> list[Glyph]:
    """The run, with every stretch that runs to the right turned round if most of its steps do."""
    xs = [glyph.x for glyph in run if not glyph.text.isspace()]
    if sum((b > a) - (b < a) for a, b in pairwise(xs)) <= 0:
        return run
    stretches: list[list[Glyph]] = [[run[0]]]
    for before, glyph in pairwise(run):
        if glyph.x < before.x:
            stretches.append([])
        stretches[-1].append(glyph)
    return [glyph for stretch in stretches for glyph in reversed(stretch)]


def _with_ligatures(run: Sequence[Glyph]) -> str:
    """The run's text; letters that share one glyph backwards are turned round."""
    out: list[str] = []
    for _, group in groupby(run, key=lambda glyph: glyph.x):
        text = "".join(glyph.text for glyph in group)
        backwards = (len(text) == 2 and text[0] in _ALEFS and text[1] == "ل") or text in _LIGATURES
        out.append(text[::-1] if backwards else text)
    return "".join(out)


def paragraphs(pages: Sequence[Sequence[Line]]) -> list[str]:
    """The paragraphs of all pages; headers, footers and page numbers are left out."""
    running = _running(pages)
    found: list[str] = []
    before: Line | None = None
    for page in pages:
        lines = [line for line in page if line.text.strip() and not (line in _edges(page) and _mask(line) in running)]
        left, right = min((line.left for line in lines), default=0.0), max((line.right for line in lines), default=0.0)
        pitch = _pitch(lines)
        for line in lines:
            if before is not None and _goes_on(before, line, left, right, pitch):
                found[-1] = _joined(found[-1], line.text)
            else:
                found.append(line.text)
            before = line
    return [_bracketed(" ".join(text.replace("\u00ad", "").split())) for text in found]


def _goes_on(before: Line, line: Line, left: float, right: float, pitch: float) -> bool:
    """Whether `line` continues the paragraph of `before`."""
    if max(before.size, line.size) > _LARGER * min(before.size, line.size):
        return False
    distance = before.y - line.y
    if distance <= 0:  # the top of another page or column
        return not _ENDS.search(before.text)
    room = before.left - left if before.rtl else right - before.right
    return distance <= _GAP * pitch and room <= _SHORT * (right - left)


def _pitch(lines: Sequence[Line]) -> float:
    """The usual distance of two lines of a page: a low one, as paragraphs may be shorter than the space between them."""
    steps = sorted(a.y - b.y for a, b in pairwise(lines) if a.y > b.y)
    return steps[len(steps) // 4] if steps else 0.0


def _joined(text: str, more: str) -> str:
    return text[:-1] + more if text.endswith("\u00ad") else f"{text} {more}"


def _edges(page: Sequence[Line]) -> Iterable[Line]:
    """The first line and the last that hold text."""
    lines = [line for line in page if line.text.strip()]
    return lines[:1] + lines[-1:]


def _mask(line: Line) -> str:
    return _NUMBERS.sub("0", line.text.strip())


def _running(pages: Sequence[Sequence[Line]]) -> set[str]:
    """What stands first or last on at least two pages, and on half of them, but for its numbers; and bare numbers."""
    counts = Counter(mask for page in pages for mask in {_mask(line) for line in _edges(page)})
    return {mask for mask, count in counts.items() if count >= max(2, len(pages) / 2)} | {"0", "- 0 -", "-0-"}


def _bracketed(text: str) -> str:
    """Brackets the right way round, as far as pairs tell: producers disagree on what a mirrored one is called."""
    if len(_INVERTED.findall(text)) > len(_IN_ORDER.findall(text)):
        return text.translate(_SWAPPED)
    return text
