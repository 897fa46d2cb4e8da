"""Words that turn or attribute what a sentence says: negation, denial, reporting, claiming. They are data, a file a language."""

import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Literal

from models.checks.phrases import Match, Table

Kind = Literal["negation", "denial", "soft", "faint", "affirmation", "saying", "source", "voicing", "claim"]
# Of the kinds in a line a word is one; of different lines it may be several ("denied" turns and reports).
_GROUPS: tuple[tuple[Kind, ...], ...] = (
    ("negation", "denial", "soft", "faint"),
    ("affirmation",),
    ("saying", "source", "voicing"),
    ("claim",),
)
_TABLES = files("models.checks")
_CACHED = 1 << 10  # sentences: each is read by several checks


@dataclass(frozen=True, slots=True, order=True)
class Cue(Match):
    """A phrase as a cue. `soft` and `faint` ones may answer a negation of the other language, and ask for none."""

    kind: Kind


def known(language: str) -> bool:
    """Whether there is a table of cues for `language`."""
    return (_TABLES / f"cues.{language}.toml").is_file()


def is_pronoun(word: str, language: str) -> bool:
    """Whether a word stands for a name, and is none itself."""
    return known(language) and _table(language).plain(word) in _data(language)["pronoun"]


@lru_cache(_CACHED)
def read(text: str, language: str) -> tuple[Cue, ...]:
    """The cues of a text in order; a word that both negates and reports gives two. None for a language without a table."""
    if not known(language):
        return ()
    found = _table(language).read(text)
    return tuple(sorted(Cue(place.start, place.end, place.phrase, kind) for kind, place in found))


@cache
def _table(language: str) -> Table[Kind]:
    data = _data(language)
    return Table(language, [{None: data["none"], **{kind: data[kind] for kind in kinds}} for kinds in _GROUPS])


@cache
def _data(language: str) -> dict[str, Any]:
    return tomllib.loads((_TABLES / f"cues.{language}.toml").read_text(encoding="utf-8"))
