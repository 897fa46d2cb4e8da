"""The article inside a web page: trafilatura does the work, this file keeps hostile markup away from it."""

import re
from dataclasses import dataclass

import trafilatura
from lxml import etree
from lxml.html import HtmlElement, document_fromstring
from trafilatura.settings import use_config

from models.errors import MarkupTooDeep, NoProse

# libxml2, the parser below trafilatura, silently drops whatever is nested deeper than 256 elements.
MAX_DEPTH = 250

_TAG = re.compile(r"<(?:(!--)|(/?)([a-zA-Z][a-zA-Z0-9:-]*))")
# What a parser closes by itself, or what has no content, adds no depth.
_NO_DEPTH = (
    "area base br col embed hr img input link meta param source track wbr html head body p li dt dd tr td th thead "
    "tbody tfoot option optgroup colgroup rp rt"
)
_BLOCKS = (
    "address article blockquote br div dd dt fieldset figcaption footer form h1 h2 h3 h4 h5 h6 header hr li main nav "
    "ol p pre section table td th tr ul"
)
_FLAT, _BLOCK = frozenset(_NO_DEPTH.split()), frozenset(_BLOCKS.split())
_RAW = frozenset(("script", "style", "textarea", "title", "xmp", "noembed", "noframes"))
_SKIPPED = frozenset(("script", "style", "noscript", "template", "nav", "footer", "aside", "form", "title", "head"))
_UNPRINTABLE = re.compile("[\x00\ud800-\udfff]")
_DECLARATION = re.compile(r"\s*(?:<\?xml[^>]*>\s*)?(?:<!doctype[^>\[]*(?:\[[^\]]*\])?\s*>)?", re.IGNORECASE)

# trafilatura throws short articles together on one line unless told that a short text is fine too.
_CONFIG = use_config()
_CONFIG["DEFAULT"].update({"MIN_EXTRACTED_SIZE": "1", "EXTENSIVE_DATE_SEARCH": "off"})
# Its time grows faster than the page: 3,000 paragraphs took 1.4 s and 10,000 took 6.7 s (0.5 s and 1.1 s with `fast`,
# on one core). Real pages stay far below; larger ones are read without its comparisons, then plainly.
_FEW, _MANY = 5_000, 20_000


@dataclass(frozen=True, slots=True)
class Page:
    """The text of an article, a line per paragraph, and its headline if the page tells one."""

    text: str
    title: str | None


def extract(html: str) -> Page:
    """The main text of a page, or of a fragment of one.

    Broken markup is read as browsers read it; nothing is fetched and no entity of a document type is expanded.
    Raises MarkupTooDeep for nesting beyond MAX_DEPTH, before any parser runs, and NoProse if no text is found.
    """
    html = _DECLARATION.sub("", _UNPRINTABLE.sub("\ufffd", html), count=1)
    elements = check_depth(html)
    if "<body" not in html.lower():
        html = f"<html><body>{html}</body></html>"
    text, title = _main_text(html, fast=elements > _FEW) if elements <= _MANY else (None, None)
    text = (text or "").strip() or _visible_text(html)
    if not text:
        raise NoProse("no text was found in the HTML")
    return Page(text, title)


def check_depth(html: str) -> int:
    """How many elements the markup has; raises MarkupTooDeep before any parser would drop what is nested too deeply."""
    depth, elements = _measure(html)
    if depth > MAX_DEPTH:
        raise MarkupTooDeep(f"the HTML nests more than {MAX_DEPTH} elements; send the article's own part of the page")
    return elements


def _main_text(html: str, fast: bool) -> tuple[str | None, str | None]:
    """The article's text and title as trafilatura finds them; `fast` skips its comparison with other extractors."""
    found = trafilatura.bare_extraction(html, include_comments=False, with_metadata=True, fast=fast, config=_CONFIG)
    if found is None or isinstance(found, dict):
        return None, None
    return found.text, found.title or None


def _measure(html: str) -> tuple[int, int]:
    """How many elements are open at once (counting stops at MAX_DEPTH) and how many there are; builds nothing."""
    depth = elements = at = 0
    while (tag := _TAG.search(html, at)) and depth <= MAX_DEPTH:
        at = tag.end()
        comment, closing, name = tag.group(1), tag.group(2), (tag.group(3) or "").lower()
        elements += not closing
        if comment:
            at = html.find("-->", at)
        elif closing:
            depth -= name not in _FLAT and depth > 0
        elif name in _RAW:
            at = _raw_end(html, name, at)
        elif name not in _FLAT:
            depth += 1
        if at < 0:  # a comment or script that never ends
            break
    return depth, elements


def _raw_end(html: str, name: str, at: int) -> int:
    """Where the raw text of a script or style ends; -1 if it never does."""
    end = re.compile(rf"</{name}", re.IGNORECASE).search(html, at)
    return end.end() if end else -1


def _visible_text(html: str) -> str:
    """All text of the page but scripts and navigation, a line per block element; linear time."""
    tree: HtmlElement = document_fromstring(html)
    out: list[str] = []
    skipping: HtmlElement | None = None
    for event, element in etree.iterwalk(tree, events=("start", "end", "comment", "pi")):
        tag = element.tag
        if event == "start" and skipping is None and tag in _SKIPPED:
            skipping = element
        if event == "start" and skipping is None:
            out.append("\n" * (tag in _BLOCK) + (element.text or ""))
        if event != "start":
            if skipping is element:
                skipping = None
            if skipping is None:
                out.append("\n" * (tag in _BLOCK) + (element.tail or ""))
    lines = (" ".join(line.split()) for line in "".join(out).split("\n"))
    return "\n".join(line for line in lines if line)
