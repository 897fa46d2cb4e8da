"""What a request may be spared: translations that were made before, or are being made for somebody else."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from models.batching.packing import Lane

if TYPE_CHECKING:
    from models.translate import Translated

Make = Callable[[Sequence[str]], Awaitable[Mapping[str, "Translated"]]]


class Memo(Protocol):
    """Remembers translations by what made them."""

    async def translations(
        self, maker: str, texts: Sequence[str], lane: Lane, make: Make
    ) -> Mapping[str, "Translated"]:
        """The translation of each of `texts`, no two alike; `make` is asked for those that are not known.

        `maker` names everything that the translations depend on but the texts. Raises what `make` raises.
        """
        ...
