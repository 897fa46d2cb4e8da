"""The two places where plain torch spends most of a small model's training step on a CPU: dropout masks and the output layer."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch.nn import functional

_POOL = 1 << 24  # elements; one mask takes a few million


class MaskPool:
    """Dropout masks cut from one long random tape at random places: drawing fresh random numbers costs more than the layer itself.

    Two masks overlap by chance only, at different places of different layers and steps; the tape is drawn again now and then.
    """

    def __init__(self, share: float, dtype: torch.dtype, device: torch.device) -> None:
        self.share, self.dtype, self.device = share, dtype, device
        self._used = 0
        self._draw()

    def mask(self, shape: torch.Size) -> torch.Tensor:
        """A mask of 0 and 1/(1-share)."""
        count = shape.numel()
        if count >= _POOL:
            return functional.dropout(torch.ones(shape, dtype=self.dtype, device=self.device), self.share)
        self._used += 1
        if self._used % 20_000 == 0:
            self._draw()
        start = int(torch.randint(_POOL - count, ()).item())
        return self._tape[start : start + count].view(shape)

    def _draw(self) -> None:
        kept = torch.rand(_POOL, device=self.device) >= self.share
        self._tape = kept.to(self.dtype) / (1 - self.share)


@contextmanager
def pooled_dropout() -> Iterator[None]:
    """Within it, `torch.nn.functional.dropout`, which the transformers models call, takes its masks from pools (CPU only)."""
    original = functional.dropout
    pools: dict[tuple[float, torch.dtype], MaskPool] = {}

    def dropout(input: torch.Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> torch.Tensor:
        if not training or p == 0 or input.device.type != "cpu":
            return original(input, p, training, inplace)
        if (p, input.dtype) not in pools:
            pools[p, input.dtype] = MaskPool(p, input.dtype, input.device)
        return input * pools[p, input.dtype].mask(input.shape)

    functional.dropout = dropout
    try:
        yield
    finally:
        functional.dropout = original


class SmoothedLoss(torch.autograd.Function):
    """Output layer and label-smoothed cross-entropy in one, gradients included.

    The logits (rows, vocabulary) are made a block of rows at a time, and become their own gradient in place, in slices that stay in
    the processor's cache. The idea is that of Liger Kernel's fused linear cross-entropy.
    """

    BLOCK, SLICE = 512, 64  # rows

    @staticmethod
    def forward(  # type: ignore[override]
        ctx: Any, hidden: torch.Tensor, weight: torch.Tensor, labels: torch.Tensor, smoothing: float
    ) -> torch.Tensor:
        """`hidden` (rows, width), `weight` (vocabulary, width), `labels` (rows,): the mean loss per row."""
        total = hidden.new_zeros((), dtype=torch.float32)
        hidden_grads, weight_grad = [], torch.zeros_like(weight, dtype=torch.float32)
        for rows, wanted in zip(hidden.split(SmoothedLoss.BLOCK), labels.split(SmoothedLoss.BLOCK), strict=True):
            logits = rows @ weight.T
            slices = zip(logits.split(SmoothedLoss.SLICE), wanted[:, None].split(SmoothedLoss.SLICE), strict=True)
            total += sum(_loss_to_gradient(*one, smoothing, 1 / len(labels)) for one in slices)
            hidden_grads.append(logits @ weight)
            weight_grad += logits.T @ rows
        hidden_grad, weight_grad = torch.cat(hidden_grads), weight_grad.to(weight.dtype)
        ctx.save_for_backward(hidden_grad, weight_grad)
        return total / len(labels)

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, None, None]:  # type: ignore[override]
        hidden_grad, weight_grad = ctx.saved_tensors
        return hidden_grad * grad.to(hidden_grad.dtype), weight_grad * grad.to(weight_grad.dtype), None, None


def _loss_to_gradient(logits: torch.Tensor, wanted: torch.Tensor, smoothing: float, scale: float) -> torch.Tensor:
    """The summed loss of `logits` (rows, vocabulary) for `wanted` (rows, 1); `logits` then holds its gradient times `scale`."""
    low = smoothing / logits.shape[1]
    log_probabilities = functional.log_softmax(logits, dim=-1, dtype=torch.float32)
    loss = (smoothing - 1) * log_probabilities.gather(1, wanted).sum() - low * log_probabilities.sum()
    gradient = log_probabilities.exp_().sub_(low)
    gradient.scatter_add_(1, wanted, torch.full_like(wanted, smoothing - 1, dtype=torch.float32))
    logits.copy_(gradient.mul_(scale))
    return loss


def keep_memory() -> None:
    """Tell glibc to keep freed memory instead of handing big buffers back at every step (no effect elsewhere)."""
    import ctypes

    m_trim_threshold, m_mmap_max = -1, -4
    try:
        libc = ctypes.CDLL("libc.so.6")
        libc.mallopt(m_mmap_max, 0)
        libc.mallopt(m_trim_threshold, 2**31 - 1)
    except (OSError, AttributeError):
        return
