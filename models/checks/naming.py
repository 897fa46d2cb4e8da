"""Names of a brief that sounds and tables do not find, held against what they may be in the sentences that the brief rests on."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from models.checks.claim import SURE, Pair
from models.text import names
from models.text.names import Mention


def unexplained(unknown: Sequence[Mention], text: str, language: str, grounds: Sequence[Pair]) -> list[Mention]:
    """Those of the names of `text` that the article is not found to have, which its grounds do not have otherwise either."""
    if not unknown:
        return []
    readings = [_Reading(replace(pair, text=text, language=language), unknown) for pair in grounds]
    return [name for name in unknown if not any(reading.has(name) for reading in readings)]


class _Reading:
    """A sentence of the article, and what of it only the unknown names of a text can stand for."""

    def __init__(self, pair: Pair, unknown: Sequence[Mention]) -> None:
        self._pair = pair
        self._places = names.Places(pair.source, pair.source_language)
        self._open = names.Places(" ".join(_open(pair, unknown)), pair.source_language)

    def has(self, name: Mention) -> bool:
        """Whether it has each word of the name: by its sound, faintly alike to a word left open, or translated."""
        return all(
            self._places.locate(word, self._pair.language) is not None
            or self._open.echoes(word)
            or (not names.known(word) and self._pair.rests(word.casefold()) >= SURE)
            for word in names.parts(name.text)
        )


def _open(pair: Pair, unknown: Sequence[Mention]) -> Iterator[str]:
    """The words of the source that no word but those of the unknown names rests on, and that may be names the tables lack."""
    said = {word for name in unknown for word in range(pair.said.at(name.start), pair.said.at(name.end - 1) + 1)}
    taken = {there for word, there in pair.links if word not in said}
    for number, (start, end) in enumerate(pair.origin.spans):
        word = pair.source[start:end]
        if number not in taken and names.foreign(word):
            yield word
