"""How sure a check may be: logistic regression over what it measured, with weights that were learned from labelled briefs.

The weights are data, a file a check; `tests/quality/checks/learn.py` learns and writes them.
"""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Doubt:
    """A passage of a text that may say what its source does not, and what speaks for that and against it, by name.

    `index`: the sentence of the article that speaks against it, if it is one.
    """

    kind: str
    start: int
    end: int
    index: int | None
    cue: str
    signs: dict[str, float]


class Judge:
    """The weights of one check, for each kind of doubt that it knows."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        """`data`: `threshold`, and for each kind `bias`, `signs` by name and `cues` by their words."""
        self._threshold = float(data["threshold"])
        self._kinds = data

    def convinced(self, doubt: Doubt) -> bool:
        """Whether the signs are enough."""
        return self.probability(doubt) >= self._threshold

    def probability(self, doubt: Doubt) -> float:
        """How likely a doubt is a fault, 0 to 1. A cue that is not among the weights has none of its own."""
        weights = self._kinds[doubt.kind]
        total = weights["bias"] + weights["cues"].get(doubt.cue, 0.0)
        total += sum(weight * doubt.signs[name] for name, weight in weights["signs"].items())
        return 1 / (1 + math.exp(-total))


@cache
def judge(check: str) -> Judge:
    """The judge of a check by the check's name."""
    return Judge(tomllib.loads((files("models.checks") / f"{check}.toml").read_text(encoding="utf-8")))
