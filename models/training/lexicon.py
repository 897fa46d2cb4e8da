"""Learns the word translation table that `models/text/lexicon.py` reads, from the training split of the corpus.

IBM Model 1 (Brown et al. 1993, "The Mathematics of Statistical Machine Translation") in both directions, with the preference for
the diagonal of Dyer, Chahuneau and Smith (2013), "A Simple, Fast, and Effective Reparameterization of IBM Model 2"; then both
directions together, each believing a link as far as the other makes it too (Liang, Taskar and Klein 2006, "Alignment by
Agreement"). Deterministic.
"""

import gzip
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.text.stems import usual, words
from models.training.data import Pair

_ALONE, _TOGETHER = 5, 5  # rounds of each direction for itself, then of both
_TENSION = (
    3.0  # how strongly links near the diagonal are preferred: Dyer et al. call it lambda and find 4 for other languages
)
_NOTHING = 0.08  # share of the words that translate nothing: their p0
_LEAST_LINKS = 0.5  # expected links that a pair of words needs
_LEAST_SHARE = 0.03  # share of the links of either word that it needs
_TINY = 1e-12

Floats = NDArray[np.float64]
Indexes = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Entry:
    """Two stems that translate each other: share of the links of the Arabic one that are this one, and of the English one."""

    ar: str
    en: str
    of_ar: float
    of_en: float


@dataclass(frozen=True, slots=True)
class Table:
    """What was learned: in how many of the `pairs` sentences each stem stands, and which stems translate each other."""

    pairs: int
    ar: dict[str, int]
    en: dict[str, int]
    entries: list[Entry]


@dataclass(frozen=True, slots=True)
class _Cells:
    """Every word of a sentence with every word of its translation; all arrays are (cells,), indexes count from 0."""

    ar: Indexes  # word type
    en: Indexes
    ar_token: Indexes  # occurrence, counted through the corpus
    en_token: Indexes
    pair: Indexes  # the pair of types, numbered
    near: Floats  # how near the diagonal


def train(pairs: Sequence[Pair]) -> Table:
    """The table of some thousand sentence pairs. Raises ValueError where no sentence has words."""
    ar = _levelled([[word.stem for word in words(pair.ar, "ar")] for pair in pairs])
    en = [[word.stem for word in words(pair.en, "en")] for pair in pairs]
    ar_types, en_types = _types(ar), _types(en)
    cells = _cells([[ar_types[w] for w in line] for line in ar], [[en_types[w] for w in line] for line in en])
    links, left, right = _links(cells)
    kept, of_ar, of_en = _kept(links, left, right)
    ar_stems, en_stems = list(ar_types), list(en_types)
    entries = [
        Entry(ar_stems[left[k]], en_stems[right[k]], float(a), float(e))
        for k, a, e in zip(kept, of_ar, of_en, strict=True)
    ]
    return Table(len(pairs), _frequency(ar), _frequency(en), entries)


def write(table: Table, path: Path, told: str) -> int:
    """Write `table` with the lines of `told` at its top; the same table gives the same bytes. Returns the bytes written."""
    places = {stem: str(place) for place, stem in enumerate(table.ar)}
    of: dict[str, list[Entry]] = {stem: [] for stem in table.en}
    for entry in table.entries:
        of[entry.en].append(entry)
    lines = [*(f"# {line}" for line in told.splitlines()), f"pairs\t{table.pairs}"]
    lines += [f"ar\t{stem}\t{count}" for stem, count in table.ar.items()]
    for stem, count in table.en.items():
        best = sorted(of[stem], key=lambda entry: (-entry.of_en, entry.ar))
        told_links = " ".join(f"{places[e.ar]}:{round(100 * e.of_ar)}:{round(100 * e.of_en)}" for e in best)
        lines.append(f"en\t{stem}\t{count}\t{told_links}")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress("\n".join(lines).encode(), mtime=0))
    return path.stat().st_size


def _levelled(sentences: list[list[str]]) -> list[list[str]]:
    """Arabic stems without the joined letters and endings that the whole text shows not to belong to them."""
    counts = Counter(stem for sentence in sentences for stem in sentence)
    return [[usual(stem, counts) for stem in sentence] for sentence in sentences]


def _types(sentences: list[list[str]]) -> dict[str, int]:
    """Every stem with its number: by falling count, equals by spelling."""
    counts = Counter(stem for sentence in sentences for stem in sentence)
    return {stem: number for number, stem in enumerate(sorted(counts, key=lambda stem: (-counts[stem], stem)))}


def _frequency(sentences: list[list[str]]) -> dict[str, int]:
    counts = Counter(stem for sentence in sentences for stem in set(sentence))
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _cells(ar: list[list[int]], en: list[list[int]]) -> _Cells:
    parts: list[tuple[Indexes, ...]] = []
    near: list[Floats] = []
    ar_before = en_before = 0
    for source, target in zip(ar, en, strict=True):
        rows, columns = len(source), len(target)
        i, j = np.repeat(np.arange(rows), columns), np.tile(np.arange(columns), rows)
        parts.append((np.asarray(source)[i], np.asarray(target)[j], ar_before + i, en_before + j))
        near.append(np.exp(-_TENSION * np.abs((i + 0.5) / max(rows, 1) - (j + 0.5) / max(columns, 1))))
        ar_before, en_before = ar_before + rows, en_before + columns
    left, right, left_token, right_token = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    if not left.size:
        raise ValueError("no sentence has words on both sides")
    pair = np.unique(left * (right.max() + 1) + right, return_inverse=True)[1]
    return _Cells(left, right, left_token, right_token, pair, np.concatenate(near))


def _links(cells: _Cells) -> tuple[Floats, Indexes, Indexes]:
    """Expected links of each pair of types, and its two types; each array is (pairs of types,)."""
    ar = np.zeros(cells.pair.max() + 1, dtype=np.int64)
    en = ar.copy()
    ar[cells.pair], en[cells.pair] = cells.ar, cells.en
    links = np.ones(len(ar))
    to_en, to_ar = links / np.bincount(ar)[ar], links / np.bincount(en)[en]
    for round_ in range(_ALONE + _TOGETHER):
        by_en = _posterior(to_en, cells, cells.en, cells.en_token)
        by_ar = _posterior(to_ar, cells, cells.ar, cells.ar_token)
        if round_ >= _ALONE:
            by_en = by_ar = by_en * by_ar
        links, back = (np.bincount(cells.pair, by).astype(np.float64) for by in (by_en, by_ar))
        to_en = links / np.maximum(np.bincount(ar, links)[ar], _TINY)
        to_ar = back / np.maximum(np.bincount(en, back)[en], _TINY)
    return links, ar, en


def _posterior(table: Floats, cells: _Cells, types: Indexes, tokens: Indexes) -> Floats:
    """How far each word (`types`, `tokens`) is linked to each of the other side, (cells,); what is missing to 1, to nothing.

    `table`: probability of the word given the other, for each pair of types. Nothing gives a word with its share in the text.
    """
    score = table[cells.pair] * cells.near / np.bincount(tokens, cells.near)[tokens]
    first = np.unique(tokens, return_index=True)[1]
    share = np.bincount(types[first]) / len(first)
    total = np.bincount(tokens, score)[tokens]
    return np.asarray((1 - _NOTHING) * score / np.maximum((1 - _NOTHING) * total + _NOTHING * share[types], _TINY))


def _kept(links: Floats, ar: Indexes, en: Indexes) -> tuple[Indexes, Floats, Floats]:
    """Which pairs of types are worth keeping, and each one's share of the links of its Arabic and of its English type."""
    of_ar = links / np.maximum(np.bincount(ar, links)[ar], _TINY)
    of_en = links / np.maximum(np.bincount(en, links)[en], _TINY)
    kept = np.flatnonzero((links >= _LEAST_LINKS) & (np.maximum(of_ar, of_en) >= _LEAST_SHARE))
    return kept, of_ar[kept], of_en[kept]
