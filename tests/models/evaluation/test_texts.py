"""Evaluation: files of references, the written corpus, and scores with their intervals."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.evaluation import texts as evaluation
from models.evaluation.texts import Row, baselines, corpus_rows, read_rows, score_summaries, score_translations
from models.metrics import bleu, chrf
from models.training.data import read_corpus

GOOD: dict[str, Any] = {"id": "1", "source": "نعم", "references": ["Yes", "Yeah"]}
TEXTS = st.lists(st.text("abcd ", min_size=1, max_size=30), min_size=1, max_size=8)


def write(folder: Path, *rows: object) -> Path:
    lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
    (folder / "rows.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return folder / "rows.jsonl"


def test_rows_are_read_in_order_whatever_stands_between_them(tmp_path: Path) -> None:
    other = {"id": 2, "source": "سطر\u2028ثان\x85وثالث", "references": ["a"], "more": 1}
    rows = read_rows(write(tmp_path, "\ufeff" + json.dumps(GOOD), "", other, ""), "source")
    assert rows == [Row("1", "نعم", ("Yes", "Yeah")), Row("2", "سطر\u2028ثان\x85وثالث", ("a",))]


@pytest.mark.parametrize(
    "row",
    [
        "{",
        "[]",
        "3",
        {"id": "1", "source": "نعم"},
        {"source": "نعم", "references": ["Yes"]},
        {"id": "1", "text": "نعم", "references": ["Yes"]},
        GOOD | {"references": []},
        GOOD | {"references": "Yes"},
        GOOD | {"references": [None]},
        GOOD | {"references": [" "]},
        GOOD | {"source": ""},
        GOOD | {"source": 3},
    ],
)
def test_the_malformed_line_is_named(tmp_path: Path, row: object) -> None:
    with pytest.raises(ValueError, match=r'rows\.jsonl:3: expected {"id", "source", "references"'):
        read_rows(write(tmp_path, GOOD, GOOD, row, "{"), "source")


def test_a_file_without_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="has no rows"):
        read_rows(write(tmp_path, "", ""), "source")


def test_the_corpus_gives_sentence_pairs_and_articles() -> None:
    corpus = read_corpus()
    pairs = corpus_rows("test", "source", "ar")
    assert [(row.text, *row.references) for row in pairs] == [(pair.ar, pair.en) for pair in corpus.pairs("test")]
    for language in ("ar", "en"):
        articles = corpus_rows("validation", "text", language)
        assert [row.id for row in articles] == [article.id for article in corpus.articles["validation"]]
        assert articles[0].text == corpus.articles["validation"][0].text(language)


@pytest.mark.parametrize(
    ("split", "field", "language", "message"),
    [
        ("train", "source", "ar", "corpus:validation and corpus:test, not corpus:train"),
        ("test", "text", "fr", "not this in fr"),
        ("test", "source", "en", "not this in en"),
    ],
)
def test_what_the_corpus_has_not_is_refused(split: str, field: str, language: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        corpus_rows(split, field, language)


def test_an_installed_package_says_that_it_has_no_corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluation, "CORPUS", tmp_path)
    with pytest.raises(ValueError, match="not part of the installed package"):
        corpus_rows("test", "source", "ar")


def rows_of(texts: Sequence[str]) -> list[Row]:
    return [Row(str(number), "نص", (text,)) for number, text in enumerate(texts)]


@settings(max_examples=25)
@given(TEXTS, st.randoms(use_true_random=False))
def test_the_interval_contains_the_mean(texts: list[str], rng: Any) -> None:
    outputs = [text if rng.random() < 0.5 else text[::-1] for text in texts]
    for score in score_summaries(rows_of(texts), outputs).values():
        assert score.low - 1e-9 <= score.value <= score.high + 1e-9
        assert 0 <= score.low <= score.high <= 100 + 1e-9


def test_translations_have_sacrebleus_figures_within_their_intervals() -> None:
    pairs = read_corpus().pairs("validation")[:40]
    references = [pair.en for pair in pairs]
    outputs = [" ".join(text.split()[: 3 + index % 9]) for index, text in enumerate(references)]
    scores = score_translations(rows_of(references), outputs)
    assert scores["chrf"].value == chrf(outputs, [references])
    assert scores["bleu"].value == bleu(outputs, [references])
    for score in scores.values():
        assert score.low < score.value < score.high


def test_rows_may_have_different_numbers_of_references() -> None:
    rows = [
        Row("1", "نعم", ("Yes indeed it is so", "Certainly it is like that")),
        Row("2", "لا", ("No it is not at all",)),
    ]
    assert score_translations(rows, ["Certainly it is like that", "No it is not at all"])[
        "bleu"
    ].value == pytest.approx(100)


def test_a_summary_is_held_against_the_reference_it_is_nearest_to() -> None:
    rows = [Row("1", "نص", ("rain fell", "the minister opened a school"))]
    assert score_summaries(rows, ["the minister opened a school"])["rougeL"].value == pytest.approx(100)


def test_one_row_has_an_interval_of_no_width() -> None:
    score = score_summaries(rows_of(["a b c"]), ["a b"])["rouge1"]
    assert score.low == score.high == score.value == pytest.approx(80)


def test_the_same_outputs_give_the_same_intervals() -> None:
    texts = [f"word{n} and more" for n in range(9)]
    outputs = [f"word{n} or less" for n in range(9)]
    assert score_summaries(rows_of(texts), outputs) == score_summaries(rows_of(texts), outputs)


def test_baselines_are_the_first_the_first_two_and_the_central_sentence() -> None:
    text = "The minister opened a school. The school is new. It rained."
    assert baselines([Row("1", text, ("x",)), Row("2", "Only one.", ("x",))], "en") == {
        "lead-1": ["The minister opened a school.", "Only one."],
        "lead-2": ["The minister opened a school. The school is new.", "Only one."],
        "extract-1": ["The minister opened a school.", "Only one."],
    }
