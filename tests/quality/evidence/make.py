"""Makes `test.jsonl` and `validation.jsonl`, the labelled sample for `mujaz eval evidence`, from `labels.tsv`.

    python tests/quality/evidence/make.py [--output FOLDER]

The same corpus and labels give the same files. `README.md` says how the labels were made.
"""

import argparse
import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).parent
sys.path[:0] = [str(FOLDER.parents[2])]

from models.training.data import Split, read_corpus  # noqa: E402

# The articles that were drawn, before any was read.
DRAWN: dict[Split, int] = {"test": 88, "validation": 44}
Row = dict[str, object]


def drawn(split: Split) -> list[str]:
    """The ids of the articles in the sample, in order."""
    articles = list(read_corpus().articles[split])
    random.Random(f"mujaz evidence {split} 1").shuffle(articles)
    return sorted(article.id for article in articles[: DRAWN[split]])


def make(split: Split) -> list[Row]:
    """Two rows for each label: the summary sentence in Arabic, and in English."""
    articles = {article.id: article for article in read_corpus().articles[split]}
    rows: list[Row] = []
    for article_id, number, evidence in _labels():
        if article_id in articles:
            article = articles[article_id]
            rows.extend(
                {
                    "id": f"{article_id}/{number}/{language}",
                    "sentences": [pair.ar for pair in article.sentences],
                    "brief": article.summary.side(language),
                    "evidence": evidence,
                    "language": language,
                }
                for language in ("ar", "en")
            )
    return rows


def _labels() -> Iterator[tuple[str, int, list[int]]]:
    for line in (FOLDER / "labels.tsv").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            article_id, number, evidence = line.split("\t")
            yield article_id, int(number), [int(index) for index in evidence.split()]


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the labelled sample of evidence.")
    parser.add_argument("--output", type=Path, default=FOLDER, help="folder to write to (default: %(default)s)")
    folder = parser.parse_args().output
    for split in DRAWN:
        lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in make(split)]
        (folder / f"{split}.jsonl").write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
