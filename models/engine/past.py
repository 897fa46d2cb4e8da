"""What has been written so far: keys and values in blocks (as in PagedAttention, Kwon et al., 2023) that beams share.

A step writes an entry (a key and a value in each layer) for each beam of each slot. Attention does not care for order: a mask
tells each beam which entries are its own past, so beams are reordered by rewriting a small mask, and no key moves. Beams share
much of their past, and an entry that is no beam's past any more is written over. A slot has as many blocks as it needs for the
rest, so a step costs what the slots have written, not as many times the longest of them.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from models.engine.attention import Pages
from models.engine.network import Network
from models.engine.pace import Pace, on_device

_SIZE = 32  # entries of a block; 16 or 64 took a sixth longer with 32 slots of opus-mt's shape
_BLOCKS = 8  # at first


@dataclass(frozen=True, slots=True)
class _Layout:
    """Which block is whose, on the device. `table`: the blocks of each slot (n, most), -1 for none; the rest as in `Pages`."""

    table: Tensor
    owners: Tensor
    rows: Tensor
    scores: Tensor
    shares: Tensor


class Past:
    """The blocks of slots with `beams` rows each: (2, blocks, heads, size, head width) for each layer."""

    def __init__(self, network: Network, beams: int, pace: Pace) -> None:
        self._network, self._beams, self._pace = network, beams, pace
        self._size = -(-beams // _SIZE) * _SIZE
        self._blocks: list[list[int]] = []  # of each slot
        self._used: list[int] = []  # at most so many entries of each slot are some beam's past
        self._free: list[int] = []
        self._tensors = [torch.empty(0)] * network.shape.decoder_layers
        self._mask = self._at = torch.empty(0)  # (blocks, beams, size); each entry's position (blocks, size)
        self._allocate(_BLOCKS)
        self._layout: _Layout | None = None

    def clear(self, slot: int) -> None:
        """Forget what the slot has written."""
        self._add_slots(slot + 1)
        if blocks := self._blocks[slot]:
            self._mask[on_device(blocks, self._network.device)] = self._network.never
            self._free += blocks
            self._layout = None
        self._blocks[slot], self._used[slot] = [], 0

    def move(self, source: int, target: int) -> None:
        """Let what one slot has written be another's."""
        self.clear(target)
        self._blocks[target], self._used[target] = self._blocks[source], self._used[source]
        self._blocks[source], self._used[source] = [], 0
        self._layout = None

    def pages(self, slots: int, used: int, at: Tensor, *, looked: bool = True) -> Pages:
        """What the network needs to write an entry for each beam of the first `slots` slots, of which `used` are in use.

        `at`: (slots,), the target position of each. `looked`: whether the host has waited for the device, and may once more.
        """
        self._make_room(slots, used, looked)
        layout = self._layout = self._layout or self._laid_out(slots)
        heads, device = self._network.shape.heads, self._network.device
        count = len(layout.owners)
        mask, ages = self._mask[:count], self._at[:count]
        blocks, entries = self._nobodys(layout.table)  # (slots, beams) each
        mask[blocks, torch.arange(self._beams, device=device), entries] = 0
        ages[blocks, entries] = at[:, None]
        allowed = mask[:, None].expand(-1, heads, -1, -1)
        distances = self._network.distances(at[layout.owners][:, None] - ages)
        if distances is not None:
            allowed = allowed + distances[:, :, None]
        halves = torch.arange(2, device=device).view(2, 1, 1, 1) * len(self._mask)
        places = ((halves + blocks[:, None]) * heads + torch.arange(heads, device=device)[:, None]) * self._size
        return Pages(
            self._tensors,
            (places + entries[:, None]).flatten(),
            layout.owners,
            allowed.flatten(0, 1),
            layout.rows,
            layout.scores,
            layout.shares,
        )

    def reorder(self, parents: Tensor) -> None:
        """Let the beams of the first slots go on from the beams `parents` (n, beams) of the step before."""
        assert self._layout is not None
        owners = self._layout.owners.clamp(max=len(parents) - 1)  # what the slots beyond remember does not matter
        mask = self._mask[: len(owners)]
        mask.copy_(mask.gather(1, parents[owners][:, :, None].expand_as(mask)))

    def _make_room(self, slots: int, used: int, looked: bool) -> None:
        """Give each of the first slots as many entries that are nobody's as it has beams.

        A slot that is not in use gets a block as well, to write what nobody reads. What a slot may still write is counted only
        when the host has looked at the device, and then for all steps until it looks again; in between it gets a new block.
        """
        self._add_slots(slots)
        for slot in range(used, len(self._blocks)):
            if slot >= slots or len(self._blocks[slot]) > 1 or self._room(slot) < self._beams:
                self.clear(slot)
        enough = self._beams * self._pace.look
        if looked and any(blocks and self._room(slot) < enough for slot, blocks in enumerate(self._blocks)):
            self._count()
        for slot in range(slots):
            if self._room(slot) < self._beams:
                self._take(slot)
            self._used[slot] += self._beams
        if self._holes() > max(_BLOCKS, sum(map(len, self._blocks))):
            self._close_up()

    def _room(self, slot: int) -> int:
        return len(self._blocks[slot]) * self._size - self._used[slot]

    def _count(self) -> None:
        """Find out how many entries are some beam's past."""
        live = (self._mask == 0).any(1).sum(1).tolist()
        self._used = [sum(live[block] for block in blocks) for blocks in self._blocks]

    def _nobodys(self, table: Tensor) -> tuple[Tensor, Tensor]:
        """An entry for each beam that is no beam's past: block and number, (slots, beams) each."""
        nobodys = (self._mask != 0).all(1)  # (blocks, size)
        free = nobodys[table.clamp(min=0)] & (table >= 0)[:, :, None]  # (slots, most, size)
        found = free.flatten(1).byte().topk(self._beams)[1]
        return table.gather(1, found // self._size), found % self._size

    def _laid_out(self, slots: int) -> _Layout:
        device, heads, beams = self._network.device, self._network.shape.heads, self._beams
        most = self._pace.capacity(max(map(len, self._blocks)))
        count = min(self._pace.blocks(1 + max(block for blocks in self._blocks for block in blocks)), len(self._mask))
        behind = slots * heads * beams * most  # where a free block's scores go
        owners, first = [-1] * count, [behind] * count
        for slot, blocks in enumerate(self._blocks[:slots]):
            for place, block in enumerate(blocks):
                owners[block], first[block] = slot, slot * heads * beams * most + place
        table = on_device([blocks + [-1] * (most - len(blocks)) for blocks in self._blocks[:slots]], device)
        whose = on_device(owners, device)
        apart = torch.arange(heads * beams, device=device) * most
        rows = (on_device(first, device)[:, None] + apart).clamp_(max=behind)
        shares = torch.arange(slots, device=device)[:, None] == whose
        dtype, size = self._network.precision.compute, (slots * heads * beams + 1, most * self._size)
        scores = torch.full(size, self._network.never, dtype=dtype, device=device)
        return _Layout(table, whose.clamp_(min=0), rows.flatten(), scores, shares.to(dtype))

    def _add_slots(self, slots: int) -> None:
        self._blocks += [[] for _ in range(slots - len(self._blocks))]
        self._used += [0] * (slots - len(self._used))

    def _take(self, slot: int) -> None:
        if not self._free:
            self._allocate(self._pace.blocks(len(self._mask) * 3 // 2))
        self._free.sort(reverse=True)
        self._blocks[slot].append(self._free.pop())
        self._layout = None

    def _allocate(self, count: int) -> None:
        """Have `count` blocks, and zeros in the new ones: what is masked must still be a number."""
        shape, have, network = self._network.shape, len(self._mask), self._network
        dtype, device = network.precision.compute, network.device
        for i, old in enumerate(self._tensors):
            new = torch.zeros(2, count, shape.heads, self._size, shape.head_width, dtype=dtype, device=device)
            if have:
                new[:, :have] = old
            self._tensors[i] = new
        mask = torch.full((count, self._beams, self._size), network.never, dtype=dtype, device=device)
        at = torch.zeros(count, self._size, dtype=torch.long, device=device)
        if have:
            mask[:have], at[:have] = self._mask, self._at
        self._mask, self._at = mask, at
        self._free += range(have, count)

    def _holes(self) -> int:
        """How many free blocks lie between those in use."""
        taken = [block for blocks in self._blocks for block in blocks]
        return 1 + max(taken) - len(taken)

    def _close_up(self) -> None:
        """Move the blocks in use to the front."""
        taken = sorted(block for blocks in self._blocks for block in blocks)
        where = on_device(taken, self._network.device)
        for tensor in self._tensors:
            tensor[:, : len(taken)] = tensor[:, where]
        self._mask[: len(taken)], self._at[: len(taken)] = self._mask[where], self._at[where]
        self._mask[len(taken) :] = self._network.never
        moved = {block: place for place, block in enumerate(taken)}
        self._blocks = [[moved[block] for block in blocks] for blocks in self._blocks]
        self._free = list(range(len(taken), len(self._mask)))
        self._layout = None
