"""Boilerplate: captions, credits, teasers and menus of a page that stand in a brief as if they were news."""

from collections.abc import Sequence

from models.text.furniture import judge
from models.text.lines import read
from models.text.stems import words

_SAME = 0.9  # share of a sentence's words in a line that was left out, and of that line's in the sentence
_SHORT = 3  # words below which a line that was left out is no more than a word of the story


def reason(text: str, language: str, dropped: Sequence[str]) -> str | None:
    """What kind of boilerplate a sentence is (`caption`, `source_line`, …), `left out` if the page's cleaning dropped it."""
    for line in read(text):
        if why := judge(line):
            return why
    content = {word.stem for word in words(text, language)}
    for line_left_out in dropped:
        other = {word.stem for word in words(line_left_out, language)}
        if len(other) >= _SHORT and len(content & other) >= _SAME * max(len(content), len(other)):
            return "left out"
    return None
