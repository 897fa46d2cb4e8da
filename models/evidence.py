"""Which sentences of an article each sentence of a brief rests on: by the words they share, or through a table of translations.

A sentence scores the share of the claim's content that it accounts for: rare words count more (inverse document frequency,
Spärck Jones 1972), and so do neighbours of the claim that are neighbours in the sentence. A sentence is added where it accounts
for content that the better ones do not (as in maximal marginal relevance, Carbonell and Goldstein 1998).
The figures below were chosen on the validation articles of the written corpus.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from models.text.comparing import Comparison, comparison
from models.text.stems import spans

_NEAR = 3  # words of a sentence between which neighbours of the claim are still neighbours
_PHRASE = 0.25  # what two neighbours found side by side count beside the two words
_TOGETHER = 3  # sentences that are looked at together to tell whether a claim has any support
_SUPPORT = 0.24  # what it needs: the mean of the best one's score and the share that they account for together
_GAIN = 0.09  # share of the claim that a further sentence has to account for
_GAIN_WEIGHT = 0.6  # and the weight of it: more than one usual word, also in a claim of few
_MOST = 5


@dataclass(frozen=True, slots=True)
class Link:
    """A sentence by its index, and the share of the claim's content that it accounts for, 0 to 1."""

    index: int
    score: float


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of content of a claim: its weight, and for the sentences that account for it how far and at which word."""

    weight: float
    found: dict[int, tuple[float, int]]

    def share(self, sentence: int) -> float:
        return self.found[sentence][0] if sentence in self.found else 0.0


def link(
    claims: Sequence[str],
    claims_language: str,
    sentences: Sequence[str],
    language: str,
    originals: Sequence[str] = (),
) -> list[list[Link]]:
    """For each claim the sentences it rests on, best first, of equals the earlier; none where nothing supports it.

    `originals`: what the claims were translated from, in the language of the sentences, where that is at hand; of a claim and its
    original the one with the better support speaks. Raises ValueError where there are not as many as claims.
    `compares_words` tells for which languages a claim without a link means something.
    """
    linked = _link(claims, sentences, comparison(claims_language, language, sentences))
    if not originals:
        return linked
    before = _link(originals, sentences, comparison(language, language, sentences))
    return [max(pair, key=_best) for pair in zip(linked, before, strict=True)]


def _best(links: list[Link]) -> float:
    return links[0].score if links else 0.0


def _link(claims: Sequence[str], sentences: Sequence[str], how: Comparison) -> list[list[Link]]:
    index: dict[str, dict[int, int]] = {}  # what can be found -> the sentences that have it, and at which word first
    for number, sentence in enumerate(sentences):
        for place, (start, end) in enumerate(spans(sentence)):
            for key in how.keys(sentence[start:end]):
                index.setdefault(key, {}).setdefault(number, place)
    return [_choose(_content(claim, how, index)) for claim in claims]


def _content(claim: str, how: Comparison, index: dict[str, dict[int, int]]) -> list[_Word]:
    content = []
    for start, end in spans(claim):
        word = claim[start:end]
        if weight := how.weight(word):
            found: dict[int, tuple[float, int]] = {}
            for key, share in how.sources(word).items():  # heaviest first
                for sentence, place in index.get(key, {}).items():
                    found.setdefault(sentence, (share, place))
            content.append(_Word(weight, found))
    return content


def _choose(content: list[_Word]) -> list[Link]:
    """The links of one claim."""
    total = sum(word.weight for word in content)
    scores = _scores(content, total)
    if not scores:
        return []
    best = max(scores, key=lambda sentence: (scores[sentence], -sentence))
    together = _add(content, best, 0.0, _TOGETHER)[1]
    if (scores[best] + together / total) / 2 < _SUPPORT:
        return []
    chosen = _add(content, best, max(_GAIN * total, _GAIN_WEIGHT), _MOST)[0]
    return sorted((Link(sentence, scores[sentence]) for sentence in chosen), key=lambda link: -link.score)


def _add(content: list[_Word], first: int, least: float, most: int) -> tuple[list[int], float]:
    """Up to `most` sentences from `first` on, each adding more than `least`; and the weight of what they account for together."""
    chosen, covered = [first], [word.share(first) for word in content]
    while len(chosen) < most:
        gains = _gains(content, covered)
        best = max(gains, key=lambda sentence: (gains[sentence], -sentence), default=first)
        if gains.get(best, 0.0) <= least:
            break
        chosen.append(best)
        covered = [max(share, word.share(best)) for word, share in zip(content, covered, strict=True)]
    return chosen, sum(word.weight * share for word, share in zip(content, covered, strict=True))


def _scores(content: list[_Word], total: float) -> dict[int, float]:
    """The score of every sentence that accounts for anything."""
    scores: dict[int, float] = {}
    for word in content:
        for sentence, (share, _) in word.found.items():
            scores[sentence] = scores.get(sentence, 0.0) + word.weight * share
    for one, other in pairwise(content):
        phrase = _PHRASE * (one.weight + other.weight) / 2
        total += phrase
        for sentence, (share, place) in one.found.items():
            found = other.found.get(sentence)
            if found and abs(found[1] - place) <= _NEAR:
                scores[sentence] += phrase * min(share, found[0])
    return {sentence: min(1.0, score / total) for sentence, score in scores.items()}


def _gains(content: list[_Word], covered: list[float]) -> dict[int, float]:
    """The weight of what each sentence accounts for beyond what is covered."""
    gains: dict[int, float] = {}
    for word, share in zip(content, covered, strict=True):
        for sentence, (own, _) in word.found.items():
            if own > share:
                gains[sentence] = gains.get(sentence, 0.0) + word.weight * (own - share)
    return gains
