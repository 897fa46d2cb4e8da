"""The labelled briefs: made again from the corpus they are the same, and they are what their README says."""

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from models.training.data import Split, read_corpus

FOLDER = Path(__file__).parent / "checks"
LABELS = {"faithful", "number", "name", "negation", "attribution", "repetition", "foreign", "unsupported"}
SPLITS: tuple[Split, ...] = ("test", "validation")
WRITTEN = "dev-hard"
LEAST = {
    "number": 35,
    "name": 35,
    "negation": 35,
    "repetition": 35,
    "foreign": 35,
    "attribution": 25,
    "unsupported": 25,
}
# Faithful rows that write a number otherwise than the article does.
REWRITTEN = {"faithful:rounded", "faithful:number-form", "faithful:hard"}
_TO_WESTERN = str.maketrans("٠١٢٣٤٥٦٧٨٩٫٬", "0123456789.,")
_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")


def rows(split: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (FOLDER / f"{split}.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.mark.slow
def test_made_again_they_are_the_same(tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(FOLDER / "make.py"), "--output", str(tmp_path)], check=True)
    for name in (*SPLITS, WRITTEN):
        assert (tmp_path / f"{name}.jsonl").read_bytes() == (FOLDER / f"{name}.jsonl").read_bytes()


@pytest.mark.parametrize("split", SPLITS)
def test_every_row_has_an_id_of_its_own_a_known_label_and_a_brief(split: str) -> None:
    found = rows(split)
    assert len({row["id"] for row in found}) == len(found) >= 480
    assert {row["label"] for row in found} == LABELS
    assert all(row["kind"].partition(":")[0] == row["label"] for row in found)
    assert all(row["text"].strip() and row["brief"].strip() and row.get("brief_source", "?").strip() for row in found)


@pytest.mark.parametrize("split", SPLITS)
def test_the_texts_are_articles_of_the_split(split: Split) -> None:
    articles = {article.id: article for article in read_corpus().articles[split]}
    for row in rows(split):
        article = articles[row["id"].partition("/")[0]]
        assert row["text"] in (article.text("ar"), article.text("en"))


@pytest.mark.parametrize("split", SPLITS)
def test_there_are_enough_of_every_label(split: str) -> None:
    count = Counter(row["label"] for row in rows(split))
    assert all(count[label] >= least for label, least in LEAST.items())
    assert 0.35 <= count["faithful"] / count.total() <= 0.45


@pytest.mark.parametrize("split", SPLITS)
def test_numbers_of_faithful_briefs_stand_in_the_article(split: Split) -> None:
    articles = {article.id: article for article in read_corpus().articles[split]}
    for row in rows(split):
        if row["label"] == "faithful" and row["kind"] not in REWRITTEN:
            article = articles[row["id"].partition("/")[0]]
            known = " ".join(pair.ar + " " + pair.en for pair in article.pairs()).translate(_TO_WESTERN)
            assert set(_DIGITS.findall(row["brief"])) <= set(_DIGITS.findall(known)), row["id"]


@pytest.mark.parametrize("split", SPLITS)
def test_a_corrupted_brief_says_what_the_article_does_not(split: Split) -> None:
    """No corrupted brief is made only of sentences that stand in the article, each once."""
    articles = {article.id: article for article in read_corpus().articles[split]}
    for row in rows(split):
        if row["label"] != "faithful":
            rest = row["brief"]
            for pair in sorted(articles[row["id"].partition("/")[0]].pairs(), key=lambda pair: -len(pair.en)):
                rest = rest.replace(pair.en, "", 1)
            assert rest.strip(), row["id"]


@pytest.mark.parametrize("split", SPLITS)
def test_the_readme_gives_the_counts(split: Split) -> None:
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    said = {
        match["kind"]: int(match[split])
        for match in re.finditer(
            r"^\| `(?P<kind>[\w:-]+)` \| (?P<test>\d+) \| (?P<validation>\d+) \|", readme, re.MULTILINE
        )
    }
    found = rows(split)
    counted = Counter(row["kind"] for row in found) + Counter(row["label"] for row in found)
    assert {kind: count for kind, count in said.items() if count} == dict(counted)


def test_the_written_rows_are_the_lines_of_their_table() -> None:
    lines = (FOLDER / f"{WRITTEN}.tsv").read_text(encoding="utf-8").splitlines()
    table = [line.split("\t") for line in lines if not line.startswith("#")]
    found = rows(WRITTEN)
    assert [(row["id"].partition("/")[0], row["kind"], row["brief"]) for row in found] == [
        (article, kind, brief) for article, kind, _, _, brief in table
    ]
    assert [source == "-" for _, _, _, source, _ in table] == ["brief_source" not in row for row in found]


def test_the_written_rows_read_training_articles_of_every_group_of_files() -> None:
    articles = {article.id: article for article in read_corpus().articles["train"]}
    found = rows(WRITTEN)
    for row in found:
        article = articles[row["id"].partition("/")[0]]
        assert row["text"] in (article.text("ar"), article.text("en"))
    assert {row["id"][0] for row in found} == {article_id[0] for article_id in articles}


def test_the_written_rows_have_ids_of_their_own_a_known_label_and_a_brief_written_once() -> None:
    found = rows(WRITTEN)
    assert len({row["id"] for row in found}) == len({row["brief"] for row in found}) == len(found)
    assert {row["label"] for row in found} <= LABELS
    assert all(row["kind"].partition(":")[0] == row["label"] for row in found)


def test_the_readme_gives_the_counts_of_the_written_rows() -> None:
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    said = {
        match["label"]: (int(match["odd"]), int(match["even"]))
        for match in re.finditer(r"^\| (?P<label>\w+) \| (?P<odd>\d+) \| (?P<even>\d+) \|$", readme, re.MULTILINE)
    }
    counted: dict[str, list[int]] = {}
    for row in rows(WRITTEN):
        number = int(row["id"].partition("/")[0].rpartition("-")[2])
        counted.setdefault(row["label"], [0, 0])[1 - number % 2] += 1
    assert said == {label: tuple(counts) for label, counts in counted.items()}
