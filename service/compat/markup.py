"""Markup as a client sent it, and the same markup around translated text. Pure; nothing is ever fetched.

The text of a block (a paragraph, heading, list item, cell, title) is translated sentence by sentence, whole sentences at a
time, so that what stands in an element within a sentence does not lose its context. What becomes of the markup:

- Blocks, comments, scripts, attributes, and elements around whole sentences stay as they are. Attributes are not translated,
  `dir` and `lang` not changed.
- `translate="no"`, class `notranslate`, code and the like, and elements that hold nothing but an address, an @mention or a
  #hashtag keep their text; at the edge of a block they stay there.
- An element within a sentence stands around its own translation, where that is found in the sentence's.
- Where it is not found, mere formatting (bold, a styled span) is left out, and any other element (a link, a picture) moves to the
  end of its sentence. Formatting inside such an element is left out.
- White space is collapsed as browsers do; an element that holds an end of a sentence breaks the text around it.

Translating each piece of text by itself would keep all markup in its place and lose the meaning ("not <b>killed</b>").
"""

import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape

from lxml import etree
from lxml.html import HtmlElement, document_fromstring

from models.text.html import check_depth
from models.text.segment import split
from service.compat.elements import HTML, Content, Dialect, Elements
from service.compat.layout import Piece, blank, has_words
from service.errors import BadParameter

_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_MOST = 100  # elements of one sentence that are looked for in its translation
_STOP = re.compile(r"[.!?؟…。！？۔।॥]\W*\w")
_DECLARATION = re.compile(r"\s*<\?xml[^>]*>")
_EDGES = re.compile(r"^\W+|\W+$")


@dataclass(frozen=True, slots=True)
class Inline:
    """An element within the text `start:end` of a run; `inner` is its markup if that is kept, else None."""

    open: str
    close: str
    start: int
    end: int
    inner: str | None = None
    loose: bool = False

    def around(self, text: str) -> str:
        return f"{self.open}{self.inner if self.inner is not None else text}{self.close}"


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text without a break, and the elements in it."""

    text: str
    inlines: tuple[Inline, ...]

    def phrases(self) -> Iterator[str]:
        """The texts of elements, each to be found in the translation of its sentence."""
        return (self.text[inline.start : inline.end] for inline in self.inlines if inline.inner is None)


Part = str | Run
"""Markup that stays, or text to be translated."""


class Document:
    """A parsed page, fragment of one, or (in any other dialect than `HTML`) piece of XML."""

    def __init__(self, source: str, dialect: Dialect = HTML) -> None:
        """Raises `MarkupTooDeep`, and `BadParameter` for XML that is not well-formed."""
        self._whole = False
        self._before = ""
        source = _DECLARATION.sub("", _UNPRINTABLE.sub("\ufffd", source), count=1)
        check_depth(source)
        self._root = self._html(source) if dialect is HTML else _xml(source)
        self._elements = Elements(self._root, dialect)

    def parts(self, language: str) -> list[Part]:
        """The document in order; where it was all put together again, it would be as it was sent."""
        reader = _Reader(self._elements, language)
        if self._whole:
            reader.element(self._root)
        else:
            reader.content(self._root)
        return [self._before, *reader.parts]

    def _html(self, source: str) -> HtmlElement:
        """The page, or what is to be taken for the body of one."""
        self._whole = re.search(r"<(?:html|body|head)\b", source, re.IGNORECASE) is not None
        if not self._whole:
            page = document_fromstring(f"<html><body>{source}</body></html>")
            body = page.find("body")
            return page if body is None else body
        root = document_fromstring(source)
        doctype = root.getroottree().docinfo.doctype
        self._before = f"{doctype}\n" if doctype and source.lstrip().lower().startswith("<!doctype") else ""
        return root


def _xml(source: str) -> HtmlElement:
    """Raises `BadParameter`. A document type, and with it any entity, is an error within an element."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(f"<r>{source}</r>".encode(), parser)
    except etree.XMLSyntaxError as error:
        raise BadParameter("The text is not well-formed XML; send it without tag_handling, or as html.") from error
    if any(isinstance(element.tag, str) and element.tag.startswith("{") for element in root.iter()):
        raise BadParameter("XML namespaces are not supported.")
    return root


class _Reader:
    """Reads elements into parts."""

    def __init__(self, elements: Elements, language: str) -> None:
        self.parts: list[Part] = []
        self._is = elements
        self._language = language

    def element(self, element: HtmlElement) -> None:
        self.parts.append(self._is.opened(element))
        if not self._is.void(element):
            self.content(element)
            self.parts.append(f"</{element.tag}>")

    def content(self, element: HtmlElement) -> None:
        """What stands in `element`: runs of text, and the elements that break them."""
        pieces: list[Content] = [element.text or ""]
        for child in element:
            if self._breaks(child):
                self._run(pieces)
                pieces = []
                self.element(child)
            else:
                pieces.append(child)
            pieces.append(child.tail or "")
        self._run(pieces)

    def _run(self, pieces: Sequence[Content]) -> None:
        """Text and elements side by side; what has nothing to translate at either edge stays outside of the run."""
        worded = [n for n, piece in enumerate(pieces) if self._is.worded(piece)]
        if not worded:
            self.parts += map(self._is.verbatim, pieces)
            return
        first, last = _edge(pieces, worded[0], -1), _edge(pieces, worded[-1], 1)
        only = pieces[first]
        self.parts += map(self._is.verbatim, pieces[:first])
        if first == last and not isinstance(only, str):
            self.element(only)  # the whole of the text stands in one element
        else:
            self.parts += self._joined(pieces[first : last + 1])
        self.parts += map(self._is.verbatim, pieces[last + 1 :])

    def _joined(self, pieces: Sequence[Content]) -> Iterator[Part]:
        """One run, white space collapsed, and the white space around it."""
        out: list[str] = []
        length, spaced = 0, False
        inlines: list[Inline] = []
        for piece in pieces:
            words = re.sub(r"\s+", " ", piece if isinstance(piece, str) else self._is.shown(piece))
            words = words[1:] if spaced and words.startswith(" ") else words
            start = length + words.startswith(" ")
            if not isinstance(piece, str):
                inlines.append(self._inline(piece, start, max(start, length + len(words.rstrip()))))
            out.append(words)
            length += len(words)
            spaced = words.endswith(" ") if words else spaced
        text = "".join(out)
        before = len(text) - len(text.lstrip())
        moved = (replace(inline, start=inline.start - before, end=inline.end - before) for inline in inlines)
        yield " " * bool(before)
        yield Run(text.strip(), tuple(moved))
        yield " " * text.endswith(" ")

    def _inline(self, element: HtmlElement, start: int, end: int) -> Inline:
        if not self._is.worded(element):
            return Inline("", "", start, end, self._is.verbatim(element))
        chain = _chain(element)
        opened, closed = "".join(map(self._is.opened, chain)), "".join(f"</{link.tag}>" for link in reversed(chain))
        return Inline(opened, closed, start, end, loose=all(map(self._is.formatting, chain)))

    def _breaks(self, element: HtmlElement) -> bool:
        """Whether `element` ends the text before it: a block, more than a phrase, or more than text and formatting."""
        if self._is.kept(element):
            return False
        if self._is.breaking(element) or self._is.long(element):
            return True
        if not self._is.worded(element):
            return any(map(self._is.breaking, element.iter()))
        if not all(map(self._is.formatting, _chain(element)[-1].iterdescendants())):
            return True
        text = self._is.shown(element)
        return _STOP.search(text) is not None and sum(map(has_words, split(text, self._language))) > 1


def _chain(element: HtmlElement) -> list[HtmlElement]:
    """`element`, and what stands in it around all of its text."""
    chain = [element]
    while len(inner := chain[-1]) == 1 and isinstance(inner[0].tag, str):
        if (inner.text or "").strip() or (inner[0].tail or "").strip():
            break
        chain.append(inner[0])
    return chain


def _edge(pieces: Sequence[Content], at: int, step: int) -> int:
    """Where a run begins or ends whose outermost words are at `at`: punctuation next to them belongs to it."""
    beside = at + step
    if 0 <= beside < len(pieces) and isinstance(text := pieces[beside], str) and text.strip():
        return beside
    return at


def written(run: Run, pieces: Sequence[Piece], phrases: Mapping[str, str]) -> str:
    """A run as markup, its sentences replaced by `pieces`; `phrases` are the translations of its elements' texts."""
    out: list[str] = []
    at = 0
    ends = [*(piece.start for piece in pieces[1:]), len(run.text) + 1]
    waiting = deque(run.inlines)
    for piece, end in zip(pieces, ends, strict=False):
        own: list[Inline] = []
        while waiting and waiting[0].start < end:
            own.append(waiting.popleft())
        out.append(blank(run.text[at : piece.start]) or " " * bool(out))
        out.append(_sentence(run, piece, own, phrases))
        at = piece.end
    return "".join(out) if pieces else escape(run.text, quote=False)


def _sentence(run: Run, piece: Piece, inlines: Sequence[Inline], phrases: Mapping[str, str]) -> str:
    if len(inlines) == 1 and inlines[0].inner is None and _is_whole(run, piece, inlines[0]):
        return inlines[0].around(escape(piece.text, quote=False))
    placed: list[tuple[int, int, Inline]] = []
    moved: list[str] = []
    for number, inline in enumerate(inlines):
        source = run.text[inline.start : inline.end]
        text = source if inline.inner is not None else _EDGES.sub("", phrases.get(source, source))
        if number < _MOST and (place := _find(piece.text, text, placed)):
            placed.append((*place, inline))
        elif not inline.loose:
            moved.append(inline.around(escape(text, quote=False)))
    out: list[str] = []
    at = 0
    for start, end, inline in sorted(placed, key=lambda item: item[:2]):
        out.append(escape(piece.text[at:start], quote=False))
        out.append(inline.around(escape(piece.text[start:end], quote=False)))
        at = end
    out.append(escape(piece.text[at:], quote=False))
    return " ".join(("".join(out), *moved))


def _is_whole(run: Run, piece: Piece, inline: Inline) -> bool:
    return not has_words(run.text[piece.start : inline.start] + run.text[inline.end : piece.end])


def _find(text: str, wanted: str, taken: Sequence[tuple[int, int, Inline]]) -> tuple[int, int] | None:
    """Where `wanted` stands in `text` as words of their own, in any case, outside of what is `taken`."""
    if not wanted.strip():
        return None
    pattern = re.compile(rf"(?<!\w){re.escape(wanted)}(?!\w)", re.IGNORECASE)
    for match in pattern.finditer(text):
        if all(match.end() <= start or end <= match.start() for start, end, _ in taken):
            return match.span()
    return None
