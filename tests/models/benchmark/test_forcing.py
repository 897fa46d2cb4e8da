"""Teacher forcing: one logit for one, Mujaz's steps over given ids are transformers' single pass over them."""

from pathlib import Path

import pytest
import torch

from models.benchmark.forcing import Forced, Pair, mujaz, transformers
from models.errors import EngineFailed
from tests.support.checkpoints import TINY_MARIAN, TINY_MT5, marian, mt5

CPU = torch.device("cpu")
ENDS = {"marian": 0, "mt5": 1}


@pytest.fixture(params=["marian", "mt5"])
def family(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def folder(family: str, tmp_path: Path) -> Path:
    if family == "marian":
        marian(tmp_path / family, TINY_MARIAN)
    else:
        mt5(tmp_path / family, TINY_MT5)
    return tmp_path / family


def pairs(family: str) -> list[Pair]:
    """Sources and targets of different lengths: short ones are over long before the last."""
    end = ENDS[family]
    return [
        Pair((5, 9, 70, end), (11, 12, 13, 14, 15, 16, end)),
        Pair((300, end), (8, end)),
        Pair((*range(20, 55), end), (*range(40, 60), end)),
    ]


def same(found: list[torch.Tensor], wanted: list[torch.Tensor], tolerance: float) -> bool:
    return all(a.shape == b.shape and torch.allclose(a, b, atol=tolerance) for a, b in zip(found, wanted, strict=True))


def test_float32_gives_the_logits_of_transformers_at_every_position(family: str, folder: Path) -> None:
    given = pairs(family)
    found = mujaz(folder, "float32", CPU)(given)
    assert [tuple(logits.shape) for logits in found] == [(7, 400), (2, 400), (21, 400)]
    assert same(found, transformers(folder, "float32", CPU)(given), 1e-5)


@pytest.mark.parametrize("form", ["bfloat16", "int8"])
def test_other_formats_are_near_float32_and_not_it(family: str, folder: Path, form: str) -> None:
    given = pairs(family)
    exact, found = mujaz(folder, "float32", CPU)(given), mujaz(folder, form, CPU)(given)
    assert not same(found, exact, 0.0)
    assert same(found, exact, 0.05 * max(float(logits.abs().max()) for logits in exact))


def test_the_logits_depend_on_the_target_that_is_given(family: str, folder: Path) -> None:
    end = ENDS[family]
    forced: Forced = mujaz(folder, "float32", CPU)
    one, other = forced([Pair((5, 9, end), (11, 12, end)), Pair((5, 9, end), (200, 12, end))])
    assert torch.allclose(one[0], other[0], atol=1e-6)
    assert not torch.allclose(one[1], other[1], atol=1e-6)


def test_a_target_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    marian(tmp_path / "marian", TINY_MARIAN)
    padding = TINY_MARIAN["vocab_size"] - 1
    with pytest.raises(EngineFailed, match="does not write"):
        mujaz(tmp_path / "marian", "float32", CPU)([Pair((5, 0), (8, padding, 9, 0))])
