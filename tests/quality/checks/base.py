"""What all makers of labelled briefs share: the draft that is changed, the changes, and the tables."""

import random
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from models.training.data import Article, Pair

FOLDER = Path(__file__).parent
_PRONOUN = re.compile(
    r"^[\"']?(He|She|It|They|His|Her|Their|Its|This|That|These|Those|Both|Most|Some|"
    r"The (?:same|latter|former|two men|two guests))\b"
)
_WHOLE: dict[str, str] = {}  # an article is much slower to hash than its id
_CONNECTED = re.compile(
    r"^(But|However|Nevertheless|Meanwhile|In response|In contrast|On the other hand|For its part|By contrast)\b"
)


@dataclass(frozen=True)
class Draft:
    """A true brief of an article, in both languages, before anything is done to it."""

    article: Article
    style: str  # "gold", "extract" or "mixed"
    pairs: tuple[Pair, ...]

    @cached_property
    def en(self) -> str:
        return " ".join(pair.en for pair in self.pairs)

    @cached_property
    def ar(self) -> str:
        return " ".join(pair.ar for pair in self.pairs)


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a draft. `ar` is None where the same cannot surely be done to the Arabic."""

    kind: str
    en: str
    ar: str | None = None


@cache
def tables() -> dict[str, Any]:
    """The word tables; backslashes of expressions are written singly in the file's literal strings."""
    return tomllib.loads((FOLDER / "tables.toml").read_text(encoding="utf-8"))


def whole(article: Article, language: str) -> str:
    """Everything that is known of the article: title, sentences, summary."""
    key = article.id + language
    if key not in _WHOLE:
        _WHOLE[key] = " ".join(pair.side(language) for pair in article.pairs())
    return _WHOLE[key]


def drafts(article: Article, rng: random.Random) -> list[Draft]:
    """True briefs, in random order, the gold summary first every other time."""
    own = [pair for pair in article.sentences if not _PRONOUN.match(pair.en)]
    alone = [pair for pair in own if not _CONNECTED.match(pair.en)]
    rest = [Draft(article, "extract", (pair,)) for pair in alone]
    rest += [Draft(article, "mixed", (article.summary, pair)) for pair in own]
    rest += [
        Draft(article, "extract", (first, second)) for first, second in _pairs(own) if not _CONNECTED.match(first.en)
    ]
    if len(alone) > 3:
        rest.append(Draft(article, "extract", tuple(alone[:3])))
    rng.shuffle(rest)
    place = 0 if rng.random() < 0.5 else len(rest) // 2
    rest.insert(place, Draft(article, "gold", (article.summary,)))
    return rest


def _pairs(pairs: list[Pair]) -> Iterator[tuple[Pair, Pair]]:
    return ((first, second) for place, first in enumerate(pairs) for second in pairs[place + 1 : place + 3])


def once(text: str, old: str, new: str) -> str | None:
    """`text` with `old`, which must stand in it exactly once, replaced."""
    return text.replace(old, new) if text.count(old) == 1 else None


def substitute(text: str, rules: Iterable[tuple[str, str]], rng: random.Random) -> Iterator[str]:
    """The text with one rule applied in one place, for every rule and place, in random order."""
    found = [(match, new) for old, new in rules for match in re.finditer(old, text)]
    rng.shuffle(found)
    for match, new in found:
        yield text[: match.start()] + match.expand(new) + text[match.end() :]


def capitalise(text: str) -> str:
    return text[:1].upper() + text[1:]


def content(text: str) -> set[str]:
    """The words that carry meaning, roughly: long ones, cut to their first six letters."""
    return {word[:6].lower() for word in re.findall(r"[A-Za-z]{5,}|\d+", text)}
