"""Products with a weight matrix, one class for each format; all take (..., inputs) and give (..., outputs).

On a CPU, bfloat16 and int8 matrices are laid out once in oneDNN's blocked form: with few rows the plain product spends more
time on rearranging the matrix than on multiplying.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.nn import functional

from models.engine.weights import Activation

_DECODER_ROWS = 32  # what the blocked layout is chosen for: decoding is bound by reading the matrix

_mkldnn: Any = torch.ops.mkldnn
_onednn: Any = torch.ops.onednn
_HAS_ONEDNN = bool(torch._C._has_mkldnn)


class Linear(Protocol):
    def __call__(self, x: Tensor) -> Tensor: ...


def gelu_new(x: Tensor) -> Tensor:
    """The tanh approximation of GELU as x * sigmoid(2 z), which is the same; torch's own takes more than twice as long."""
    if x.is_cuda:
        return functional.gelu(x, approximate="tanh")
    gate = x.square().mul_(2 * 0.7978845608028654 * 0.044715).add_(2 * 0.7978845608028654)
    return gate.mul_(x).sigmoid_().mul_(x)


ACTIVATIONS: Mapping[Activation, Callable[[Tensor], Tensor]] = {
    "relu": torch.relu,
    "swish": functional.silu,
    "gelu": functional.gelu,
    "gelu_new": gelu_new,
}
_FUSED = {"relu": ("relu", ""), "swish": ("swish", ""), "gelu": ("gelu", "none"), "gelu_new": ("gelu", "tanh")}


def linear(
    matrix: Tensor,
    bias: Tensor | None,
    *,
    compute: torch.dtype,
    out: torch.dtype,
    scale: Tensor | None = None,
    activation: Activation | None = None,
) -> Linear:
    """The product with `matrix`, plus `bias`, then `activation`, as `out`.

    Computed in `compute`; or in int8 where the matrix has a `scale`, which needs a CPU.
    """
    if scale is not None:
        return Int8(matrix, scale, bias, out, activation)
    bias = None if bias is None else bias.to(compute)
    if matrix.device.type == "cpu" and compute == torch.bfloat16 and _HAS_ONEDNN:
        return Blocked(matrix.to(compute), bias, out, activation)
    return Plain(matrix.to(compute), bias, out, activation)


class Plain:
    """Torch's own product."""

    def __init__(self, matrix: Tensor, bias: Tensor | None, out: torch.dtype, activation: Activation | None) -> None:
        self._matrix, self._bias, self._out = matrix, bias, out
        self._activation = ACTIVATIONS[activation] if activation else None

    def __call__(self, x: Tensor) -> Tensor:
        y = functional.linear(x.to(self._matrix.dtype), self._matrix, self._bias)
        return (self._activation(y) if self._activation else y).to(self._out)


class Blocked:
    """bfloat16 on a CPU: the matrix in oneDNN's layout, the activation computed with the product."""

    def __init__(self, matrix: Tensor, bias: Tensor | None, out: torch.dtype, activation: Activation | None) -> None:
        self._matrix = _mkldnn._reorder_linear_weight(matrix.contiguous(), _DECODER_ROWS)
        self._bias, self._out = bias, out
        self._activation = _FUSED[activation] if activation else ("none", "")

    def __call__(self, x: Tensor) -> Tensor:
        name, variant = self._activation
        y: Tensor = _mkldnn._linear_pointwise(x.bfloat16(), self._matrix, self._bias, name, [], variant)
        return y.to(self._out)


class Int8:
    """int8 on a CPU: each row of the input is rounded with a scale of its own, so that no row suffers from its neighbours.

    oneDNN takes one scale for the whole input. It is given 1, and the rows are scaled afterwards. Inputs are unsigned, 128 being
    zero, since signed ones are fast on few CPUs only.
    """

    def __init__(
        self, matrix: Tensor, scale: Tensor, bias: Tensor | None, out: torch.dtype, activation: Activation | None
    ) -> None:
        self._matrix = _onednn.qlinear_prepack(matrix.contiguous(), None)
        self._scale, self._bias, self._out = scale / 127, bias, out
        self._zeros = torch.zeros(len(scale), dtype=torch.long)
        self._activation = ACTIVATIONS[activation] if activation else None

    def __call__(self, x: Tensor) -> Tensor:
        rows = x.float().view(-1, x.shape[-1])
        largest = rows.abs().amax(1, keepdim=True)  # 0 for a row of zeros, whatever they are rounded to
        whole = (rows * (127 / largest)).add_(128.5).to(torch.uint8)  # cut off after adding a half: rounded
        y: Tensor = _onednn.qlinear_pointwise(
            whole, 1.0, 128, self._matrix, self._scale, self._zeros, None, 1.0, 0, torch.float32, "none", [], ""
        )
        y = y.mul_(largest) if self._bias is None else torch.addcmul(self._bias, y, largest)
        y = self._activation(y) if self._activation else y
        return y.to(self._out).view(*x.shape[:-1], -1)
