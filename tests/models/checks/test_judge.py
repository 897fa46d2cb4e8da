"""The judge of a check: signs with weights, and a threshold."""

import math
import tomllib
from pathlib import Path

import pytest

from models.checks import negation
from models.checks.judge import Judge
from tests.models.checks.pairs import translation

DATA = {"threshold": 0.5, "added": {"bias": -1.0, "signs": {"first": 2.0, "near": -1.0}, "cues": {"not": 0.5}}}


def test_the_probability_is_that_of_a_logistic_regression() -> None:
    found = Judge(DATA).probability("added", "not", {"first": 1.0, "near": 2.0})
    assert found == pytest.approx(1 / (1 + math.exp(-(-1.0 + 0.5 + 2.0 - 2.0))))


def test_a_cue_without_a_weight_has_none() -> None:
    signs = {"first": 1.0, "near": 0.0}
    assert Judge(DATA).probability("added", "without", signs) < Judge(DATA).probability("added", "not", signs)


def test_the_threshold_convinces() -> None:
    assert Judge(DATA).convinced("added", "without", {"first": 0.5, "near": 0.0})
    assert not Judge(DATA).convinced("added", "without", {"first": 0.4, "near": 0.0})


@pytest.mark.parametrize(
    ("text", "source"),
    [("The minister did not attend.", "حضر الوزير الاجتماع."), ("The minister attended.", "لم يحضر الوزير الاجتماع.")],
)
def test_the_weights_of_negation_name_the_signs_that_are_measured(text: str, source: str) -> None:
    """A sign that the weights do not know would count for nothing, one that is not measured would be an error."""
    (doubt,) = negation.doubts([translation(text, source)])
    weights = tomllib.loads(Path(negation.__file__).with_name("negation.toml").read_text(encoding="utf-8"))
    assert set(weights["added" if doubt.turned.added else "lost"]["signs"]) == set(doubt.signs)
