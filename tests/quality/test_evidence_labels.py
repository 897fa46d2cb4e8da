"""The labelled evidence: articles drawn by chance, rows made from the labels, and what its README says."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from models.training.data import Split, read_corpus

FOLDER = Path(__file__).parent / "evidence"
SPLITS: tuple[Split, ...] = ("test", "validation")
LEAST = {"test": 160, "validation": 80}


def rows(split: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in (FOLDER / f"{split}.jsonl").read_text(encoding="utf-8").splitlines()]


def labelled() -> list[str]:
    lines = (FOLDER / "labels.tsv").read_text(encoding="utf-8").splitlines()
    return [line.split("\t")[0] for line in lines if line and not line.startswith("#")]


def test_made_again_they_are_the_same(tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(FOLDER / "make.py"), "--output", str(tmp_path)], check=True)
    for split in SPLITS:
        assert (tmp_path / f"{split}.jsonl").read_bytes() == (FOLDER / f"{split}.jsonl").read_bytes()


def test_all_articles_that_were_drawn_and_no_others_are_labelled() -> None:
    command = "import sys; sys.path.insert(0, sys.argv[1]); import make; print(*make.drawn('test'), *make.drawn('validation'))"
    drawn = subprocess.run([sys.executable, "-c", command, str(FOLDER)], check=True, capture_output=True, text=True)
    assert labelled() == drawn.stdout.split()


@pytest.mark.parametrize("split", SPLITS)
def test_every_row_points_into_its_article(split: Split) -> None:
    articles = {article.id: article for article in read_corpus().articles[split]}
    found = rows(split)
    assert len({row["id"] for row in found}) == len(found) >= LEAST[split]
    for row in found:
        article_id, _, language = str(row["id"]).split("/")
        article = articles[article_id]
        assert row["language"] == language and row["brief"] == article.summary.side(language)
        assert row["sentences"] == [pair.ar for pair in article.sentences]
        evidence = row["evidence"]
        assert isinstance(evidence, list) and evidence == sorted(set(evidence)) != []
        assert evidence[0] >= 0 and evidence[-1] < len(article.sentences)


@pytest.mark.parametrize("split", SPLITS)
def test_half_of_the_briefs_are_in_each_language(split: str) -> None:
    languages = [row["language"] for row in rows(split)]
    assert languages.count("ar") == languages.count("en") == len(languages) / 2


def test_the_readme_gives_the_counts() -> None:
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    for split in SPLITS:
        count = len(rows(split))
        assert f"`{split}.jsonl`: {count} rows from {count // 2} of" in readme
    every = [row["evidence"] for split in SPLITS for row in rows(split) if row["language"] == "ar"]
    first = sum(isinstance(evidence, list) and 0 in evidence for evidence in every)
    assert f"In {first} of the {len(every)} labelled" in " ".join(readme.split("\n"))
