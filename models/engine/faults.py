"""What the engines refuse, and how they say that memory did not suffice: the same for all of them."""

from collections.abc import Iterator
from contextlib import contextmanager

from models.engine.protocol import Item
from models.errors import EngineFailed, InputTooLong, MujazError


def fault(item: Item, positions: int | None, vocabulary: int) -> MujazError | None:
    """What a network would trip over; on a GPU an index out of range makes the whole process unusable.

    `positions`: the longest sequence it takes, None where there is no such limit; `vocabulary`: how many source ids it knows.
    """
    longest = max(len(item.ids), item.settings.max_tokens)
    if positions is not None and longest > positions:
        return InputTooLong(f"This item takes {longest} positions; the model has {positions}.")
    if not item.ids or min(item.ids) < 0 or max(item.ids) >= vocabulary:
        return EngineFailed("This item has no source ids, or ids that the model does not know.")
    return None


@contextmanager
def memory_errors() -> Iterator[None]:
    """Raises `MemoryError` where PyTorch ran out of a CPU's memory, for which it has no class of its own."""
    try:
        yield
    except RuntimeError as error:
        if "can't allocate memory" in str(error):
            raise MemoryError("The step did not fit into memory.") from error
        raise
