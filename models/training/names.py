"""Other names in the same sentence: what teaches a small model to copy and transliterate names instead of guessing them."""

import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from models.training.data import Pair

_TABLE = Path(__file__).parent / "names.tsv"
_PRIVATE = 0xE000  # the first character of Unicode's private use area
# One-letter words that Arabic writes together with the next; "to" and the article melt into one syllable, "لل".
_PREFIX = "(?P<prefix>[وفبلك]?)"
_MELTED = "(?:(?P<melted>[وف]?)لل|(?P<prefix>[وفبك]?)ال)"


@dataclass(frozen=True, slots=True)
class Name:
    """A name in both languages; names of one `kind` (place, given, givenf, family) may replace one another."""

    kind: str
    ar: str
    en: str

    def side(self, language: str) -> str:
        return self.ar if language == "ar" else self.en


@cache
def names() -> tuple[Name, ...]:
    """The table, longest Arabic names first, so that a name inside a longer one is not taken for it."""
    lines = _TABLE.read_text(encoding="utf-8").splitlines()
    rows = (Name(*line.split("\t")) for line in lines if not line.startswith("#"))
    return tuple(sorted(rows, key=lambda name: -len(name.ar)))


def swap_pair_names(pair: Pair, rng: random.Random) -> Pair:
    """Replace names of the table that stand in the Arabic, and once in the English, by others of their kind."""
    chosen = _choose((name for name in shared(pair) if len(_word(name.en, "en").findall(pair.en)) == 1), rng)
    return Pair(_replace(pair.ar, chosen, "ar"), _replace(pair.en, chosen, "en"))


def swap_names(texts: Sequence[str], language: str, known: Iterable[Name], rng: random.Random) -> list[str]:
    """Replace `known` names by others of their kind, the same way in all `texts`, which are an article in one language."""
    chosen = _choose(known, rng)
    return [_replace(text, chosen, language) for text in texts]


def shared(pair: Pair) -> list[Name]:
    """The names that stand on both sides. On one side only it may be a word like any other: "المصري" is "Egyptian" too."""
    return [name for name in names() if _stands(name, pair.ar, "ar") and _stands(name, pair.en, "en")]


def _stands(name: Name, text: str, language: str) -> bool:
    side = name.side(language)
    return side.removeprefix("ال") in text and _word(side, language).search(text) is not None


def _choose(found: Iterable[Name], rng: random.Random) -> dict[Name, Name]:
    """For two names in three, another one that the text does not have, and no two get the same."""
    old = list(found)
    left = [name for name in names() if name not in old]
    chosen: dict[Name, Name] = {}
    for name in old:
        others = [other for other in left if other.kind == name.kind]
        if others and rng.random() < 2 / 3:
            chosen[name] = rng.choice(others)
            left.remove(chosen[name])
    return chosen


def _replace(text: str, chosen: dict[Name, Name], language: str) -> str:
    """By way of private characters, so that a new name is never replaced again."""
    for number, old in enumerate(chosen):
        text = _word(old.side(language), language).sub(partial(_hidden, chr(_PRIVATE + number)), text)
    for number, new in enumerate(chosen.values()):
        side = new.side(language)
        if side.startswith("ال"):
            text = text.replace("ل" + chr(_PRIVATE + number), "لل" + side[2:])
        text = text.replace(chr(_PRIVATE + number), side)
    return text


def _hidden(character: str, match: re.Match[str]) -> str:
    """`character` in a name's place, after what is written together with it: "لل" is "ل" before a name with the article."""
    groups = match.groupdict()
    before: str = groups["prefix"] if groups.get("melted") is None else groups["melted"] + "ل"
    return before + character


@cache
def _word(name: str, language: str) -> re.Pattern[str]:
    if language == "en":
        return re.compile(rf"(?<!\w)(?P<prefix>){re.escape(name)}(?!\w)")
    if name.startswith("ال"):
        return re.compile(rf"(?<!\w){_MELTED}{re.escape(name[2:])}(?!\w)")
    return re.compile(rf"(?<!\w){_PREFIX}{re.escape(name)}(?!\w)")
