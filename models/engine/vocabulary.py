"""Which output ids a language can use, so that the output projection need not compute the others.

mT5's vocabulary holds pieces of more than a hundred languages; one language can use a small part of it. The part is told by
script (the letters of a piece), not by counting pieces in some corpus, so that what may go is plain:

- A piece without letters of a foreign script stays: digits, punctuation, symbols, single bytes, and letters whose script we do
  not tell. Whatever can be written with letters of the languages' own scripts can therefore be written with the same pieces.
- Of a script that names are spelt in everywhere (Latin), short pieces stay. What can be spelt in single characters still can.

Trimming a vocabulary to one language: Abdaoui et al., "Load What You Need" (2020); Ushio et al. (2023), by corpus.
"""

import json
import re
import tomllib
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from models.catalog import Entry, Family
from models.errors import WeightsCorrupt
from models.text import scripts

_SPACE = "\u2581"  # what SentencePiece writes for a space
_SYMBOL = re.compile(r"</?s>|<unk>|<pad>|<0x[0-9A-F]{2}>")


@dataclass(frozen=True, slots=True)
class Rule:
    """Pieces of `whole` scripts stay; those that also hold letters of `spelt` scripts, up to so many characters."""

    whole: frozenset[str]
    spelt: Mapping[str, int]

    def allows(self, piece: str) -> bool:
        """Whether a piece with this text is worth computing."""
        foreign = {script for char in set(piece) if (script := _script(char))} - self.whole
        length = len(piece) - piece.count(_SPACE)
        return all(length <= self.spelt.get(script, 0) for script in foreign)


def rule(languages: Collection[str]) -> Rule | None:
    """What texts in `languages` can use, or None, everything: where none is named, or one whose scripts are not known."""
    if not languages or unknown(languages):
        return None
    known = _known()
    return Rule(frozenset().union(*(known[language] for language in languages)), _table()["spelt"])


def unknown(languages: Iterable[str]) -> tuple[str, ...]:
    """Those of `languages` whose scripts are not known, sorted."""
    return tuple(sorted(set(languages) - _known().keys()))


def keep(pieces: Mapping[int, str], rule: Rule) -> tuple[int, ...]:
    """The ids, ascending, of the pieces that `rule` allows."""
    return tuple(sorted(number for number, piece in pieces.items() if rule.allows(piece)))


def written(entry: Entry, chosen: Collection[str] | None) -> tuple[str, ...] | None:
    """The languages that `entry` has to be able to write if the service is to write `chosen`; None stands for all.

    A translator writes its targets. A summarizer writes what it reads, of which `chosen` is a choice: where nothing is left, it
    is not used.
    """
    if chosen is None:
        return None
    return tuple(sorted(entry.targets or set(entry.sources) & set(chosen)))


def pieces(folder: Path, family: Family) -> dict[int, str]:
    """The text of every id that the checkpoint in `folder` can write; "" for bytes and control symbols, which have none.

    Raises `WeightsCorrupt` for a vocabulary that is missing or damaged.
    """
    try:
        found = _marian(folder) if family == "marian" else _mt5(folder)
        if not found:
            raise ValueError("no pieces")
        return found
    except (OSError, ValueError, AttributeError, TypeError, RuntimeError) as error:
        raise WeightsCorrupt(f"The vocabulary in {folder.name} is missing or damaged.") from error


def _marian(folder: Path) -> dict[int, str]:
    separate = folder / "target_vocab.json"
    path = separate if separate.is_file() else folder / "vocab.json"
    vocabulary = json.loads(path.read_text(encoding="utf-8"))
    return {int(number): "" if _SYMBOL.fullmatch(piece) else piece for piece, number in vocabulary.items()}


def _mt5(folder: Path) -> dict[int, str]:
    from sentencepiece import SentencePieceProcessor

    model = SentencePieceProcessor(model_proto=(folder / "spiece.model").read_bytes())
    return {
        number: "" if model.is_control(number) or model.is_unknown(number) or model.is_byte(number) else piece
        for number, piece in enumerate(map(model.id_to_piece, range(model.get_piece_size())))
    }


@cache
def _script(char: str) -> str | None:
    """The script of a letter or of a mark on it; None for all else and where it is not told."""
    letter = unicodedata.category(char)[0] in "LM"
    return next(iter(scripts.counts(char)), None) if letter else None


@cache
def _known() -> dict[str, frozenset[str]]:
    """Language -> the scripts it is written in."""
    listed = _table()["scripts"]
    languages = {language for names in listed.values() for language in names}
    return {language: frozenset(script for script in listed if language in listed[script]) for language in languages}


@cache
def _table() -> dict[str, dict[str, Any]]:
    return tomllib.loads(files("models.engine").joinpath("vocabulary.toml").read_text("utf-8"))
