"""Faithful briefs: plain ones, and ones that say the same otherwise."""

import random
from collections.abc import Iterator

import figures
import naming
import voices
from base import Change, Draft, capitalise, substitute, tables


def changes(draft: Draft, rng: random.Random) -> Iterator[Change]:
    made = [
        *figures.rounded(draft, rng),
        *figures.spelled(draft, rng),
        *figures.dollars(draft),
        *naming.spelled(draft, rng),
        *naming.shortened(draft, rng),
        *voices.paraphrased(draft, rng),
        *voices.according(draft),
        *_reworded(draft, "wording", rng),
        *_reworded(draft, "shortened", rng),
        *_reordered(draft),
        Change(f"faithful:{draft.style}", draft.en, draft.ar),
    ]
    rng.shuffle(made)
    yield from made


def _reworded(draft: Draft, table: str, rng: random.Random) -> Iterator[Change]:
    for text in substitute(draft.en, tables()["faithful"][table], rng):
        yield Change(f"faithful:{table}", capitalise(text), draft.ar)


def _reordered(draft: Draft) -> Iterator[Change]:
    if len(draft.pairs) > 1:
        pairs = draft.pairs[::-1]
        yield Change("faithful:reordered", " ".join(pair.en for pair in pairs), " ".join(pair.ar for pair in pairs))
