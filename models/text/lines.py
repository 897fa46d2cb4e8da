"""A submitted text as lines with the features by which prose is told from furniture."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from models.text import scripts
from models.text.normalise import Mapped, fold, normalise

CLOSERS = "\"'”’»›)]}*"
TERMINAL = ".!?؟…。！？۔।॥։።"
_END = re.compile(rf"[{re.escape(TERMINAL)}][{re.escape(CLOSERS)}\s]*$")
_OPEN_END = ("،", ",", "؛", ";", ":", "：", "-", "–", "—", "(", "«", "“")
_BULLET = "-–—•●▪■◆►▶*·#>»›"
# The narrowest and widest lines, in characters, that hard-wrapped text is expected to have.
_WRAP = (40, 130)


@dataclass(frozen=True)
class Line:
    """One line without white space around it; `block` numbers the stretches that blank lines separate."""

    mapped: Mapped
    block: int

    @property
    def text(self) -> str:
        return self.mapped.text

    @cached_property
    def folded(self) -> str:
        """For comparing with phrases: bullets and opening brackets before the first word are left out."""
        return fold(self.text).lstrip(_BULLET + "([{«“\"' ")

    @cached_property
    def words(self) -> int:
        return scripts.words(self.text)

    @cached_property
    def ends(self) -> bool:
        """Whether it ends as a sentence does. "…" does not count: it is also how teasers are cut off."""
        found = _END.search(self.text[-20:])
        return found is not None and not found[0].startswith("…")

    @cached_property
    def goes_on(self) -> bool:
        """Whether the next line must continue it."""
        return self.text.endswith(_OPEN_END)

    @property
    def bulleted(self) -> bool:
        return self.text[0] in _BULLET or bool(re.match(r"\d{1,2}\s*[-.)]", self.text))

    @cached_property
    def scripts(self) -> dict[str, int]:
        return scripts.counts(self.text)


def read(text: str) -> list[Line]:
    """The lines of `text` that are not blank; a paragraph that was wrapped to a fixed width becomes one line."""
    whole = normalise(text)
    found: list[Line] = []
    block = begin = 0
    while begin <= len(whole.text):
        end = whole.text.find("\n", begin)
        end = len(whole.text) if end < 0 else end
        if line := _line(whole[begin:end].strip(), block):
            found.append(line)
        else:
            block += 1
        begin = end + 1
    return _unwrap(found)


def _line(mapped: Mapped, block: int) -> Line | None:
    return Line(mapped, block) if mapped.text else None


def _unwrap(lines: Sequence[Line]) -> list[Line]:
    """Join the lines of hard-wrapped paragraphs.

    Text is hard-wrapped if its breaks are forced: the next line's first word would not have fitted any more. Headlines
    and menus in a row do not have this property.
    """
    width = max((_wrap_width(block) for block in _blocks(lines)), default=0)
    joined: list[Line] = []
    for block in _blocks(lines):
        previous = ""
        for line in block:
            if previous and _forced(previous, line.text, width):
                joined[-1] = Line(joined[-1].mapped.join(line.mapped), line.block)
            else:
                joined.append(line)
            previous = line.text
    return joined


def _blocks(lines: Sequence[Line]) -> list[list[Line]]:
    blocks: list[list[Line]] = []
    for line in lines:
        if not blocks or blocks[-1][-1].block != line.block:
            blocks.append([])
        blocks[-1].append(line)
    return blocks


def _wrap_width(block: Sequence[Line]) -> int:
    """The width to which `block` was wrapped, or 0."""
    texts = [line.text for line in block]
    width = max(map(len, texts))
    if len(texts) < 4 or not _WRAP[0] <= width <= _WRAP[1]:
        return 0
    pairs = list(pairwise(texts))
    forced = [_forced(a, b, width) for a, b in pairs]
    if not all(is_forced or line.ends for is_forced, line in zip(forced, block, strict=False)):
        return 0
    unfinished = sum(not line.ends for line in block[:-1])
    return width if 2 * unfinished >= len(pairs) and sum(forced) >= 3 else 0


def _forced(line: str, following: str, width: int) -> bool:
    return len(line) <= width < len(line) + 1 + len(following.split(maxsplit=1)[0])
