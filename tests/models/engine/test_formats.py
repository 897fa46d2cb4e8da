"""Weights in other formats: how far they are off, what stays exact, and which outputs stay."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from models.engine.checkpoint import read
from models.engine.formats import MATRICES, convert, quantize, restrict
from models.engine.weights import Weights
from tests.support.engines import NETWORKS, VOCABULARY


@pytest.fixture(params=NETWORKS)
def weights(request: pytest.FixtureRequest, checkpoint: Callable[[str], Path]) -> Weights:
    return read(checkpoint(request.param))


def is_matrix(name: str) -> bool:
    return name.rsplit(".", 1)[-1] in MATRICES


def is_table(name: str) -> bool:
    return name.endswith("embedding")


def test_int8_is_off_by_half_a_step_of_its_row_at_most() -> None:
    torch.manual_seed(0)
    matrix = torch.randn(40, 30) * torch.logspace(-6, 3, 40)[:, None]
    matrix[7] = 0
    whole, scale = quantize(matrix)
    assert (whole.dtype, scale.dtype, whole.shape, scale.shape) == (torch.int8, torch.float32, (40, 30), (40,))
    steps = matrix.abs().amax(1) / 127
    assert ((whole * scale[:, None] - matrix).abs() <= 0.501 * steps[:, None] + 1e-30).all()
    assert whole.abs().max() == 127
    assert not whole[7].any()


def test_float32_is_what_was_read(weights: Weights) -> None:
    same = convert(weights, "float32")
    assert same.format == "float32"
    assert all(same.tensors[name] is tensor for name, tensor in weights.tensors.items())


def test_bfloat16_holds_matrices_and_embeddings(weights: Weights) -> None:
    half = convert(weights, "bfloat16")
    assert half.format == "bfloat16"
    assert half.tensors.keys() == weights.tensors.keys()
    for name, tensor in half.tensors.items():
        rounded = is_matrix(name) or is_table(name)
        assert tensor.dtype == (torch.bfloat16 if rounded else torch.float32), name
        assert torch.equal(tensor, weights.tensors[name].to(tensor.dtype)), name


def test_int8_holds_matrices_with_a_scale_for_each_output(weights: Weights) -> None:
    small = convert(weights, "int8")
    assert small.format == "int8"
    scales = {name for name in small.tensors if name.endswith(".scale")}
    assert scales == {f"{name}.scale" for name in weights.tensors if is_matrix(name)}
    for name, tensor in weights.tensors.items():
        stored = small.tensors[name]
        if is_matrix(name):
            near = stored * small.tensors[f"{name}.scale"][:, None]
            torch.testing.assert_close(near, tensor, rtol=0, atol=float(tensor.abs().max()) / 250)
        else:
            assert torch.equal(stored, tensor.bfloat16() if is_table(name) else tensor), name


def test_what_is_one_tensor_stays_one(checkpoint: Callable[[str], Path]) -> None:
    weights = read(checkpoint("marian"))
    assert weights.tensors["output"] is weights.tensors["embedding"]
    half = convert(weights, "bfloat16")
    assert half.tensors["output"] is half.tensors["embedding"]


@pytest.mark.parametrize("form", ["float32", "bfloat16", "int8"])
def test_a_restricted_output_has_the_rows_that_are_kept(weights: Weights, form: str) -> None:
    full = convert(weights, form)
    kept = [*range(VOCABULARY // 2), VOCABULARY - 1]
    part = restrict(full, [*reversed(kept), *kept])
    assert part.tensors["output.ids"].tolist() == kept
    rows = {"output", "output.scale", "output.bias"}
    for name, tensor in full.tensors.items():
        expected = tensor[torch.tensor(kept)] if name in rows else tensor
        assert torch.equal(part.tensors[name], expected), name
    assert part == replace(full, tensors=part.tensors)


def test_what_a_checkpoint_needs_cannot_be_left_out(weights: Weights) -> None:
    search = weights.search
    forced = {search.forced_end} - {None}
    for symbol in {search.start, search.pad, *search.ends} | forced:
        with pytest.raises(ValueError, match=f"{symbol}"):
            restrict(weights, [i for i in range(VOCABULARY) if i != symbol])


@pytest.mark.parametrize("kept", [[], [-1, 0, 1], [0, 1, VOCABULARY]])
def test_ids_that_do_not_exist_cannot_be_kept(weights: Weights, kept: list[int]) -> None:
    with pytest.raises(ValueError, match=f"0 to {VOCABULARY - 1}"):
        restrict(weights, kept)
