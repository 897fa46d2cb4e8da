"""What is read from a text."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["count", "percent", "ordinal", "date", "year", "time", "score"]

_DIGIT = 1e-6  # less than any written digit is worth


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number that a text states at `start:end` (code points of the text).

    `low` and `high` are equal for a single value and are the bounds of a range ("10-20"), of a vague word ("dozens") and of an
    open statement ("more than 40": `high` is infinite; "fewer than 40": `low` is minus infinity). A percent is in percent, and so
    is a fraction ("a third": 33.33). A date is 100 x month + day, months of the Islamic calendar counting from 13. A time is in
    hours. A score has the lower number first.
    """

    low: float
    high: float
    kind: Kind
    exact: bool  # False for what is said to be approximate, vague or open
    start: int
    end: int
    step: float = 1.0  # what the last written digit is worth: 100,000 in "3.5 million"
    weak: bool = False  # "one", or a word that may be no number: it bears out others, and needs no bearing out itself
    ratio: tuple[float, ...] = ()  # how many of how many the part is, if that is said: 9, 10

    @property
    def is_part(self) -> bool:
        """Whether it is a percent that is written as a fraction or a ratio."""
        return self.kind == "percent" and self.step < _DIGIT

    @property
    def points(self) -> tuple[float, ...]:
        """The numbers that are written: one, or the two bounds of a range; none for a vague word."""
        if self.low == self.high or self.high == float("inf"):
            return (self.low,)
        if self.low == float("-inf"):
            return (self.high,)
        return (self.low, self.high) if self.exact or self.kind == "year" else ()
