"""The judge of a check: signs with weights, and a threshold."""

import math
import tomllib
from pathlib import Path

import pytest

from models.checks import negation
from models.checks.judge import Doubt, Judge
from tests.models.checks.pairs import translation

DATA = {"threshold": 0.5, "added": {"bias": -1.0, "signs": {"first": 2.0, "near": -1.0}, "cues": {"not": 0.5}}}


def doubt(cue: str, **signs: float) -> Doubt:
    return Doubt("added", 0, 3, None, cue, signs)


def test_the_probability_is_that_of_a_logistic_regression() -> None:
    found = Judge(DATA).probability(doubt("not", first=1.0, near=2.0))
    assert found == pytest.approx(1 / (1 + math.exp(-(-1.0 + 0.5 + 2.0 - 2.0))))


def test_a_cue_without_a_weight_has_none() -> None:
    plain, weighed = doubt("without", first=1.0, near=0.0), doubt("not", first=1.0, near=0.0)
    assert Judge(DATA).probability(plain) < Judge(DATA).probability(weighed)


def test_the_threshold_convinces() -> None:
    assert Judge(DATA).convinced(doubt("without", first=0.5, near=0.0))
    assert not Judge(DATA).convinced(doubt("without", first=0.4, near=0.0))


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("The minister did not attend.", "حضر الوزير الاجتماع."),
        ("The minister attended.", "لم يحضر الوزير الاجتماع."),
        ("The road was opened.", "أغلق الطريق."),
    ],
)
def test_the_weights_of_negation_name_the_signs_that_are_measured(text: str, source: str) -> None:
    """A sign that the weights do not know would count for nothing, one that is not measured would be an error."""
    (found,) = negation.doubts([translation(text, source)])
    weights = tomllib.loads(Path(negation.__file__).with_name("negation.toml").read_text(encoding="utf-8"))
    assert set(weights[found.kind]["signs"]) == set(found.signs)
