"""Which waiting items an engine takes in next. Pure functions: no clock, no thread, no engine.

The idea of packing by padded tokens is that of text-embeddings-inference (`core/src/queue.rs`); bulk's guaranteed share
is kept as in deficit round robin (Shreedhar and Varghese, 1995).
"""

from collections.abc import Sequence
from typing import Literal, Protocol, TypeVar

Lane = Literal["interactive", "bulk"]

BULK_SHARE = 4
"""While both lanes wait, one in so many is bulk's: of the tokens that an engine admits, of the compute thread's seconds."""

PADDED = 2
"""A batch padded to its longest source has at most so many times the source tokens that are really in it."""


class Waiting(Protocol):
    """What packing looks at, in tokens: what the item occupies in the engine, and the length of its source."""

    @property
    def cost(self) -> int: ...

    @property
    def length(self) -> int: ...


T = TypeVar("T", bound=Waiting)


def pack(interactive: Sequence[T], bulk: Sequence[T], free: int, credit: int) -> tuple[list[T], int]:
    """The items to admit into `free` tokens, all of one lane, and bulk's new credit in tokens (0 at first).

    Each lane is given oldest first. Interactive goes first. What it takes while bulk waits earns bulk credit, and as
    soon as that pays for bulk's oldest item, bulk has a turn of that size; alone, it takes all there is. Batches of one
    lane keep interactive ones short; a stepwise engine loses nothing by it, since the next step admits again.
    """
    if not (interactive and bulk):
        return _fill(interactive or bulk, free), 0
    if credit >= bulk[0].cost:
        batch = _fill(bulk, min(free, credit))
        return batch, credit - sum(w.cost for w in batch)
    batch = _fill(interactive, free)
    return batch, credit + sum(w.cost for w in batch) // (BULK_SHARE - 1)


def _fill(lane: Sequence[T], budget: int) -> list[T]:
    """The oldest item and those nearest to it in length, as many as fit when each is padded to the largest.

    If the oldest does not fit, nothing goes: were smaller ones let past it, its room would never come free.
    """
    if not lane or lane[0].cost > budget:
        return []
    batch: list[T] = []
    dearest = longest = total = 0
    for waiting in sorted(lane, key=lambda w: abs(w.length - lane[0].length)):  # stable: among equals the oldest first
        rows = len(batch) + 1
        cost, length = max(dearest, waiting.cost), max(longest, waiting.length)
        if rows * cost <= budget and rows * length <= PADDED * (total + waiting.length):
            batch.append(waiting)
            dearest, longest, total = cost, length, total + waiting.length
    return batch
