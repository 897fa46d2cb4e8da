"""Words that turn or attribute what a sentence says: negation, denial, reporting, claiming. They are data, a file a language."""

import re
import tomllib
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from models.text.normalise import fold

Kind = Literal["negation", "denial", "soft", "affirmation", "saying", "voicing", "claim"]

_WORD = re.compile(r"\w+(?:['’]\w+)*")
_LONG = 4  # letters from which on a word takes more than "and" before it
_TABLES = files("models.checks")


@dataclass(frozen=True, slots=True)
class Cue:
    """`text[start:end]` as a cue. `soft` negation may answer a negation of the other language, and asks for none itself."""

    kind: Kind
    start: int
    end: int


def known(language: str) -> bool:
    """Whether there is a table of cues for `language`."""
    return (_TABLES / f"cues.{language}.toml").is_file()


def read(text: str, language: str) -> list[Cue]:
    """The cues of a text in order; a word that both negates and reports gives two. None for a language without a table."""
    if not known(language):
        return []
    verbatim = _table(language)["verbatim"]
    words = [(match.start(), match.end(), _plain(match.group(), verbatim)) for match in _WORD.finditer(text)]
    line = " ".join(word for _, _, word in words)
    begins = [0]
    for _, _, word in words:
        begins.append(begins[-1] + len(word) + 1)

    def cue(kind: Kind, match: re.Match[str]) -> Cue:
        first, last = (bisect_right(begins, index) - 1 for index in (match.start(), match.end() - 1))
        return Cue(kind, words[first][0], words[last][1])

    found = [
        cue(kind, match)
        for pattern, kinds in _patterns(language)
        for match in pattern.finditer(line)
        if match.lastindex and (kind := kinds[match.lastindex - 1])
    ]
    return sorted(found, key=lambda cue: (cue.start, cue.end))


@cache
def _table(language: str) -> dict[str, Any]:
    return tomllib.loads((_TABLES / f"cues.{language}.toml").read_text(encoding="utf-8"))


def _plain(word: str, verbatim: Sequence[str]) -> str:
    return word if word in verbatim else fold(word).replace("’", "'")


@cache
def _patterns(language: str) -> list[tuple[re.Pattern[str], list[Kind | None]]]:
    """What finds the cues of polarity, of reporting, and of claiming; and for each group of it the kind, or none."""
    table = _table(language)

    def plain(phrase: str) -> str:
        return " ".join(_plain(word, table["verbatim"]) for word in phrase.split())

    def pattern(*kinds: Kind) -> tuple[re.Pattern[str], list[Kind | None]]:
        phrases: dict[str, Kind | None] = {plain(phrase): None for phrase in table["none"]}
        phrases |= {plain(phrase): kind for kind in reversed(kinds) for phrase in table[kind]}
        longest_first = sorted(phrases, key=lambda phrase: (-phrase.count(" "), -len(phrase)))
        either = "|".join(_expression(phrase, table) for phrase in longest_first)
        return re.compile(rf"(?<!\S)(?:{either})(?!\S)"), [phrases[phrase] for phrase in longest_first]

    return [
        pattern("negation", "denial", "soft"),
        pattern("affirmation"),
        pattern("saying", "voicing"),
        pattern("claim"),
    ]


def _expression(phrase: str, table: Mapping[str, str]) -> str:
    """A group that finds one phrase: `*` is any end of a word, `**` up to five words."""
    words = [re.escape(word).replace(r"\*", r"[\w']*") for word in phrase.split()]
    spaced = " ".join(words).replace(r" [\w']*[\w']* ", r"(?: \S+){0,5} ")
    return f"({table['proclitics' if len(words[0]) >= _LONG else 'proclitic']}{spaced})"
