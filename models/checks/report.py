"""What the checks of a brief say: flags, which checks ran, and what follows for the reader."""

from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal[
    "number",
    "name",
    "negation",
    "attribution",
    "unsupported",
    "foreign",
    "repetition",
    "length",
    "language",
    "boilerplate",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
Status = Literal["pass", "partial", "review"]


@dataclass(frozen=True, slots=True)
class Flag:
    """Something to doubt. `line` counts the brief's sentences, `start:end` is the place in that sentence's text.

    `against` are the indexes of the article's sentences that speak against it; none where nothing in the article bears it out.
    """

    kind: Kind
    detail: str
    line: int
    start: int
    end: int
    against: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """The flags of a brief, the checks that ran, and those that could not for its languages."""

    flags: tuple[Flag, ...]
    run: tuple[Kind, ...]
    unavailable: tuple[Kind, ...]

    @property
    def status(self) -> Status:
        """`review` where there is something to doubt, `pass` only if every check ran."""
        if self.flags:
            return "review"
        return "partial" if self.unavailable else "pass"
