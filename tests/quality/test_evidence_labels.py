"""The labelled evidence: articles drawn by chance, rows made from the labels, and what its README says."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from models.training.data import Split, read_corpus

FOLDER = Path(__file__).parent / "evidence"
SPLITS: tuple[Split, ...] = ("test", "validation")
FILES: dict[str, Split] = {
    "test": "test",
    "validation": "validation",
    "parts-test": "test",
    "parts-validation": "validation",
}
LEAST = {"test": 160, "validation": 80, "parts-test": 160, "parts-validation": 80}


def rows(name: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


def evidence(row: dict[str, object]) -> list[int]:
    found = row["evidence"]
    assert isinstance(found, list)
    return found


def labelled(name: str) -> list[str]:
    lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    return [line.split("\t")[0] for line in lines if line and not line.startswith("#")]


def test_made_again_they_are_the_same(tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(FOLDER / "make.py"), "--output", str(tmp_path)], check=True)
    for name in FILES:
        assert (tmp_path / f"{name}.jsonl").read_bytes() == (FOLDER / f"{name}.jsonl").read_bytes()


def test_all_articles_that_were_drawn_and_no_others_are_labelled() -> None:
    program = "import sys; sys.path.insert(0, sys.argv[1]); import make; print(*make.drawn('test'), *make.drawn('validation'))"
    drawn = subprocess.run([sys.executable, "-c", program, str(FOLDER)], check=True, capture_output=True, text=True)
    assert labelled("labels.tsv") == drawn.stdout.split()
    assert set(labelled("parts.tsv")) <= set(labelled("labels.tsv"))


@pytest.mark.parametrize("name", FILES)
def test_every_row_points_into_its_article(name: str) -> None:
    articles = {article.id: article for article in read_corpus().articles[FILES[name]]}
    found = rows(name)
    assert len({row["id"] for row in found}) == len(found) >= LEAST[name]
    for row in found:
        article = articles[str(row["id"]).partition("/")[0]]
        assert row["sentences"] == [pair.ar for pair in article.sentences]
        assert evidence(row) == sorted(set(evidence(row)))
        assert set(evidence(row)) <= set(range(len(article.sentences))) and evidence(row)


@pytest.mark.parametrize("name", FILES)
def test_half_of_the_briefs_are_in_each_language(name: str) -> None:
    for row in rows(name):
        arabic = re.search("[ء-ي]", str(row["brief"])) is not None
        assert str(row["id"]).endswith(f"/{row['language']}") and row["language"] == ("ar" if arabic else "en")
    languages = [row["language"] for row in rows(name)]
    assert languages.count("ar") == languages.count("en")


@pytest.mark.parametrize("split", SPLITS)
def test_the_summaries_are_the_gold_ones(split: Split) -> None:
    articles = {article.id: article for article in read_corpus().articles[split]}
    for row in rows(split):
        article_id, _, language = str(row["id"]).split("/")
        assert row["brief"] == articles[article_id].summary.side(language)


def test_the_readme_gives_the_counts() -> None:
    readme = " ".join((FOLDER / "README.md").read_text(encoding="utf-8").split())
    for name in FILES:
        assert f"| `{name}.jsonl` | {len(rows(name))} |" in readme
    summaries = [0 in evidence(row) for split in SPLITS for row in rows(split) if row["language"] == "ar"]
    parts = [0 in evidence(row) for split in SPLITS for row in rows(f"parts-{split}")]
    assert f"In {sum(summaries)} of the {len(summaries)} labelled summaries" in readme
    assert f"it is right in {sum(parts)} of the {len(parts)} rows" in readme
