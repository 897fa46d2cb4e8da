"""How far training is, the learning rate there, and the weights in their three forms: float32, average, working copy."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch


@dataclass(frozen=True, slots=True)
class Budget:
    """Training ends after `steps` updates, or after `minutes` of training time: exactly one of the two is given."""

    steps: int | None = None
    minutes: float | None = None

    def __post_init__(self) -> None:
        if (self.steps is None) == (self.minutes is None):
            raise ValueError("give either a number of steps or a number of minutes")
        if not (self.steps or self.minutes or 0) > 0:
            raise ValueError("the budget must be positive")

    def progress(self, steps: int, seconds: float) -> float:
        """The part of the budget that is spent, from 0 to 1."""
        whole, spent = (self.steps, steps) if self.steps else (self.minutes or 0, seconds / 60)
        return min(1.0, spent / whole)


def learning_rate(peak: float, step: int, warmup: int, progress: float) -> float:
    """Linear warm-up over `warmup` steps, then a cosine to zero at the end of the budget."""
    return peak * min(1.0, (step + 1) / max(1, warmup)) * 0.5 * (1 + math.cos(math.pi * progress))


class Weights:
    """The weights in float32, their running average, and the model that computes with a copy of them in another precision.

    The average (Polyak and Juditsky 1992) evaluates better than the last weights. It moves faster than `decay` says in the first
    steps, so that it does not remember the random weights of the start.
    """

    def __init__(self, model: torch.nn.Module, dtype: torch.dtype, decay: float) -> None:
        self.master = {name: tensor.detach().clone().float() for name, tensor in model.named_parameters()}
        self.average = {name: tensor.clone() for name, tensor in self.master.items()}
        self.learned = [name for name, tensor in model.named_parameters() if tensor.requires_grad]
        self.model, self.dtype, self.decay, self.steps = model, dtype, decay, 0
        model.to(dtype)

    @torch.no_grad()
    def gather_gradients(self) -> None:
        """Hand the model's gradients to the float32 weights."""
        parameters = dict(self.model.named_parameters())
        for name in self.learned:
            gradient = parameters[name].grad
            self.master[name].grad = None if gradient is None else gradient.float()
            parameters[name].grad = None

    @torch.no_grad()
    def publish(self) -> None:
        """After an update: move the average, and copy the float32 weights into the model."""
        self.steps += 1
        decay = min(self.decay, self.steps / (self.steps + 10))
        average, master = ([side[name] for name in self.learned] for side in (self.average, self.master))
        torch._foreach_lerp_(average, master, 1 - decay)
        self._into_model(self.master)

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """Within it, the model is the running average in float32."""
        self.model.float()
        self._into_model(self.average)
        try:
            yield
        finally:
            self.model.to(self.dtype)
            self._into_model(self.master)

    @torch.no_grad()
    def _into_model(self, weights: dict[str, torch.Tensor]) -> None:
        names, parameters = zip(*self.model.named_parameters(), strict=True)
        torch._foreach_copy_(list(parameters), [weights[name] for name in names])

    def state(self) -> dict[str, Any]:
        return {"master": self.master, "average": self.average, "steps": self.steps}

    def restore(self, state: dict[str, Any]) -> None:
        """Take the weights of `state`. Raises ValueError when they are of another model."""
        if {n: t.shape for n, t in state["master"].items()} != {n: t.shape for n, t in self.master.items()}:
            raise ValueError("the saved weights are of another model: go on with the arguments that the run began with")
        for name in self.master:
            self.master[name].data.copy_(state["master"][name])
            self.average[name].copy_(state["average"][name])
        self.steps = state["steps"]
        self._into_model(self.master)
