"""The number words of a language, from `<language>.toml` in this folder; a language without a file has none."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Literal, get_args

Role = Literal[
    "cardinal",
    "hundred",
    "scale",
    "twice",
    "tanween",
    "ordinal",
    "part",
    "parts",
    "plural_part",
    "before_ten",
    "weak",
    "decade",
    "vague",
]
_ROLES: tuple[Role, ...] = get_args(Role)[:-1]  # those whose words have one value

# One code point becomes one, so that offsets stay.
_LEVEL = str.maketrans(
    "أإآٱىیةۀکABCDEFGHIJKLMNOPQRSTUVWXYZ٪٫٬",
    "اااايي" + "ههكabcdefghijklmnopqrstuvwxyz%.,",
)
_MARKS = re.compile(r"[\u064b-\u065f\u0670\u0640]")


def level(text: str) -> str:
    """The text with case and the variants of Arabic letters levelled; every character keeps its place."""
    return text.translate(_LEVEL)


def bare(word: str) -> str:
    """A levelled word without vowel marks and tatweel."""
    return word if word.isascii() else _MARKS.sub("", word)


@dataclass(frozen=True, slots=True)
class Word:
    """A number word: what it does, what it is worth, and whether "and" or the article is joined in front of it."""

    role: Role
    value: float
    high: float = 0.0  # of a vague word
    joined: bool = False
    definite: bool = False


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The tables of one language, as the comments in `ar.toml` explain them."""

    language: str
    words: dict[str, Word] = field(default_factory=dict)
    phrases: dict[str, frozenset[tuple[str, ...]]] = field(default_factory=dict)
    months: dict[tuple[str, ...], int] = field(default_factory=dict)
    months_first: frozenset[str] = frozenset()
    plurals: dict[str, float] = field(default_factory=dict)
    measures: frozenset[str] = frozenset()
    proclitics: frozenset[str] = frozenset()
    definite_parts: dict[str, float] = field(default_factory=dict)
    duals: frozenset[str] = frozenset()
    starters: frozenset[str] = frozenset()  # the words that a quantity can begin with, duals and articles aside
    construct_duals: frozenset[str] = frozenset()
    never_duals: frozenset[str] = frozenset()

    def says(self, key: str, *words: str) -> bool:
        return words in self.phrases.get(key, ())

    def word(self, form: str, *roles: Role) -> Word | None:
        found = self.words.get(form)
        return found if found and (not roles or found.role in roles) else None


def available(language: str) -> bool:
    """Whether numbers are read in every form, and not only in digits."""
    return bool(re.fullmatch("[a-z]+", language)) and _file(language).is_file()


def _file(language: str) -> Traversable:
    return files("models.text.numbers").joinpath(f"{language}.toml")


@cache
def vocabulary(language: str) -> Vocabulary:
    if not available(language):
        return Vocabulary(language)
    table = tomllib.loads(_file(language).read_text("utf-8"))
    proclitics = [_form(p) for p in table.get("proclitic", ())]
    plain = dict(_plain(table))
    owned = {
        form: word
        for form, word in plain.items()
        if word.role in ("part", "parts", "plural_part") or (word.role == "ordinal" and word.value >= 3)
    }
    plain |= {form + pronoun: word for form, word in owned.items() for pronoun in table.get("pronoun", ())}
    words: dict[str, Word] = {}
    for proclitic in proclitics:
        words |= {proclitic + form: _behind(proclitic, word) for form, word in plain.items()}
    words |= plain
    for form in table.get("not", ()):
        words.pop(_form(form), None)
    dual = table.get("dual", {})
    measures = frozenset(map(_form, table["measure"]["words"]))
    months = {_split(name): int(number) for number, names in table["month"].items() for name in names}
    phrases = {key: frozenset(_split(p) for p in listed) for key, listed in table["phrase"].items()}
    definite_parts = {
        proclitic + form: value
        for form, value in _listed(table.get("definite_part", {}))
        for proclitic in ("", *proclitics)
    }
    measures = frozenset(proclitic + noun for noun in measures for proclitic in ("", *proclitics))
    first = {phrase[0] for key in ("percent", "few") for phrase in phrases[key]}
    first |= {"و" + word for word in first}
    return Vocabulary(
        language=language,
        starters=frozenset({*words, *measures, *definite_parts, *(name[0] for name in months), *first}),
        words=words,
        phrases=phrases,
        months=months,
        months_first=frozenset(name[0] for name in months),
        plurals={p + form: value for form, value in _listed(table["plural"]) for p in ("", *proclitics)},
        measures=measures,
        proclitics=frozenset(proclitics),
        definite_parts=definite_parts,
        duals=frozenset(
            p + form for noun in dual.get("sure", ()) for form in _dual(_form(noun)) for p in ("", *proclitics)
        ),
        construct_duals=frozenset(
            p + form
            for noun in map(_form, dual.get("sure", ()))
            for form in _construct(noun)
            if form not in table["measure"]["words"]
            for p in ("", *proclitics)
        ),
        never_duals=frozenset(p + _form(word) for word in dual.get("never", ()) for p in ("", *proclitics)),
    )


def _plain(table: dict[str, Any]) -> Iterator[tuple[str, Word]]:
    """The words as they are listed, the stronger readings last."""
    for form, (low, high) in table["vague"].items():
        yield _form(form), Word("vague", float(low), float(high))
    for role in reversed(_ROLES):
        yield from ((form, Word(role, value)) for form, value in _listed(table.get(role, {})))


def _behind(proclitic: str, word: Word) -> Word:
    joined, definite = proclitic[:1] == "و", proclitic.endswith(("ال", "لل"))
    return Word(word.role, word.value, word.high, joined, definite)


def _listed(table: dict[str, list[str]]) -> Iterator[tuple[str, float]]:
    yield from ((_form(form), float(value)) for value, forms in table.items() for form in forms)


def _form(word: str) -> str:
    return bare(level(word))


def _split(phrase: str) -> tuple[str, ...]:
    return tuple(_form(phrase).split())


def _dual(singular: str) -> tuple[str, str]:
    stem = singular[:-1] + "ت" if singular.endswith("ه") else singular
    return stem + "ان", stem + "ين"


def _construct(singular: str) -> tuple[str, ...]:
    """The dual before a genitive: "طرفا النزاع"."""
    stem = singular[:-1] + "ت" if singular.endswith("ه") else singular
    return stem + "ا", stem + "ي"
