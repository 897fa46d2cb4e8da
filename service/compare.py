"""Where two briefs of one article disagree in numbers and names."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from models.text import names, numbers
from service.drafting import Draft, OneRoute


@dataclass(frozen=True, slots=True)
class Difference:
    """A number or a name that only the brief of `route` has, and whether the article has it."""

    kind: Literal["number", "name"]
    text: str
    route: OneRoute
    in_article: bool


@dataclass(frozen=True, slots=True)
class Compared:
    """The other route's brief and the differences to it."""

    route: OneRoute
    text: str
    differences: tuple[Difference, ...]


def compare(first: Draft, other: Draft, target: str, article: Sequence[str], language: str) -> Compared:
    """The summarize-first brief beside the translate-first one, which is `other`."""
    text = "\n".join(article)
    found = [
        *_only_in(first.text, "summarize-first", other.text, target, text, language),
        *_only_in(other.text, "translate-first", first.text, target, text, language),
    ]
    return Compared("translate-first", other.text, tuple(found))


def _only_in(said: str, route: OneRoute, other: str, target: str, article: str, language: str) -> Iterator[Difference]:
    source = numbers.read(article, language)
    for quantity in numbers.unsupported(numbers.read(said, target), numbers.read(other, target)):
        in_article = not numbers.unsupported([quantity], source)
        yield Difference("number", said[quantity.start : quantity.end], route, in_article)
    places = names.Places(article, language)
    for mention in names.missing(said, names.Places(other, target), target):
        yield Difference("name", mention.text, route, places.locate(mention.text, target) is not None)
