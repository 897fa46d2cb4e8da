"""Products with a weight matrix, one class for each format; all take (..., inputs) and give (..., outputs).

On a CPU, bfloat16 and int8 matrices are laid out once in oneDNN's blocked form: with few rows the plain product spends more
time on rearranging the matrix than on multiplying.
"""

from collections.abc import Mapping
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.nn import functional as F

_DECODER_ROWS = 32  # what the blocked layout is chosen for: decoding is bound by reading the matrix

_mkldnn: Any = torch.ops.mkldnn
_onednn: Any = torch.ops.onednn


class Linear(Protocol):
    def __call__(self, x: Tensor) -> Tensor: ...


def linear(tensors: Mapping[str, Tensor], name: str, dtype: torch.dtype, out: torch.dtype | None = None) -> Linear:
    """The product with the matrix `name`, in its format; inputs are of `dtype`, and outputs too unless `out` says otherwise.

    `tensors` are on their device. int8 needs a CPU.
    """
    matrix, bias = tensors[name], tensors.get(f"{name}.bias")
    if matrix.dtype == torch.int8:
        return Int8(matrix, tensors[f"{name}.scale"], bias, out or dtype)
    bias = None if bias is None else bias.to(dtype)
    if matrix.device.type == "cpu" and dtype == torch.bfloat16 and torch.backends.mkldnn.is_available():
        return Blocked(matrix.to(dtype), bias, out or dtype)
    return Plain(matrix.to(dtype), bias, out or dtype)


class Plain:
    """Torch's own product."""

    def __init__(self, matrix: Tensor, bias: Tensor | None, out: torch.dtype) -> None:
        self._matrix, self._bias, self._out = matrix, bias, out

    def __call__(self, x: Tensor) -> Tensor:
        return F.linear(x, self._matrix, self._bias).to(self._out)


class Blocked:
    """bfloat16 on a CPU, the matrix in oneDNN's layout."""

    def __init__(self, matrix: Tensor, bias: Tensor | None, out: torch.dtype) -> None:
        self._matrix = _mkldnn._reorder_linear_weight(matrix.contiguous(), _DECODER_ROWS)
        self._bias, self._out = bias, out

    def __call__(self, x: Tensor) -> Tensor:
        y: Tensor = _mkldnn._linear_pointwise(x, self._matrix, self._bias, "none", [], "")
        return y.to(self._out)


class Int8:
    """int8 on a CPU: each row of the input is rounded with a scale of its own, so that no row suffers from its neighbours.

    oneDNN takes one scale for the whole input. It is given 1, and the rows are scaled afterwards.
    """

    def __init__(self, matrix: Tensor, scale: Tensor, bias: Tensor | None, out: torch.dtype) -> None:
        self._matrix = _onednn.qlinear_prepack(matrix.contiguous(), None)
        self._scale = scale
        self._zero = torch.zeros(len(scale), dtype=torch.int64)
        self._bias = None if bias is None else bias.to(out)
        self._out = out

    def __call__(self, x: Tensor) -> Tensor:
        rows = x.reshape(-1, x.shape[-1])
        largest = rows.abs().amax(1, keepdim=True).float().clamp_(min=1e-30)
        whole = (rows * (127 / largest)).round_().to(torch.int8)
        y: Tensor = _onednn.qlinear_pointwise(
            whole, 1.0, 0, self._matrix, self._scale, self._zero, None, 1.0, 0, self._out, "none", [], ""
        )
        factor = (largest / 127).to(self._out)
        y = y.mul_(factor) if self._bias is None else torch.addcmul(self._bias, y, factor)
        return y.view(*x.shape[:-1], -1)
