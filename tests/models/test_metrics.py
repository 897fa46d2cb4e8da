"""The figures agree with the tools that define them, and see Arabic."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rouge_score.rouge_scorer import RougeScorer
from sacrebleu import corpus_bleu, corpus_chrf

from models.metrics import bleu, chrf, rouge, rouge_each

OUTPUTS = [
    "The minister opened 3 schools in Tripoli.",
    "Rain stopped the match",
    "No one was hurt in the fire on Sunday.",
]
REFERENCES = ["The minister has opened three schools in Tripoli", "The match was stopped by rain.", "Nobody was hurt."]
ENGLISH = st.text("abc 12.,", max_size=30)


@given(ENGLISH, ENGLISH)
def test_on_english_rouge_is_rouge_scores_own(output: str, reference: str) -> None:
    theirs = RougeScorer(["rouge1", "rouge2", "rougeL"]).score(reference, output)
    ours = rouge([output], [reference])
    assert ours.rouge1 == pytest.approx(100 * theirs["rouge1"].fmeasure)
    assert ours.rouge2 == pytest.approx(100 * theirs["rouge2"].fmeasure)
    assert ours.rouge_l == pytest.approx(100 * theirs["rougeL"].fmeasure)


def test_rouge_is_the_mean_over_outputs() -> None:
    rows = rouge_each(OUTPUTS, REFERENCES)
    assert rouge(OUTPUTS, REFERENCES).rouge_l == pytest.approx(sum(row.rouge_l for row in rows) / 3)


def test_outputs_and_references_must_be_as_many() -> None:
    with pytest.raises(ValueError, match="zip"):
        rouge(OUTPUTS, REFERENCES[:2])


def test_arabic_words_are_found() -> None:
    assert rouge(["أعلن الوزير افتتاح المدرسة"], ["أعلن الوزير أمس افتتاح المدرسة"]).rouge1 == pytest.approx(800 / 9)
    assert rouge(["أعلن الوزير"], ["انتهت المباراة"]).rouge1 == 0


@pytest.mark.parametrize(
    ("one", "other"),
    [("إعلان", "اعلان"), ("المدرسة", "المدرسه"), ("كَتَبَ", "كتب"), ("على", "علي"), ("الـوزير", "الوزير")],
)
def test_spellings_of_an_arabic_word_are_one_word(one: str, other: str) -> None:
    assert rouge([one], [other]).rouge1 == 100


def test_chrf_and_bleu_are_sacrebleus_own() -> None:
    assert chrf(OUTPUTS, [REFERENCES]) == corpus_chrf(OUTPUTS, [REFERENCES]).score
    assert bleu(OUTPUTS, [REFERENCES]) == corpus_bleu(OUTPUTS, [REFERENCES]).score
    assert bleu(OUTPUTS, [REFERENCES, OUTPUTS]) == pytest.approx(100)
    assert chrf(OUTPUTS, [OUTPUTS]) == 100
