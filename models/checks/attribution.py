"""Attribution: what the article gives as somebody's words, or as an accusation, must not become a fact, nor somebody else's words."""

from collections.abc import Iterator, Sequence

from models.checks.claim import Pair
from models.text import cues, names
from models.text.cues import Cue


def removed(pairs: Sequence[Pair]) -> Iterator[tuple[Pair, Cue]]:
    """The claims and accusations of a source that the text, which says them again, gives as facts."""
    if not pairs or any(cue.kind in ("saying", "claim") for cue in cues.read(pairs[0].text, pairs[0].language)):
        return
    for pair in pairs[:1]:
        for cue in cues.read(pair.source, pair.source_language):
            if cue.kind == "claim" or (pair.whole and cue.kind == "saying"):
                yield pair, cue
                return
