"""How the words of two texts are compared: within a language by stems, across by a table, or else by digits and names."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Protocol

from models.text.lexicon import CONTENT, Lexicon, knowing, lexicon
from models.text.skeleton import name_keys, name_sources
from models.text.stems import spans, stem


class Comparison(Protocol):
    """Words that are said looked up in a source."""

    def weight(self, word: str) -> float:
        """How much a word that is said counts, up to 1: its rarity; 0 for one that is no content."""

    def sources(self, word: str) -> Mapping[str, float]:
        """The keys of the source that a word that is said can rest on, with weights up to 1, heaviest first."""

    def keys(self, word: str) -> Sequence[str]:
        """The keys of a word of the source."""


def comparison(said: str, language: str, source: Sequence[str]) -> Comparison:
    """How sentences in the language `said` are compared with those of `source` in `language`."""
    if said == language:
        table = knowing(language)
        return _Known(table, language) if table else _Stems(language, source)
    table = lexicon(language, said)
    return _Translated(table) if table else _Names(said, language)


def compares_words(said: str, language: str) -> bool:
    """Whether all words are compared; where only digits and names can be, finding nothing says nothing."""
    return said == language or lexicon(language, said) is not None


class _Known:
    """One language, whose words a table has counted."""

    def __init__(self, table: Lexicon, language: str) -> None:
        self._table, self._language = table, language

    def weight(self, word: str) -> float:
        return self._table.weight(word, self._language)

    def sources(self, word: str) -> Mapping[str, float]:
        return {self._table.stem(word, self._language): 1.0}

    def keys(self, word: str) -> Sequence[str]:
        return (self._table.stem(word, self._language),)


class _Stems:
    """One language that no table knows: the source itself tells which words are in most of its sentences."""

    def __init__(self, language: str, source: Sequence[str]) -> None:
        self._language = language
        self._all = max(len(source), 2)
        stems = ({stem(text[start:end], language) for start, end in spans(text)} for text in source)
        self._frequency = Counter(found for sentence in stems for found in sentence)

    def weight(self, word: str) -> float:
        count = self._frequency.get(stem(word, self._language), 1)
        rarity = 1 - math.log(count) / math.log(self._all)
        return rarity if rarity >= CONTENT else 0.0

    def sources(self, word: str) -> Mapping[str, float]:
        return {stem(word, self._language): 1.0}

    def keys(self, word: str) -> Sequence[str]:
        return (stem(word, self._language),)


class _Translated:
    """Two languages with a table."""

    def __init__(self, table: Lexicon) -> None:
        self._table = table
        self.sources, self.keys = table.sources, table.keys

    def weight(self, word: str) -> float:
        return self._table.weight(word, self._table.target)


class _Names:
    """Two languages without a table: digits, and words with a capital letter."""

    def __init__(self, said: str, language: str) -> None:
        self._said, self._language = said, language

    def weight(self, word: str) -> float:
        return float(word[0].isdigit() or word[0].isupper())

    def sources(self, word: str) -> Mapping[str, float]:
        return {stem(word, self._said): 1.0, **name_sources(word)}

    def keys(self, word: str) -> Sequence[str]:
        return stem(word, self._language), *name_keys(word)
