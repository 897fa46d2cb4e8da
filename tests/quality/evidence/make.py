"""Makes the labelled samples for `mujaz eval evidence` from `labels.tsv` and `parts.tsv`.

    python tests/quality/evidence/make.py [--output FOLDER]

The same corpus and labels give the same files. `README.md` says what they are and how the labels were made.
"""

import argparse
import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).parent
sys.path[:0] = [str(FOLDER.parents[2])]

from models.training.data import Article, Pair, Split, read_corpus  # noqa: E402

# The articles that were drawn, before any was read.
DRAWN: dict[Split, int] = {"test": 88, "validation": 44}
Row = dict[str, object]


def drawn(split: Split) -> list[str]:
    """The ids of the articles in the sample, in order."""
    articles = list(read_corpus().articles[split])
    random.Random(f"mujaz evidence {split} 1").shuffle(articles)
    return sorted(article.id for article in articles[: DRAWN[split]])


def whole(split: Split) -> Iterator[Row]:
    """Every labelled summary, which is one sentence, in Arabic and in English."""
    articles = {article.id: article for article in read_corpus().articles[split]}
    for article_id, number, evidence in _lines("labels.tsv"):
        if article_id in articles:
            article = articles[article_id]
            yield from _rows(f"{article_id}/{number}", article, article.summary, evidence)


def parts(split: Split) -> Iterator[Row]:
    """Single facts of the summaries, in Arabic and in English."""
    articles = {article.id: article for article in read_corpus().articles[split]}
    for number, (article_id, arabic, english, evidence) in enumerate(_lines("parts.tsv"), 1):
        if article_id in articles:
            yield from _rows(f"{article_id}/part{number}", articles[article_id], Pair(arabic, english), evidence)


def _rows(name: str, article: Article, brief: Pair, evidence: str) -> Iterator[Row]:
    for language in ("ar", "en"):
        yield {
            "id": f"{name}/{language}",
            "sentences": [pair.ar for pair in article.sentences],
            "brief": brief.side(language),
            "evidence": [int(index) for index in evidence.split()],
            "language": language,
        }


def _lines(name: str) -> Iterator[list[str]]:
    for line in (FOLDER / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the labelled samples of evidence.")
    parser.add_argument("--output", type=Path, default=FOLDER, help="folder to write to (default: %(default)s)")
    folder = parser.parse_args().output
    for split in DRAWN:
        for name, rows in ((f"{split}.jsonl", whole(split)), (f"parts-{split}.jsonl", parts(split))):
            text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
            (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
