"""Support: what a sentence of a brief says must stand somewhere in the article. One without any is found by the evidence."""

from collections.abc import Sequence

from models.checks.claim import SURE, Found, Pair

_RUN = 10  # words of content in a row that are too many to stand in no source
_LITTLE = 0.15  # share below which a word stands in no source
_ELSEWHERE = 0.25  # share of such a run from which on, where other sentences have it, the run sums them up
_ENOUGH = 5  # words of content from which on a text tells how much of it is translated
_RENDERED = 0.2  # share of them that a sound translation has
_OWN = 0.15  # share of a text found in its original, from which on it is but a free translation


def lost(pair: Pair) -> bool:
    """Whether a translation says but little of its original, and little that stands there, as far as the table of words tells."""
    there = {place for _, place in pair.links} & pair.content
    return len(pair.content) >= _ENOUGH and len(there) < _RENDERED * len(pair.content) and pair.share < _OWN


def unsupported(pairs: Sequence[Pair], others: Sequence[Pair] = ()) -> list[tuple[int, int]]:
    """Passages (start, end) of a text whose words of content, `_RUN` or more in a row, stand in none of its sources.

    Nor may `_ELSEWHERE` of them stand in `others`, the text and sources that it rests on less: a summary sums many up.
    """
    passages: list[tuple[int, int]] = []
    run: list[int] = []
    spans = pairs[0].said.spans if pairs else []
    for found in [*_best(pairs), None]:
        if found and found.share < _LITTLE:
            run.append(found.word)
            continue
        if len(run) >= _RUN and _found(run, others) < _ELSEWHERE * len(run):
            passages.append((spans[run[0]][0], spans[run[-1]][1]))
        run = []
    return passages


def _found(words: Sequence[int], pairs: Sequence[Pair]) -> int:
    """How many words of the text stand in any of some sources."""
    there = {found.word for pair in pairs for found in pair.found if found.share >= SURE}
    return len(there.intersection(words))


def _best(pairs: Sequence[Pair]) -> list[Found]:
    """Each word of content as the best of the sources has it."""
    together = zip(*(pair.found for pair in pairs), strict=True)
    return [max(found, key=lambda one: one.share) for found in together]
