"""Sentences out of paragraphs, and pieces out of sentences that are too long for a model. Nothing is ever lost.

sentencex finds the candidates; this file feeds it text short enough for it and corrects what it gets wrong in Arabic
news: ".." in mid-sentence, abbreviations and initials, addresses ("العربية.نت") and afterthoughts behind the full stop.
"""

import re
from collections.abc import Iterator, Sequence

import sentencex

from models.text.clauses import split_long
from models.text.normalise import Mapped, fold
from models.text.phrases import Grammar, grammar
from models.types import Sentence

__all__ = ["sentences", "split", "split_long"]

# sentencex 1.0.32 loses characters of texts beyond 10 KB; these many characters stay below in every script.
_CHUNK = 2_000
_STOP = re.compile(r"([.!?؟…。！？۔।॥։]+)([\"'”’»›)\]}]*)\s*$")
_SPACED_STOP = re.compile(r"[.!?؟。！？۔।][\"'”’»›)\]}]*\s+")
_WORD = re.compile(r"([^\s\"'“”«»()\[\]،,]+)\.\s*$")
_NEXT = re.compile(r"[^\W\d_]+")
_INSIDE = "،,؛;:)]}»”›.!?؟…"
_AFTERTHOUGHT = 5  # words


def split(text: str, language: str) -> list[str]:
    """The sentences of `text`, white space included, so that joining them gives `text` again; no empty ones.

    A line break always ends a sentence. An unknown `language` is split by general rules.
    """
    rules = grammar(language)
    parts: list[str] = []
    for line in text.splitlines(keepends=True):
        begin = 0
        for end in _candidates(line, language):
            if _is_boundary(line, begin, end, rules):
                parts.append(line[begin:end])
                begin = end
        parts.append(line[begin:])
    return _attach_blank(parts)


def sentences(paragraphs: Sequence[Mapped], language: str) -> list[Sentence]:
    """The sentences of cleaned paragraphs in reading order, each with its place in the submitted text."""
    found: list[Sentence] = []
    for number, paragraph in enumerate(paragraphs):
        at = 0
        for part in split(paragraph.text, language):
            sentence = paragraph[at : at + len(part)].strip()
            at += len(part)
            if sentence.text:
                start, end = sentence.origin(0, len(sentence))
                found.append(Sentence(sentence.text, start, end, number))
    return found


def _candidates(line: str, language: str) -> Iterator[int]:
    """Where sentencex would begin a new sentence; chunks end where a sentence or at least a word does."""
    begin = 0
    while begin < len(line):
        end = begin + _CHUNK
        if end < len(line):
            end = _last_stop(line, begin, end) or line.rfind(" ", begin + 1, end) + 1 or end
        chunk = line[begin:end]
        parts = sentencex.segment(language, chunk)
        if "".join(parts) != chunk:
            parts = [chunk]
        at = begin
        for part in parts:
            at += len(part)
            if at < len(line):
                yield at
        begin = end


def _last_stop(line: str, begin: int, end: int) -> int:
    """The end of the last stop in a window, or 0; only the second half of the window is searched."""
    last = 0
    for stop in _SPACED_STOP.finditer(line, begin + _CHUNK // 2, end):
        last = stop.end()
    return last


def _is_boundary(line: str, begin: int, at: int, rules: Grammar) -> bool:
    """Whether the sentence that began at `begin` ends at `at`, a place that sentencex proposes."""
    left = line[max(begin, at - 200) : at]
    right = line[at : at + 200]
    stop = _STOP.search(left[-40:])
    if stop is None or not left.strip():
        return False
    following = fold(right)
    if not following or following[0] in _INSIDE:
        return False
    opens = rules.opener.match(following) is not None
    marks, closers = stop.groups()
    if set(marks) <= {".", "…"}:
        if (len(marks) > 1 or marks == "…") and not opens and not _capital(right):
            return False
        if not closers and _abbreviates(left, right, rules) and not opens:
            return False
    if right[0].islower() and right[0].upper() != right[0]:
        return False
    return not _is_afterthought(following, rules) and not _in_brackets(left, right)


def _capital(right: str) -> bool:
    first = right.lstrip("\"'“‘«([ ")[:1]
    return first.isupper()


def _abbreviates(left: str, right: str, rules: Grammar) -> bool:
    """The full stop between `left` and `right` marks an abbreviation, an initial, a decimal or an address."""
    word = _WORD.search(left)
    if word is None:
        return False
    last = fold(word[1]).rsplit(".", 1)[-1]
    if fold(word[1]) in rules.abbreviation or last in rules.abbreviation:
        return True
    if len(last) == 1 and last.isalpha() and not last.isascii():
        return True
    if left[-1] != ".":  # white space follows the full stop
        return False
    following = _NEXT.match(right)
    return following is None or fold(following[0]) in rules.domain or following[0].isascii()


def _is_afterthought(following: str, rules: Grammar) -> bool:
    found = rules.afterthought.match(following)
    return found is not None and len(re.split(r"[.!?؟]", found[1], maxsplit=1)[0].split()) <= _AFTERTHOUGHT


def _in_brackets(sentence: str, right: str) -> bool:
    """A bracket is open, and closes soon."""
    return sentence.count("(") > sentence.count(")") and ")" in right


def _attach_blank(parts: Sequence[str]) -> list[str]:
    """Pieces of nothing but white space go to the piece before them, or after where there is none."""
    out: list[str] = []
    pending = ""
    for part in parts:
        if not part.strip():
            if out:
                out[-1] += part
            else:
                pending += part
        else:
            out.append(pending + part)
            pending = ""
    return [*out, pending] if pending else out
