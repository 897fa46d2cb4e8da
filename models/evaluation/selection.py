"""What of a gold summary's facts the window holds that a summarizer reads of a long article.

The facts are those of the summary that the article states: its words, each weighted by how rare it is in the articles' sentences,
its pairs of neighbouring words, and its figures. A window is better the more of them it has.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

import numpy as np

from models.evaluation.figures import Score, mean
from models.evaluation.stories import Story
from models.extract import window, words

Weights = Mapping[str, float]
System = Callable[[Story, int, Weights], str]


def score(stories: Sequence[Story], share: float, systems: "Mapping[str, System] | None" = None) -> dict[str, dict[str, Score]]:
    """The figures of each system, in percent, where the window holds `share` (0 to 1) of a story's words.

    - `words`, `pairs`, `figures`: the summary's facts that the window holds, of those that the whole article states;
    - `best`: how often the window holds whole the sentence that alone has most of the summary's words;
    - `read`: the sentences that the window holds whole;
    - `over head`: `words` less that of the head on the same story.
    Stories whose article states no fact of a kind do not count for that kind.
    """
    weights = _weights(stories)
    rows: dict[str, dict[str, list[float]]] = {}
    for name, system in (systems or SYSTEMS).items():
        rows[name] = {}
        for number, story in enumerate(stories):
            room = max(1, round(share * sum(map(_length, story.sentences))))
            text = system(story, room, weights)
            for kind, value in _figures(story, text, weights).items():
                rows[name].setdefault(kind, []).append(value)
    head = np.asarray(rows["head"]["words"])
    result = {}
    for name, kinds in rows.items():
        kinds["over head"] = (np.asarray(kinds["words"]) - head).tolist()
        result[name] = {kind: mean(values) for kind, values in kinds.items()}
    return result


def head(story: Story, room: int, weights: Weights) -> str:
    """The first words, cut wherever the room ends, as a tokenizer cuts."""
    return " ".join(" ".join(story.sentences).split()[:room])


def chosen(story: Story, room: int, weights: Weights) -> str:
    """The window that the summarizer is given."""
    return " ".join(story.sentences[i] for i in window(story.sentences, [*map(_length, story.sentences)], room))


def oracle(story: Story, room: int, weights: Weights) -> str:
    """What a greedy choice that knows the summary's words takes: about the most that whole sentences can hold."""
    wanted = {word for reference in story.references for word in words(reference)}
    contents = [wanted & set(words(sentence)) for sentence in story.sentences]
    taken: list[int] = []
    while True:
        fitting = [i for i in range(len(contents)) if i not in taken and _length(story.sentences[i]) <= room]
        if not fitting:
            return " ".join(story.sentences[i] for i in sorted(taken))
        best = max(fitting, key=lambda i: sum(weights[w] for w in contents[i] & wanted) / _length(story.sentences[i]))
        taken.append(best)
        wanted -= contents[best]
        room -= _length(story.sentences[best])


SYSTEMS: Mapping[str, System] = {"head": head, "window": chosen, "oracle": oracle}


def _figures(story: Story, text: str, weights: Weights) -> dict[str, float]:
    """The figures of one window; the reference that it serves best counts."""
    found = words(text)
    whole = words(" ".join(story.sentences))
    options = []
    for reference in story.references:
        gold = words(reference)
        kinds = {
            "words": _held(set(gold), found, whole, weights),
            "pairs": _held(set(pairwise(gold)), [*pairwise(found)], [*pairwise(whole)]),
            "figures": _held({w for w in gold if w.isdigit()}, found, whole),
            "best": float(_best(story.sentences, set(gold), weights) in text),
        }
        options.append({kind: 100 * value for kind, value in kinds.items() if value is not None})
    read = 100 * sum(sentence in text for sentence in story.sentences) / len(story.sentences)
    return max(options, key=lambda option: option["words"]) | {"read": read}


def _held(gold, found, whole, weights=None) -> float | None:
    stated = gold & set(whole)
    if not stated:
        return None
    of = (lambda part: sum(weights[x] for x in part)) if weights is not None else len
    return of(stated & set(found)) / of(stated)


def _best(sentences: Sequence[str], gold: set[str], weights: Weights) -> str:
    return max(sentences, key=lambda sentence: sum(weights[word] for word in gold & set(words(sentence))))


def _weights(stories: Sequence[Story]) -> Weights:
    """The inverse frequency of each word in the sentences of all stories."""
    sentences = {sentence for story in stories for sentence in story.sentences}
    frequency = Counter(word for sentence in sentences for word in set(words(sentence)))
    weights = Counter({word: np.log(len(sentences) / count) for word, count in frequency.items()})
    return weights


def _length(sentence: str) -> int:
    return len(sentence.split())
