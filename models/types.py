"""The nouns that travel between the parts of `models`. Offsets count Unicode code points of the submitted text."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of prose, ready for a model.

    `text` is normalised; `start:end` is where it stands in the submitted text; `paragraph` counts from 0.
    """

    text: str
    start: int
    end: int
    paragraph: int


@dataclass(frozen=True, slots=True)
class Dropped:
    """A line that is not prose, as submitted, with the reason it was dropped (`caption`, `source_line`, `teaser`, …)."""

    text: str
    reason: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Detection:
    """A language by its ISO 639-1 code and how sure the detector is, from 0 to 1."""

    code: str
    confidence: float
