"""Central sentences of an article: which ones carry the story, without any model.

Sentences vote for those they resemble, and early ones get a head start, as news puts first what matters most: LexRank (Erkan and
Radev 2004, arXiv:1109.2128) with a biased restart (Otterbacher, Erkan and Radev 2009), its prior falling with the position.
"""

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.text.normalise import fold

_WORD = re.compile(r"\w+")
# Chosen on the validation articles of the corpus, by `mujaz eval selection corpus:validation` and `mujaz eval summaries`.
_RESTART = 0.7  # how much the position counts against the votes
_FALL = 0.5  # the prior of a sentence over that of the one before it
_LEAST = 0.03  # the prior of late sentences, where the first has 1
_FIGURES = 0.5  # how much more a sentence with figures is worth in a window: summaries repeat them
_COST = 0.3  # the power of its length that a sentence's worth is divided by
_REPEATS = 0.5  # share of a sentence's weighted words in another from which on the two say the same
_ARTICLES = ("وال", "بال", "كال", "فال", "ال", "لل")


def words(text: str) -> list[str]:
    """The words that stand for a sentence's content: folded, Arabic article and joined particles taken off."""
    return [_stem(word) for word in _WORD.findall(fold(text)) if len(word) > 2 or word.isdigit()]


def centrality(sentences: Sequence[str]) -> NDArray[np.float64]:
    """How central each sentence is; the scores (sentences,) sum to 1."""
    count = len(sentences)
    prior = np.maximum(_FALL ** np.arange(count), _LEAST)
    prior /= prior.sum()
    votes = similarity(sentences)
    np.fill_diagonal(votes, 0.0)
    totals = votes.sum(axis=1, keepdims=True)
    votes = np.divide(votes, totals, out=np.tile(prior, (count, 1)), where=totals > 0)
    scores = prior.copy()
    for _ in range(40):  # each time leaves 0.3 of the distance at most: long converged
        scores = _RESTART * prior + (1 - _RESTART) * scores @ votes
    return np.asarray(scores)


def central(sentences: Sequence[str], count: int, besides: str = "") -> list[int]:
    """The indexes of up to `count` central sentences, most central first, none repeating another or the text `besides`."""
    said = [Counter(words(besides))] if besides else []
    chosen: list[int] = []
    for index in _ranking(centrality(sentences)):
        if len(chosen) == count:
            break
        content = Counter(words(sentences[index]))
        if content and not any(_share(content, other) > _REPEATS for other in said):
            chosen.append(index)
            said.append(content)
    return chosen


def window(sentences: Sequence[str], lengths: Sequence[int], room: int) -> list[int]:
    """Which sentences to read, in reading order, when their `lengths` together exceed `room`: the first, then the most central.

    Those with figures are preferred (a feature of sentence extraction since Lin 1999), and short ones for the room that they
    leave: the worth is divided by a power of the length (Lin and Bilmes 2010). A sentence that no longer fits is passed over for
    a shorter one. The first is always in, even when it alone exceeds the room.
    """
    if sum(lengths) <= room:
        return list(range(len(sentences)))
    figures = np.array([any(map(str.isdigit, sentence)) for sentence in sentences])
    worth = centrality(sentences) * (1 + _FIGURES * figures) / np.maximum(lengths, 1) ** _COST
    chosen, left = [0], room - lengths[0]
    for index in _ranking(worth):
        if index and lengths[index] <= left:
            chosen.append(index)
            left -= lengths[index]
    return sorted(chosen)


def similarity(texts: Sequence[str]) -> NDArray[np.float64]:
    """The cosine of each text with each (texts, texts), from 0 to 1; rare words count more."""
    vectors = _vectors(texts)
    return np.asarray(vectors @ vectors.T)


def _ranking(scores: NDArray[np.float64]) -> list[int]:
    """The indexes of all sentences, the highest score first; equals, up to rounding errors, in reading order."""
    ranking: list[int] = np.argsort(-scores.round(12), kind="stable").tolist()
    return ranking


def _stem(word: str) -> str:
    prefix = next((p for p in _ARTICLES if word.startswith(p) and len(word) - len(p) > 2), "")
    return word[len(prefix) :]


def _share(content: Counter[str], other: Counter[str]) -> float:
    return (content & other).total() / content.total()


def _vectors(sentences: Sequence[str]) -> NDArray[np.float64]:
    """TF-IDF rows (sentences, words) of length one; a row without words is zero."""
    counts = [Counter(words(sentence)) for sentence in sentences]
    frequency = Counter(word for row in counts for word in row)
    column = {word: index for index, word in enumerate(frequency)}
    vectors = np.zeros((len(sentences), max(1, len(column))))
    for index, row in enumerate(counts):
        for word, times in row.items():
            vectors[index, column[word]] = times * np.log(1 + len(sentences) / frequency[word])
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    np.divide(vectors, norms, out=vectors, where=norms > 0)
    return vectors
