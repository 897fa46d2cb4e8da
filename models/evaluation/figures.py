"""Figures with 95% bootstrap confidence intervals."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

_RESAMPLES, _SEED = 1000, 7


@dataclass(frozen=True, slots=True)
class Score:
    """A figure with the bounds of its 95% confidence interval."""

    value: float
    low: float
    high: float


def mean(values: Sequence[float]) -> Score:
    """The mean of at least one value."""
    array = np.asarray(values)
    return bootstrap(lambda indexes: float(array[indexes].mean()), len(values))


def bootstrap(figure: Callable[[Sequence[int]], float], count: int, resamples: int = _RESAMPLES) -> Score:
    """`figure` of `count` rows, and the middle 95% of its values on rows drawn anew, with replacement."""
    rng = np.random.default_rng(_SEED)
    figures = [figure(rng.integers(0, count, count).tolist()) for _ in range(resamples)]
    low, high = np.percentile(figures, [2.5, 97.5])
    return Score(figure(range(count)), float(low), float(high))
