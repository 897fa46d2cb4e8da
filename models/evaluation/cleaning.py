"""Cleaning and sentence splitting against gold sentences: what is kept whole, where sentences end, what goes, what is lost.

A line is `{"id", "text" or "html", "sentences": […], "furniture": […]}`: the prose in reading order, and the lines that are none
(captions, menus, headings and the headline; there may be none).
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.evaluation import jsonl
from models.evaluation.figures import Score, bootstrap
from models.evaluation.texts import corpus_articles
from models.text.clean import clean
from models.text.html import extract
from models.text.normalise import fold, normalise
from models.text.segment import sentences as sentences_of

_SEED = 7
_PARAGRAPH = 3  # sentences at most, in an article of the corpus

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Page:
    """A text as it was found, the sentences of its prose in reading order, and its other lines."""

    id: str
    text: str
    sentences: tuple[str, ...]
    furniture: tuple[str, ...]


def read_pages(path: Path) -> list[Page]:
    """The pages of a JSONL file; HTML as the text extracted from it. Raises ValueError naming the line that is malformed."""

    def make(row: dict[str, Any]) -> Page:
        text = extract(jsonl.text(row["html"])).text if "html" in row else jsonl.text(row["text"])
        furniture = jsonl.texts(row["furniture"]) if row.get("furniture") else ()
        return Page(str(row["id"]), text, jsonl.texts(row["sentences"]), furniture)

    return jsonl.read(path, make, '{"id", "text" or "html", "sentences": […], "furniture": […]}')


def corpus_pages(split: str, language: str) -> list[Page]:
    """The written articles as pages: the title, then paragraphs of one to three sentences. Raises as `corpus_articles` does."""
    rng = random.Random(_SEED)
    pages = []
    for article in corpus_articles(split, language):
        sentences = tuple(pair.side(language) for pair in article.sentences)
        title = article.title.side(language)
        pages.append(Page(article.id, "\n\n".join([title, *_paragraphs(sentences, rng)]), sentences, (title,)))
    return pages


def score(pages: Sequence[Page], language: str) -> dict[str, Score]:
    """The figures over all pages, in percent; a figure is left out where no page has anything for it.

    - `whole`: gold sentences that come out as they are, white space aside;
    - `boundary F1`: places where a sentence ends;
    - `dropped`: lines of furniture of which nothing is left in the sentences;
    - `lost`: characters of the gold sentences that are in no sentence any more.
    """
    kinds: dict[str, list[tuple[int, int]]] = {"whole": [], "boundary F1": [], "dropped": [], "lost": []}
    for page in pages:
        for kind, share in _counts(page, language).items():
            kinds[kind].append(share)
    return {kind: _pooled(stated) for kind, shares in kinds.items() if (stated := [s for s in shares if s[1]])}


def _counts(page: Page, language: str) -> dict[str, tuple[int, int]]:
    """For each kind how many there are, and of how many."""
    lines = [_letters(line) for line in normalise(page.text).text.splitlines()]
    letters = "".join(lines)
    found = list(_places(letters, [s.text for s in sentences_of(clean(page.text).paragraphs, language)]))
    gold = list(_places(letters, page.sentences))
    kept = {at for span in found if span for at in range(*span)}
    prose = [at for span in gold if span for at in range(*span)]
    missing = sum(len(_letters(s)) for s, span in zip(page.sentences, gold, strict=True) if not span)
    ends, right = {span[1] for span in found if span}, {span[1] for span in gold if span}
    furniture = list(_line_places(lines, letters, page.furniture))
    return {
        "whole": (len(set(filter(None, gold)) & set(found)), len(gold)),
        "boundary F1": (2 * len(ends & right), len(found) + len(gold)),
        "dropped": (sum(not span or kept.isdisjoint(range(*span)) for span in furniture), len(furniture)),
        "lost": (missing + sum(at not in kept for at in prose), missing + len(prose)),
    }


def _places(letters: str, parts: Sequence[str]) -> Iterator[Span | None]:
    """Where each of `parts`, in reading order, stands in `letters`; None where it does not."""
    after = 0
    for part in map(_letters, parts):
        at = letters.find(part, after)
        if at < 0:
            yield None
        else:
            after = at + len(part)
            yield at, after


def _line_places(lines: Sequence[str], letters: str, furniture: Sequence[str]) -> Iterator[Span | None]:
    """Where each line of furniture stands: on a line of its own if there is one that no other took, else anywhere."""
    free: dict[str, list[Span]] = {}
    at = 0
    for line in lines:
        free.setdefault(line, []).append((at, at + len(line)))
        at += len(line)
    for line in map(_letters, furniture):
        at = letters.find(line)
        yield free[line].pop(0) if free.get(line) else (at, at + len(line)) if at >= 0 else None


def _letters(text: str) -> str:
    """`text` without white space, spellings folded."""
    return "".join(fold(normalise(text).text).split())


def _pooled(shares: Sequence[tuple[int, int]]) -> Score:
    def figure(indexes: Sequence[int]) -> float:
        return 100 * sum(shares[i][0] for i in indexes) / sum(shares[i][1] for i in indexes)

    return bootstrap(figure, len(shares))


def _paragraphs(sentences: Sequence[str], rng: random.Random) -> Iterator[str]:
    begin = 0
    while begin < len(sentences):
        end = begin + rng.randint(1, _PARAGRAPH)
        yield " ".join(sentences[begin:end])
        begin = end
