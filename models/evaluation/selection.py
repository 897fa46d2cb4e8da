"""What of a gold summary's facts the window holds that a summarizer reads of a long article.

The facts are those of the summary that the article states: its words, each weighted by how rare it is in the articles' sentences,
its pairs of neighbouring words, and its figures. A window is better the more of them it has.
"""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence, Set
from itertools import accumulate, pairwise
from typing import TypeVar

from models.evaluation.figures import Score, mean
from models.evaluation.stories import Story
from models.extract import window, words

KINDS = ("words", "over head", "pairs", "figures", "best", "read")

Fact = TypeVar("Fact", str, tuple[str, str])
Weights = Mapping[str, float]
System = Callable[[Story, int, Weights], Sequence[str]]  # a story and the room in words -> the pieces of the window


def score(stories: Sequence[Story], share: float) -> dict[str, dict[str, Score]]:
    """The figures of each of `SYSTEMS`, in percent, where the window holds `share` (0 to 1) of a story's words.

    - `words`, `pairs`, `figures`: the summary's facts that the window holds, of those that the whole article states;
    - `best`: how often the window holds whole the sentence that alone has most of the summary's words;
    - `read`: the sentences that the window holds whole;
    - `over head`: `words` less that of the head on the same story.
    Stories whose article states no fact of a kind do not count for that kind.
    """
    weights = _weights(stories)
    rooms = [max(1, round(share * sum(map(_length, story.sentences)))) for story in stories]
    rows: dict[str, list[dict[str, float]]] = {}
    for name, system in SYSTEMS.items():
        rows[name] = [
            _figures(story, system(story, room, weights), weights) for story, room in zip(stories, rooms, strict=True)
        ]
        for row, head in zip(rows[name], rows["head"], strict=True):
            if "words" in row:
                row["over head"] = row["words"] - head["words"]
    return {
        name: {kind: mean([row[kind] for row in figures if kind in row]) for kind in _kinds(figures)}
        for name, figures in rows.items()
    }


def _head(story: Story, room: int, weights: Weights) -> list[str]:
    """The first words, cut wherever the room ends, as a tokenizer cuts."""
    return [" ".join(" ".join(story.sentences).split()[:room])]


def _whole_head(story: Story, room: int, weights: Weights) -> list[str]:
    """The first sentences that fit whole."""
    ends = accumulate(map(_length, story.sentences))
    return [sentence for sentence, end in zip(story.sentences, ends, strict=True) if end <= room]


def _window(story: Story, room: int, weights: Weights) -> list[str]:
    """What the summarizer is given."""
    return [story.sentences[i] for i in window(story.sentences, [*map(_length, story.sentences)], room)]


def _oracle(story: Story, room: int, weights: Weights) -> list[str]:
    """A greedy choice by the words of the summaries: about the most that whole sentences can hold."""
    wanted = {word for reference in story.references for word in words(reference)}
    contents = [set(words(sentence)) for sentence in story.sentences]
    lengths = [*map(_length, story.sentences)]
    taken: list[int] = []

    def gain(index: int) -> float:
        return sum(weights[word] for word in contents[index] & wanted) / lengths[index]

    while fitting := [i for i in range(len(lengths)) if i not in taken and lengths[i] <= room]:
        best = max(fitting, key=gain)
        taken.append(best)
        wanted -= contents[best]
        room -= lengths[best]
    return [story.sentences[index] for index in sorted(taken)]


SYSTEMS: Mapping[str, System] = {"head": _head, "whole head": _whole_head, "window": _window, "oracle": _oracle}


def _figures(story: Story, pieces: Sequence[str], weights: Weights) -> dict[str, float]:
    """The figures of one window; the reference whose words it has most of counts."""
    text = " ".join(pieces)
    found, whole = words(text), words(" ".join(story.sentences))
    options = []
    for reference in story.references:
        gold = words(reference)
        kinds = {
            "words": _held(set(gold), found, whole, weights.__getitem__),
            "pairs": _held(set(pairwise(gold)), [*pairwise(found)], [*pairwise(whole)]),
            "figures": _held({word for word in gold if word.isdigit()}, found, whole),
            "best": float(_best(story.sentences, set(gold), weights) in text),
        }
        options.append({kind: 100 * value for kind, value in kinds.items() if value is not None})
    read = 100 * sum(sentence in text for sentence in story.sentences) / len(story.sentences)
    return max(options, key=lambda option: option.get("words", 0)) | {"read": read}


def _held(
    gold: Set[Fact], found: Sequence[Fact], whole: Sequence[Fact], weight: Callable[[Fact], float] = lambda _: 1.0
) -> float | None:
    """The share of the `gold` facts, of those in the `whole`, that was `found`; None where the whole has none."""
    stated = gold & set(whole)
    total = sum(map(weight, stated))
    return sum(map(weight, stated & set(found))) / total if total else None


def _best(sentences: Sequence[str], gold: Set[str], weights: Weights) -> str:
    return max(sentences, key=lambda sentence: sum(weights[word] for word in gold & set(words(sentence))))


def _kinds(rows: Sequence[Mapping[str, float]]) -> list[str]:
    return [kind for kind in KINDS if any(kind in row for row in rows)]


def _weights(stories: Sequence[Story]) -> Weights:
    """The inverse frequency of each word in the sentences of all stories."""
    sentences = {sentence for story in stories for sentence in story.sentences}
    frequency = Counter(word for sentence in sentences for word in set(words(sentence)))
    return {word: math.log(1 + len(sentences) / count) for word, count in frequency.items()}


def _length(sentence: str) -> int:
    return len(sentence.split())
