"""An article and the sentences of its brief, as the checks look at them."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate, combinations

from models.checks.units import Measured, durations, measured
from models.text import names, numbers
from models.text.numbers import Quantity

_MOST = 30  # counts of a sentence that may be added up; a text with more has no full stop


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence of a brief. `source` is what it translates, in the article's language, if it is a translation.

    `index` is the article's sentence that it is, if it is one.
    """

    text: str
    source: str | None = None
    index: int | None = None


@dataclass(frozen=True)
class Article:
    """An article's sentences in its language; `translations` of them into the brief's language, if they were made.

    `dropped` are the lines that are not prose. What several checks need is made once.
    """

    sentences: Sequence[str]
    language: str
    translations: Sequence[str] | None = None
    dropped: Sequence[str] = field(default=())

    @cached_property
    def text(self) -> str:
        return "\n".join(self.sentences)

    @cached_property
    def quantities(self) -> list[Quantity]:
        """The numbers of all sentences."""
        return numbers.read(self.text, self.language)

    @cached_property
    def measured(self) -> Measured:
        """The numbers by what they say, with their units: a long article says many of them often."""
        return measured(self.text, self.quantities)

    @cached_property
    def durations(self) -> list[tuple[str, float]]:
        """The times that are named, by unit and in seconds."""
        return durations(self.text, self.quantities)

    @cached_property
    def sums(self) -> set[float]:
        """What two counts of one sentence come to."""
        starts = list(accumulate((len(sentence) + 1 for sentence in self.sentences), initial=0))
        counts: dict[int, list[float]] = {}
        for one in self.quantities:
            if _exact(one):
                counts.setdefault(bisect_right(starts, one.start), []).append(one.low)
        return {one + other for said in counts.values() for one, other in combinations(said[:_MOST], 2)}

    @cached_property
    def places(self) -> names.Places:
        return names.Places(self.text, self.language)


def _exact(quantity: Quantity) -> bool:
    return quantity.kind == "count" and quantity.exact and quantity.low == quantity.high
