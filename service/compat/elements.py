"""The elements of parsed markup: what each means for a translation, what text is in it, how it is written. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import TypeAlias

from lxml import etree
from lxml.html import HtmlElement

from service.compat.layout import has_words

_XML_NAMESPACE = "{http://www.w3.org/XML/1998/namespace}"
_NAME = re.compile(r"[A-Za-z_:@][\w:.@-]*")
_LONG = 300  # characters and elements; what is more is no phrase within a sentence
_STYLING = frozenset(("class", "style", "dir", "lang", "title"))

Content: TypeAlias = str | HtmlElement
"""What stands in an element: text, and elements."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """What elements mean: which break the text, keep theirs, are mere formatting, have no end, hold raw text."""

    breaks: frozenset[str]
    kept: frozenset[str]
    formatting: frozenset[str] = frozenset()
    void: frozenset[str] = frozenset()
    raw: frozenset[str] = frozenset()


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


HTML = Dialect(
    breaks=_names(
        "address article aside blockquote body br button caption center dd details dialog div dl dt fieldset figcaption figure "
        "footer form h1 h2 h3 h4 h5 h6 head header hgroup hr html legend li main nav noscript ol optgroup option p search "
        "section select summary table tbody td template tfoot th thead title tr ul"
    ),
    kept=_names("audio canvas code iframe kbd math object pre samp script style svg textarea tt var video"),
    formatting=_names("abbr acronym b bdi bdo big cite em font i ins mark q s small span strike strong sub sup u"),
    void=_names("area base br col embed hr img input link meta param source track wbr"),
    raw=_names("script style xmp iframe noembed noframes"),
)


class Elements:
    """What is known of the elements below a root: all is gathered in one pass, so that deep nesting costs no more than flat."""

    def __init__(self, root: HtmlElement, dialect: Dialect) -> None:
        self._dialect = dialect
        self._weight: dict[HtmlElement, int] = {}
        self._shown: dict[HtmlElement, str] = {}
        self._translated: dict[HtmlElement, str] = {}
        self._worded: dict[HtmlElement, bool] = {}
        for element in reversed(list(root.iter())):  # the inner before the outer
            self._gather(element)

    def _gather(self, element: HtmlElement) -> None:
        text = "" if self._hidden(element) else element.text or ""
        tails = [child.tail or "" for child in element]
        weight = self._weight[element] = (
            1 + len(text) + sum(map(len, tails)) + sum(self._weight[child] for child in element)
        )
        kept = self.kept(element)
        if weight > _LONG:  # too long to be put together at every level
            parts = (text, *tails)
            self._worded[element] = not kept and (any(map(has_words, parts)) or any(map(self.worded, element)))
            return
        shown = zip((self._shown[child] for child in element), tails, strict=True)
        self._shown[element] = "" if self._hidden(element) else text + "".join(map("".join, shown))
        inner = zip((self._translated[child] for child in element), tails, strict=True)
        self._translated[element] = "" if kept else text + "".join(map("".join, inner))
        self._worded[element] = has_words(self._translated[element])

    def _hidden(self, element: HtmlElement) -> bool:
        """Whether a reader does not see the text."""
        return not isinstance(element.tag, str) or element.tag in self._dialect.raw

    def long(self, element: HtmlElement) -> bool:
        return self._weight[element] > _LONG

    def shown(self, element: HtmlElement) -> str:
        """The text that a reader sees, translated or not; nothing of what is `long`."""
        return self._shown.get(element, "")

    def worded(self, piece: Content) -> bool:
        """Whether there is something to translate."""
        return has_words(piece) if isinstance(piece, str) else self._worded[piece]

    def kept(self, element: HtmlElement) -> bool:
        """Whether the text is not to be translated."""
        return (
            not isinstance(element.tag, str)
            or element.tag in self._dialect.kept
            or element.get("translate") == "no"
            or "notranslate" in (element.get("class") or "").split()
        )

    def breaking(self, element: HtmlElement) -> bool:
        return element.tag in self._dialect.breaks

    def void(self, element: HtmlElement) -> bool:
        return element.tag in self._dialect.void

    def formatting(self, element: HtmlElement) -> bool:
        """Whether nothing is lost without the element but how its text looks."""
        return element.tag in self._dialect.formatting and set(element.keys()) <= _STYLING and not self.kept(element)

    def opened(self, element: HtmlElement) -> str:
        """The tag that begins an element."""
        named = ((key.replace(_XML_NAMESPACE, "xml:"), value) for key, value in element.items())
        attributes = (f' {key}="{escape(value)}"' for key, value in named if _NAME.fullmatch(key))
        return f"<{element.tag}{''.join(attributes)}>"

    def verbatim(self, piece: Content) -> str:
        """A piece as markup, its text as it is."""
        return escape(piece, quote=False) if isinstance(piece, str) else "".join(self._written(piece))

    def _written(self, element: HtmlElement) -> Iterator[str]:
        if not isinstance(element.tag, str):
            yield str(etree.tostring(element, encoding="unicode", with_tail=False))
            return
        yield self.opened(element)
        if self.void(element):
            return
        raw = element.tag in self._dialect.raw
        yield (element.text or "") if raw else escape(element.text or "", quote=False)
        for child in element:
            yield from self._written(child)
            yield escape(child.tail or "", quote=False)
        yield f"</{element.tag}>"
