"""Negation and denial: dropped, added, turned round."""

import random
import re
from collections.abc import Iterator

from base import Change, Draft, substitute, tables


def changes(draft: Draft, rng: random.Random) -> Iterator[Change]:
    made = [
        Change(f"negation:{kind}", text, _arabic(draft, kind))
        for kind, rules in tables()["negation"].items()
        for text in substitute(draft.en, rules, rng)
    ]
    rng.shuffle(made)
    yield from made


def _arabic(draft: Draft, kind: str) -> str | None:
    """The Arabic turned round too, where the brief is one sentence and one rule fits in one place only."""
    if len(draft.pairs) > 1:
        return None
    rules = tables()["negation_arabic"].get(kind, [])
    found = [(old, new) for old, new in rules for _ in re.finditer(old, draft.ar)]
    return re.sub(*found[0], draft.ar) if len(found) == 1 else None
