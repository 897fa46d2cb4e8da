"""What makes a training step of a small model cheaper than plain torch: dropout masks, the output layer, activations."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch.nn import functional
from transformers.activations import NewGELUActivation
from transformers.models.mt5.modeling_mt5 import MT5Attention

_POOL = 1 << 24  # elements; one mask takes a few million
_ERA = 500  # consecutive seeds that share a tape


class MaskPool:
    """Dropout masks cut from one long random tape at random places: fresh random numbers cost more than the layer itself.

    Two masks overlap by chance only, at different places of different layers and steps. The tape follows from torch's seed, and
    another is drawn every now and then as the seed counts up, so that the same seeds give the same masks in any process.
    """

    def __init__(self, share: float, dtype: torch.dtype) -> None:
        self.share, self.dtype = share, dtype
        self._draw(_era())

    def mask(self, shape: torch.Size) -> torch.Tensor:
        """A mask of 0 and 1/(1-share) on the CPU."""
        count = shape.numel()
        if count >= _POOL:
            return self._scaled(torch.rand(shape))
        if self._drawn != _era():
            self._draw(_era())
        start = int(torch.randint(_POOL - count, ()).item())
        return self._tape[start : start + count].view(shape)

    def _draw(self, era: int) -> None:
        self._drawn = era
        self._tape = self._scaled(torch.rand(_POOL, generator=torch.Generator().manual_seed(era)))

    def _scaled(self, uniform: torch.Tensor) -> torch.Tensor:
        return (uniform >= self.share).to(self.dtype) / (1 - self.share)


def _era() -> int:
    return torch.initial_seed() // _ERA


@contextmanager
def pooled_dropout() -> Iterator[None]:
    """Within it, `torch.nn.functional.dropout`, which the transformers models call, takes its masks from pools (CPU only)."""
    original = functional.dropout
    pools: dict[tuple[float, torch.dtype], MaskPool] = {}

    def dropout(input: torch.Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> torch.Tensor:
        if not training or inplace or not 0 < p < 1 or input.device.type != "cpu":
            return original(input, p, training, inplace)
        if (p, input.dtype) not in pools:
            pools[p, input.dtype] = MaskPool(p, input.dtype)
        return input * pools[p, input.dtype].mask(input.shape)

    functional.dropout = dropout
    try:
        yield
    finally:
        functional.dropout = original


def smoothed_loss(
    hidden: torch.Tensor, weight: torch.Tensor, labels: torch.Tensor, smoothing: float, bias: torch.Tensor | None = None
) -> torch.Tensor:
    """The label-smoothed cross-entropy of an output layer, mean over the rows; its gradients reach `hidden` and `weight`.

    `hidden` (rows, width), `weight` (vocabulary, width), `labels` (rows,); `bias` (1, vocabulary) is added to the logits and is
    not learned.
    """
    loss: torch.Tensor = SmoothedLoss.apply(hidden, weight, labels, smoothing, bias)  # type: ignore[no-untyped-call]
    return loss


class SmoothedLoss(torch.autograd.Function):
    """Output layer and label-smoothed cross-entropy in one, gradients included.

    The logits (rows, vocabulary) are made a block of rows at a time, and become their own gradient in place, in slices that stay
    in the processor's cache. The idea is that of Liger Kernel's fused linear cross-entropy.
    """

    BLOCK, SLICE = 512, 64  # rows

    @staticmethod
    def forward(
        ctx: Any,
        hidden: torch.Tensor,
        weight: torch.Tensor,
        labels: torch.Tensor,
        smoothing: float,
        bias: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """`smoothed_loss`, the gradients already made."""
        exact = torch.promote_types(hidden.dtype, torch.float32)
        total = hidden.new_zeros((), dtype=exact)
        hidden_grads, weight_grad = [], torch.zeros_like(weight, dtype=exact)
        for start in range(0, len(labels), SmoothedLoss.BLOCK):
            rows, wanted = (side[start : start + SmoothedLoss.BLOCK] for side in (hidden, labels))
            logits = rows @ weight.T
            if bias is not None:
                logits += bias
            for first in range(0, len(rows), SmoothedLoss.SLICE):
                part = slice(first, first + SmoothedLoss.SLICE)
                total += _loss_to_gradient(logits[part], wanted[part, None], smoothing, 1 / len(labels))
            hidden_grads.append(logits @ weight)
            weight_grad += logits.T @ rows
        ctx.save_for_backward(torch.cat(hidden_grads), weight_grad.to(weight.dtype))
        return total / len(labels)

    @staticmethod
    def backward(ctx: Any, *grads: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        hidden_grad, weight_grad = (saved * grads[0].to(saved.dtype) for saved in ctx.saved_tensors)
        return hidden_grad, weight_grad, None, None, None


def _loss_to_gradient(logits: torch.Tensor, wanted: torch.Tensor, smoothing: float, scale: float) -> torch.Tensor:
    """The summed loss of `logits` (rows, vocabulary) for `wanted` (rows, 1); `logits` then holds its gradient times `scale`."""
    low = smoothing / logits.shape[1]
    exact = torch.promote_types(logits.dtype, torch.float32)
    log_probabilities = functional.log_softmax(logits, dim=-1, dtype=exact)
    loss = (smoothing - 1) * log_probabilities.gather(1, wanted).sum() - low * log_probabilities.sum()
    gradient = log_probabilities.exp_().sub_(low)
    gradient.scatter_add_(1, wanted, torch.full_like(wanted, smoothing - 1, dtype=exact))
    logits.copy_(gradient.mul_(scale))
    return loss


def lighten(model: torch.nn.Module) -> None:
    """Make an mT5 cheaper to train without changing what it computes: a fused GELU, no dropout on attention weights."""
    for module in model.modules():
        if isinstance(getattr(module, "act", None), NewGELUActivation):
            module.act = torch.nn.GELU(approximate="tanh")
        if isinstance(module, MT5Attention):
            module.dropout = 0.0
