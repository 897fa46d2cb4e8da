"""Which words translate each other: a table learned from parallel sentences (`models/training/lexicon.py`), shipped as data.

How much a word counts is its rarity in the sentences that the table was learned from.
"""

import gzip
import math
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files

from models.text.skeleton import name_keys, name_sources
from models.text.stems import stem, usual

CONTENT = 0.265  # rarity from which on a word is content: those in more than 7% of the sentences of the corpus are not
_COMMON = 0.2  # rarity below which a word of the source says too little for anything to rest on it
_SURE = 0.5  # a share of a word's links that is as good as certainty: most words have several translations
_CACHED = 1 << 13


class Lexicon:
    """The words of a source language and those of a target language that translate them. Threads may share it."""

    def __init__(self, table: str, source: str, target: str) -> None:
        """`table`: the lines that `models.training.lexicon.write` writes. Raises ValueError for anything else."""
        self.source, self.target = source, target
        self._sources: list[str] = []
        self._frequency: dict[str, dict[str, int]] = {source: {}, target: {}}
        self._lines: dict[str, str] = {}  # the links of a stem of the target, not read before they are asked for
        self._read: dict[str, dict[str, tuple[float, float]]] = {}
        self.stem = lru_cache(_CACHED)(self._find_stem)
        self.sources = lru_cache(_CACHED)(self._find_sources)
        self.keys = lru_cache(_CACHED)(self._find_keys)
        self._all = 0.0
        for line in table.split("\n"):
            if not line.startswith("#"):
                self._take(*line.split("\t"))
        if not self._all:
            raise ValueError("the table does not say of how many sentences it was learned")

    def _take(self, kind: str, stem: str = "", count: str = "", links: str = "") -> None:
        if kind == "pairs":
            self._all = math.log(int(stem))
        elif kind == self.source:
            self._sources.append(stem)
            self._frequency[kind][stem] = int(count)
        elif kind == self.target:
            self._frequency[kind][stem] = int(count)
            self._lines[stem] = links
        else:
            raise ValueError(f"a table of {self.source} and {self.target} has no lines of the kind {kind!r}")

    def rarity(self, stem: str, language: str) -> float:
        """How rare a stem is: 0 for one in every sentence, 1 for one in a single sentence or in none."""
        return 1 - math.log(self._frequency[language].get(stem, 1)) / self._all

    def weight(self, word: str, language: str) -> float:
        """How much a word counts: its rarity, 0 for one that is too common to be content."""
        rarity = self.rarity(self.stem(word, language), language)
        return rarity if rarity >= CONTENT else 0.0

    def _find_stem(self, word: str, language: str) -> str:
        """The stem of a word as the table has it."""
        found = stem(word, language)
        return usual(found, self._frequency[language]) if language == "ar" else found

    def _find_sources(self, word: str) -> Mapping[str, float]:
        """What a word of the target can rest on in the source, as `keys` gives it, with weights between 0 and 1, heaviest first.

        Stems of the table that are not too common, the word itself (digits, words in foreign letters), and its consonants if it
        may be a name.
        """
        own = self.stem(word, self.target)
        found = {own: 1.0}
        for source, shares in self._links(own).items():
            if self.rarity(source, self.source) >= _COMMON:
                found[source] = min(1.0, max(shares) / _SURE)
        return dict(sorted((found | name_sources(word)).items(), key=lambda item: -item[1]))

    def _find_keys(self, word: str) -> tuple[str, ...]:
        """What a word of the source can be found by: its stem, and the consonants that it has as a name."""
        return self.stem(word, self.source), *name_keys(word)

    def _links(self, stem: str) -> Mapping[str, tuple[float, float]]:
        """The stems linked to a stem of the target: its share of the links of each, and the share of each of its links."""
        if stem in self._lines and stem not in self._read:
            links = (map(int, link.split(":")) for link in self._lines[stem].split())
            self._read[stem] = {
                self._sources[place]: (of_source / 100, of_target / 100) for place, of_source, of_target in links
            }
        return self._read.get(stem, {})


def parse(data: bytes, source: str, target: str) -> Lexicon:
    """The table of a file that `models.training.lexicon.write` wrote."""
    return Lexicon(gzip.decompress(data).decode(), source, target)


@cache
def lexicon(source: str, target: str) -> Lexicon | None:
    """The table for texts in `target` translated from `source`, read once; None where there is none."""
    path = files("models.text").joinpath("data", "lexicon", f"{source}-{target}.tsv.gz")
    if not path.is_file():
        return None
    return parse(path.read_bytes(), source, target)


@cache
def knowing(language: str) -> Lexicon | None:
    """A table that has counted the words of `language`, as source or as target; None where there is none."""
    names = sorted(path.name for path in files("models.text").joinpath("data", "lexicon").iterdir())
    pairs = (name.removesuffix(".tsv.gz").split("-") for name in names)
    return next((lexicon(*pair) for pair in pairs if language in pair), None)
