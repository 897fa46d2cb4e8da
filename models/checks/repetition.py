"""Repetition: the brief says the same again, in one sentence or in two."""

from collections import Counter
from collections.abc import Iterator, Sequence

from models.checks.claim import SURE, Pair
from models.text.stems import words

_SAME = 0.9  # share of a sentence's words in an earlier one from which on it says the same
_SHORT = 4  # words below which sentences may be alike


def again(texts: Sequence[str], language: str) -> Iterator[tuple[int, int]]:
    """The sentences that say again what an earlier one says: their number and that one's."""
    contents = [Counter(word.stem for word in words(text, language)) for text in texts]
    for later, content in enumerate(contents):
        for earlier, other in enumerate(contents[:later]):
            shorter = min(content.total(), other.total())
            if shorter >= _SHORT and (content & other).total() >= _SAME * shorter:
                yield later, earlier
                break


def twice(pair: Pair) -> tuple[int, int] | None:
    """Where a translation says two neighbouring words of its original, which stand there once, a second time (start, end)."""
    stems = {pair.said.at(word.start): word.stem for word in words(pair.text, pair.language)}
    once = {found.word for found in pair.found if found.share >= SURE and len(found.there) == 1}
    seen: set[tuple[str, str]] = set()
    for word in sorted(once):
        if word + 1 in once:
            both = stems.get(word, ""), stems.get(word + 1, "")
            if both in seen:
                return pair.said.spans[word][0], pair.said.spans[word + 1][1]
            seen.add(both)
    return None
