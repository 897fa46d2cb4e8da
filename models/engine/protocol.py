"""The one contract between the scheduler and every engine: stepwise, on token ids.

The scheduler admits items while `free()` allows, calls `step()` while the engine is busy, and answers whatever `step()`
hands back. One thread uses an engine, but `cost` and `capacity` may be asked from any. An engine raises from `admit` or
`step` only when it cannot tell which item is to blame; the scheduler then resets it and tries again with fewer items.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from models.errors import MujazError


@dataclass(frozen=True, slots=True)
class Generation:
    """How one item is decoded; the names and meanings are those of `transformers.GenerationConfig`."""

    beams: int = 4
    max_tokens: int = 256
    min_tokens: int = 0
    length_penalty: float = 1.0
    early_stopping: bool = True
    no_repeat_ngram: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """One sequence to decode: source ids with their end symbol. Two items are the same only if they are one object."""

    ids: tuple[int, ...]
    settings: Generation


@dataclass(frozen=True, slots=True)
class Finished:
    """An item's answer: target ids without start, end and padding symbols; or the error that this item alone caused."""

    item: Item
    ids: tuple[int, ...] = ()
    error: MujazError | None = None


@runtime_checkable
class Engine(Protocol):
    """Decodes items of one model on one device.

    Costs and `free` count tokens: source and target positions, over all beams.
    """

    def cost(self, item: Item) -> int:
        """What the item occupies from admission to its end."""
        ...

    def free(self) -> int:
        """What can still be admitted now."""
        ...

    def capacity(self) -> int:
        """What `free` is when nothing is admitted: an item that costs more can never be admitted."""
        ...

    def shrink(self) -> None:
        """Halve the capacity, after the device ran out of memory."""
        ...

    def admit(self, items: Sequence[Item]) -> None:
        """Take items in, to be decoded from the next step on."""
        ...

    def step(self) -> Sequence[Finished]:
        """Do one step of work for everything admitted; return what it finished, possibly nothing."""
        ...

    def cancel(self, item: Item) -> None:
        """Forget an admitted item; its place is free from the next step on."""
        ...

    def reset(self) -> None:
        """Forget everything admitted, after a failure."""
        ...

    def busy(self) -> bool:
        """Whether anything is admitted."""
        ...
