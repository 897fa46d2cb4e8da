"""Products in every format are as near to the exact ones as their numbers allow."""

from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from models.engine.formats import quantize
from models.engine.linear import ACTIVATIONS, linear

FLOAT, HALF = torch.float32, torch.bfloat16
EXACT: dict[Any, Any] = {
    None: lambda x: x,
    "relu": functional.relu,
    "swish": functional.silu,
    "gelu": functional.gelu,
    "gelu_new": lambda x: functional.gelu(x, approximate="tanh"),
}
activation = pytest.mark.parametrize("name", [None, *ACTIVATIONS])
shape = pytest.mark.parametrize("shape", [(1, 48), (7, 48), (3, 5, 48), (70, 48)], ids=str)


def operands(*shape: int) -> tuple[Tensor, Tensor, Tensor]:
    """An input with rows of very different size, a matrix (33, 48) and a bias, which bfloat16 can hold."""
    torch.manual_seed(0)
    x = torch.randn(*shape) * torch.logspace(-1, 1, shape[-2])[:, None]
    matrix, bias = torch.randn(33, 48) / 7, torch.randn(33)
    return x.bfloat16().float(), matrix.bfloat16().float(), bias.bfloat16().float()


def exact(x: Tensor, matrix: Tensor, bias: Tensor | None, name: Any) -> Tensor:
    result: Tensor = EXACT[name](
        functional.linear(x.double(), matrix.double(), None if bias is None else bias.double())
    )
    return result


@activation
@shape
@pytest.mark.parametrize("dtype", [FLOAT, torch.float64])
def test_float32_and_float64(shape: tuple[int, ...], name: Any, dtype: torch.dtype) -> None:
    x, matrix, bias = operands(*shape)
    y = linear(matrix, bias, compute=dtype, out=dtype, activation=name)(x.to(dtype))
    assert (y.dtype, y.shape) == (dtype, (*shape[:-1], 33))
    close = 1e-5 if dtype == FLOAT else 1e-12
    torch.testing.assert_close(y.double(), exact(x, matrix, bias, name), rtol=close, atol=close)


@activation
@shape
@pytest.mark.parametrize("out", [FLOAT, HALF])
def test_bfloat16_rounds_the_result_once_or_twice(shape: tuple[int, ...], name: Any, out: torch.dtype) -> None:
    x, matrix, bias = operands(*shape)
    y = linear(matrix, bias, compute=HALF, out=out, activation=name)(x.bfloat16())
    assert (y.dtype, y.shape) == (out, (*shape[:-1], 33))
    unrounded = exact(x, matrix, bias, None).abs()
    error = (y.double() - exact(x, matrix, bias, name)).abs()
    assert (error <= 2 * 2**-8 * (unrounded + bias.abs()) + 1e-2).all()


@activation
@shape
@pytest.mark.parametrize("biased", [True, False])
@pytest.mark.parametrize("out", [FLOAT, HALF])
def test_int8_is_off_by_half_a_step_of_every_number(
    shape: tuple[int, ...], name: Any, biased: bool, out: torch.dtype
) -> None:
    """Each number of a row is off by half of the row's step at most: the bound is the sum of all that."""
    x, matrix, bias = operands(*shape)
    whole, scale = quantize(matrix)
    added = bias if biased else None
    y = linear(whole, added, compute=FLOAT, out=out, scale=scale, activation=name)(x)
    assert (y.dtype, y.shape) == (out, (*shape[:-1], 33))
    stored = whole * scale[:, None]
    steps = x.abs().amax(-1, keepdim=True) / 127
    bound = 0.502 * steps * stored.abs().sum(1)  # of what is computed with the stored matrix
    expected = exact(x, stored, added, name)
    rounding = 1e-5 if out == FLOAT else 2**-8
    slope = 1.2  # no activation is steeper
    error = (y.double() - expected).abs()
    assert (error <= slope * bound + rounding * (expected.abs() + 1)).all()


def test_in_int8_no_row_suffers_from_its_neighbours() -> None:
    x, matrix, bias = operands(6, 48)
    whole, scale = quantize(matrix)
    product = linear(whole, bias, compute=FLOAT, out=FLOAT, scale=scale)
    beside = torch.cat([x, 1000 * torch.randn(3, 48)])
    assert torch.equal(product(beside)[:6], product(x))
    assert torch.equal(product(torch.zeros(2, 48)), bias.expand(2, -1))
