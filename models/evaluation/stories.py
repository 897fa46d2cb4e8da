"""Long articles with known facts: articles of the written corpus on one subject, put together as long news is.

Where the facts of the gold summary stand decides who wins, the head of an article or a choice from all of it. So there are
several ways to put a story together, each scored by itself, also those in which the head has everything.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from models.evaluation.texts import Row
from models.extract import similarity
from models.text.segment import split as sentences_of
from models.training.data import Article

_SEED = 7
_RELATED = 3  # other articles in a story


@dataclass(frozen=True, slots=True)
class Story:
    """A long article as its sentences, and summaries of it that hold the same facts."""

    id: str
    sentences: tuple[str, ...]
    references: tuple[str, ...]


def given(rows: Sequence[Row], language: str) -> list[Story]:
    """The texts of a file, as they are."""
    return [
        Story(row.id, tuple(part.strip() for part in sentences_of(row.text, language)), row.references) for row in rows
    ]


def built(articles: Sequence[Article], language: str) -> dict[str, list[Story]]:
    """A story for each of `articles` (at least four) in each of these ways; the others in it are those most like it.

    - `alone`: the article as it is, with its summary's facts;
    - `followed`: then three others as background; the facts are the article's, all at the head;
    - `resumed`: its first half, two others as background, its second half;
    - `two events`: its text, two others as background, a third one; the facts are those of the article and of the third;
    - `digest`: all four in a seeded order, with the facts of all;
    - `anywhere`: all four in a seeded order, with the article's facts.
    """
    rng = random.Random(_SEED)
    stories: dict[str, list[Story]] = {
        name: [] for name in ("alone", "followed", "resumed", "two events", "digest", "anywhere")
    }
    for article, related in zip(articles, _related(articles), strict=True):
        main, *others = [tuple(pair.side(language) for pair in one.sentences) for one in (article, *related)]
        gold, *more = [one.summary.side(language) for one in (article, *related)]
        first, second, third = others
        middle = (len(main) + 1) // 2
        shuffled = rng.sample([main, *others], 1 + _RELATED)
        joined = tuple(sentence for one in shuffled for sentence in one)
        made = {
            "alone": (main, gold),
            "followed": (main + first + second + third, gold),
            "resumed": (main[:middle] + first + second + main[middle:], gold),
            "two events": (main + second + third + first, f"{gold} {more[0]}"),
            "digest": (joined, " ".join([gold, *more])),
            "anywhere": (joined, gold),
        }
        for name, (sentences, reference) in made.items():
            stories[name].append(Story(article.id, sentences, (reference,)))
    return stories


def _related(articles: Sequence[Article]) -> list[list[Article]]:
    """For each article the others most like it, by the Arabic text, so that stories are the same in both languages."""
    likeness = similarity([article.text("ar") for article in articles])
    return [
        [articles[other] for other in row.argsort(kind="stable")[::-1].tolist() if other != index][:_RELATED]
        for index, row in enumerate(likeness)
    ]
