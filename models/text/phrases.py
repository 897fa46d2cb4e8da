"""What the cleaner and the splitter know about languages: the tables in `data/`, one file per language.

Adding a language, or a phrase, touches no Python. The cleaner uses the tables of all languages together, since pages
mix languages; the comments of the Arabic file say what each table means.
"""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from models.text.normalise import fold

_GLUED = ":|،,.؟?!…-؛;\"'«»“”()[]"


class Prefixes:
    """Phrases of whole words with a value each, looked up at the beginning of a folded line."""

    def __init__(self, phrases: dict[str, str]) -> None:
        self._phrases = phrases
        self._longest = max((len(phrase.split()) for phrase in phrases), default=0)

    def match(self, folded: str) -> tuple[str, str] | None:
        """The value of the longest phrase that `folded` begins with, and what follows the phrase."""
        words = folded.split(maxsplit=self._longest)[: self._longest]
        for count in range(len(words), 0, -1):
            written = " ".join(words[:count])
            for phrase in (written, written.rstrip(_GLUED)):  # a colon may be glued to the last word
                if phrase in self._phrases:
                    return self._phrases[phrase], folded[len(phrase) :].lstrip()
        return None


@dataclass(frozen=True, slots=True)
class Phrases:
    """Furniture, folded. The value of a prefix is the reason for dropping the line that begins with it."""

    whole: dict[str, str]
    label: Prefixes
    header: Prefixes
    start: Prefixes
    notice: Prefixes
    opener: Prefixes
    opener_stem: tuple[str, ...]
    question: Prefixes
    credit: frozenset[str]
    credit_sign: tuple[str, ...]
    date: frozenset[str]


@dataclass(frozen=True, slots=True)
class Grammar:
    """What splitting one language needs; `opener` starts a sentence, `afterthought` still belongs to the one before."""

    opener: Prefixes
    afterthought: Prefixes
    abbreviation: frozenset[str]
    domain: frozenset[str]
    conjunction: tuple[str, ...]


@cache
def furniture() -> Phrases:
    """The tables of every language, read once."""
    tables = [_table(code) for code in _codes()]
    return Phrases(
        whole=_reasons(tables, "whole"),
        label=Prefixes(_reasons(tables, "label")),
        header=Prefixes(_reasons(tables, "header")),
        start=Prefixes(_reasons(tables, "start")),
        notice=Prefixes(_reasons(tables, "notice")),
        opener=_prefixes(opener for table in tables for opener in _openers(table["words"])),
        opener_stem=tuple(_words(tables, "opener_stem")),
        question=_prefixes(_words(tables, "question")),
        credit=frozenset(map(fold, _words(tables, "credit"))),
        credit_sign=tuple(_words(tables, "credit_sign")),
        date=frozenset(map(fold, _words(tables, "date"))),
    )


@cache
def grammar(language: str) -> Grammar:
    """The tables of one language, empty ones if it has no file."""
    tables = [_table(language)] if language in _codes() else []
    return Grammar(
        opener=_prefixes(opener for table in tables for opener in _openers(table["words"])),
        afterthought=_prefixes(_words(tables, "afterthought")),
        abbreviation=frozenset(map(fold, _words(tables, "abbreviation"))),
        domain=frozenset(map(fold, _words(tables, "domain"))),
        conjunction=tuple(_words(tables, "conjunction")),
    )


@cache
def _codes() -> tuple[str, ...]:
    names = (path.name for path in files("models.text").joinpath("data").iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


@cache
def _table(code: str) -> dict[str, Any]:
    return tomllib.loads(files("models.text").joinpath("data", f"{code}.toml").read_text("utf-8"))


def _reasons(tables: Iterable[dict[str, Any]], kind: str) -> dict[str, str]:
    return {fold(p): why for table in tables for why, listed in table.get(kind, {}).items() for p in listed}


def _words(tables: Iterable[dict[str, Any]], kind: str) -> list[str]:
    return [word for table in tables for word in table["words"].get(kind, ())]


def _prefixes(phrases: Iterable[str]) -> Prefixes:
    return Prefixes(dict.fromkeys(map(fold, phrases), ""))


def _openers(words: dict[str, list[str]]) -> list[str]:
    """Openers and verbs as listed, and the verbs again behind each proclitic ("وقال")."""
    verbs = words.get("verb", [])
    joined = [
        particle + verb for particle in words.get("proclitic", ()) for verb in verbs + words.get("noun_or_verb", [])
    ]
    return words.get("opener", []) + verbs + joined
