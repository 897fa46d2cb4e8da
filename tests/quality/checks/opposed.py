"""A word for its opposite: what a translator does who takes one for the other. Drawn for learning only, by `learn.py`."""

import random
import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from base import Change, Draft

from models.checks import opposites

_ENDINGS = ("ing", "ed", "s")
_TABLE = Path(opposites.__file__).with_name("opposites.en.toml")


def changes(draft: Draft, rng: random.Random) -> Iterator[Change]:
    """The draft with one of its words changed, in random order; the Arabic stays true."""
    poles = list(opposites.read(draft.en, "en"))
    rng.shuffle(poles)
    for pole in poles:
        word = draft.en[pole.start : pole.end].lower()
        others = [
            other
            for matter, taken in pole.sides
            for side, words in _table()[matter].items()
            if side != taken
            for other in words
            if _ending(other) == _ending(word)
        ]
        if others and " " not in word:
            yield Change(
                "negation:opposite", draft.en[: pole.start] + rng.choice(others) + draft.en[pole.end :], draft.ar
            )


def _ending(word: str) -> str:
    return next((ending for ending in _ENDINGS if word.endswith(ending)), "")


@cache
def _table() -> dict[str, dict[str, Sequence[str]]]:
    """The words of each side that stand for themselves only."""
    data = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    del data["none"]
    return {
        matter: {side: [word for word in words if word.isalpha()] for side, words in sides.items()}
        for matter, sides in data.items()
    }
