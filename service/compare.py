"""A second opinion: the brief by the other route, and where the two disagree in numbers and names."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from models.text import names, numbers
from models.text.comparing import compares_words
from service.drafting import Draft, Drafting, OneRoute


@dataclass(frozen=True, slots=True)
class Difference:
    """A number or a name that only the brief of `route` has, and whether the article has it; None where that cannot be told."""

    kind: Literal["number", "name"]
    text: str
    route: OneRoute
    in_article: bool | None


@dataclass(frozen=True, slots=True)
class Compared:
    """The other route's brief and the differences to it; or the `reason` why there is no other."""

    route: OneRoute
    text: str | None
    differences: tuple[Difference, ...] = ()
    reason: str | None = None


async def compare(drafting: Drafting, first: Draft) -> Compared:
    """The summarize-first brief, which is `first`, beside the one that the other route gives."""
    if reason := _alone(drafting):
        return Compared("translate-first", None, reason=reason)
    other = await drafting.draft("translate-first")
    args = (first, other, drafting.target, drafting.texts, drafting.source)
    return await drafting.work.text(differences, *args)


def _alone(drafting: Drafting) -> str | None:
    """Why there is only one route, if so."""
    if not drafting.foreign:
        return "The article is in the brief's language: there is nothing to translate first."
    for language in (drafting.source, drafting.target):
        if not drafting.runtime.summarizes(language):
            return f"No model is configured that summarizes the language {language}: there is only one route."
    return None


def differences(first: Draft, other: Draft, target: str, article: Sequence[str], language: str) -> Compared:
    """Where two briefs of an `article` in `language` disagree; `other` is the translate-first one."""
    text = "\n".join(article)
    found = [
        *_only_in(first.text, "summarize-first", other.text, target, text, language),
        *_only_in(other.text, "translate-first", first.text, target, text, language),
    ]
    return Compared("translate-first", other.text, tuple(found))


def _only_in(said: str, route: OneRoute, other: str, target: str, article: str, language: str) -> Iterator[Difference]:
    source = numbers.read(article, language)
    readable = numbers.available(language)
    for quantity in numbers.unsupported(numbers.read(said, target), numbers.read(other, target)):
        in_article = not numbers.unsupported([quantity], source) if readable else None
        yield Difference("number", said[quantity.start : quantity.end], route, in_article)
    places = names.Places(article, language)
    for mention in names.missing(said, names.Places(other, target), target):
        found = places.locate(mention.text, target) is not None
        yield Difference("name", mention.text, route, found if compares_words(target, language) else None)
