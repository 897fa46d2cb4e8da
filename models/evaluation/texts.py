"""Translations and summaries against references: chrF, BLEU, ROUGE, and what a summarizer has to beat.

A file has one JSON object a line: `{"id", "source", "references": […]}` for translations, `{"id", "text", "references": […]}` for
summaries.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from models.evaluation import jsonl
from models.evaluation.figures import Score, bootstrap, mean
from models.extract import central
from models.metrics import bleu, chrf, rouge_each
from models.text.segment import split as sentences_of
from models.training.data import CORPUS, Article, Split, read_corpus


@dataclass(frozen=True, slots=True)
class Row:
    """One text and its references."""

    id: str
    text: str
    references: tuple[str, ...]


def read_rows(path: Path, field: str) -> list[Row]:
    """The rows of a JSONL file whose texts stand under `field`. Raises ValueError naming the line that is malformed."""

    def make(row: dict[str, Any]) -> Row:
        return Row(str(row["id"]), jsonl.text(row[field]), jsonl.texts(row["references"]))

    return jsonl.read(path, make, f'{{"id", "{field}", "references": […]}}')


def corpus_rows(split: str, field: str, language: str) -> list[Row]:
    """The written corpus as rows: its sentence pairs, Arabic to English, for `source`, its articles and summaries for `text`.

    Raises ValueError as `corpus_articles` does.
    """
    articles = corpus_articles(split, language)
    if field == "source":
        if language != "ar":
            raise ValueError(f"the corpus has sentence pairs from Arabic into English; not this in {language}")
        pairs = (pair for article in articles for pair in article.pairs())
        return [Row(str(number), pair.ar, (pair.en,)) for number, pair in enumerate(pairs, 1)]
    return [Row(article.id, article.text(language), (article.summary.side(language),)) for article in articles]


def corpus_articles(split: str, language: str) -> tuple[Article, ...]:
    """The written articles of a split.

    Raises ValueError for anything but `validation` and `test`, for a language that is not `ar` or `en`, and where the corpus is
    not at hand (it is not in the wheel).
    """
    if split != "validation" and split != "test":
        raise ValueError(f"the corpus has corpus:validation and corpus:test, not corpus:{split}")
    if not (CORPUS / "articles").is_dir():
        raise ValueError("the written corpus is not part of the installed package; run this in a clone of the project")
    if language not in ("ar", "en"):
        raise ValueError(f"the corpus has articles in ar and en; not this in {language}")
    return read_corpus().articles[cast(Split, split)]


def score_translations(rows: Sequence[Row], outputs: Sequence[str]) -> dict[str, Score]:
    """Corpus chrF and BLEU of `outputs`; a row with fewer references than the others repeats its first."""
    most = max(len(row.references) for row in rows)
    references = [
        [row.references[n] if n < len(row.references) else row.references[0] for row in rows] for n in range(most)
    ]

    def on(measure: Callable[[Sequence[str], Sequence[Sequence[str]]], float]) -> Score:
        def of(indexes: Sequence[int]) -> float:
            return measure([outputs[i] for i in indexes], [[side[i] for i in indexes] for side in references])

        return bootstrap(of, len(rows), resamples=100)  # a corpus score costs tenths of a second

    return {"chrf": on(chrf), "bleu": on(bleu)}


def score_summaries(rows: Sequence[Row], outputs: Sequence[str]) -> dict[str, Score]:
    """Mean ROUGE F1 of `outputs`, each against the reference it is nearest to by ROUGE-L."""
    best = [
        max(rouge_each([output] * len(row.references), row.references), key=lambda scores: scores.rouge_l)
        for row, output in zip(rows, outputs, strict=True)
    ]
    return {
        name: mean([getattr(scores, attribute) for scores in best])
        for name, attribute in (("rouge1", "rouge1"), ("rouge2", "rouge2"), ("rougeL", "rouge_l"))
    }


def baselines(rows: Iterable[Row], language: str) -> dict[str, list[str]]:
    """What a summarizer has to beat: the first sentence, the first two, the most central one."""
    outputs: dict[str, list[str]] = {"lead-1": [], "lead-2": [], "extract-1": []}
    for row in rows:
        sentences = [part.strip() for part in sentences_of(row.text, language)]
        outputs["lead-1"].append(sentences[0])
        outputs["lead-2"].append(" ".join(sentences[:2]))
        outputs["extract-1"].append(" ".join(sentences[index] for index in central(sentences, 1)))
    return outputs
