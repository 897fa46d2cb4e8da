"""How a device is driven: how often the host waits for it, how sizes are rounded up, and how numbers get there.

A CPU's results are at hand at once. A GPU works on behind the host, which loses time whenever it waits for a result, so it asks
for none but at every `look`th step. Sizes are rounded up so that few shapes occur: oneDNN compiles for each, and on a GPU a graph
is captured for each (see `graphs`), which is dearer. None of this has been run on a GPU.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

Numbers = Sequence[int] | Sequence[float] | Sequence[bool] | Sequence[Sequence[int]]


@dataclass(frozen=True, slots=True)
class Pace:
    """`look`: every so many steps the host asks what is over; `coarse`: sizes are powers of two, nearly everywhere."""

    look: int = 1
    coarse: bool = False

    def slots(self, number: int) -> int:
        """Slots in a step: 1 to 4, then multiples of 4, from 32 on multiples of 16."""
        if self.coarse or number <= 4:
            return self.capacity(number)
        return round_up(number, 4 if number <= 32 else 16)

    def capacity(self, number: int) -> int:
        """What is as large as it has to be, unless coarse."""
        return 1 << (number - 1).bit_length() if self.coarse else number

    def entries(self, number: int) -> int:
        """Source positions."""
        return round_up(number, 64 if self.coarse else 16)

    def blocks(self, number: int) -> int:
        """Blocks of the past."""
        return self.capacity(round_up(number, 8))


PACES: Mapping[str, Pace] = {"cpu": Pace(), "cuda": Pace(look=4, coarse=True)}
"""By the kind of device."""


def round_up(number: int, step: int) -> int:
    return -(-number // step) * step


def on_device(numbers: Numbers, device: torch.device, dtype: torch.dtype | None = None) -> Tensor:
    """`numbers` as a tensor on `device`, without waiting for what the device is at: that takes pinned memory."""
    return torch.tensor(numbers, dtype=dtype, pin_memory=device.type == "cuda").to(device, non_blocking=True)
