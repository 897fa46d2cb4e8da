"""Slots of one beam width and one class of source lengths: their keys and values, their masks, and their search.

All slots of a pool write a step's keys and values into the same column, whatever position they are at themselves: attention does
not care for order, and a mask tells each row which columns, and which beams in them, are its own past. So beams are reordered by
rewriting a small mask (beam indirection), and no key ever moves. The slots in use are the first ones.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from models.engine.network import Network, View
from models.engine.protocol import Item
from models.engine.rules import Rules
from models.engine.search import Search

_SLOTS = 4  # at first; doubled as needed
_STEP = 16  # target and source positions are added by so many at a time, so that few shapes occur
_LENGTH = 64  # of the sequences at first

@dataclass(frozen=True, slots=True)
class Encoded:
    """An item whose source has been read: its row in a batch of encoder outputs."""

    item: Item
    sources: list[Tensor]
    row: int


class Store:
    """Keys and values of all decoder layers, by turns: (slots, heads, positions, head width) each.

    Dense in the slots and positions in use, since oneDNN copies what is not; so it is laid out anew now and then.
    """

    def __init__(self, network: Network, slots: int, positions: int) -> None:
        self._network, self.slots, self.positions = network, slots, positions
        self.tensors = [self._zeros() for _ in range(2 * network.shape.decoder_layers)]

    def layout(self, slots: int, positions: int, start: int = 0) -> None:
        """Have so many slots and positions, and keep what fits, the positions from `start` on."""
        kept_slots, kept = min(slots, self.slots), min(positions, self.positions - start)
        self.slots, self.positions = slots, positions
        for i, old in enumerate(self.tensors):
            self.tensors[i] = self._zeros()
            self.tensors[i][:kept_slots, :, :kept] = old[:kept_slots, :, start : start + kept]

    def _zeros(self) -> Tensor:
        """Not uninitialised: what is masked must still be a number."""
        shape, network = self._network.shape, self._network
        size = (self.slots, shape.heads, self.positions, shape.head_width)
        return torch.zeros(size, dtype=network.dtype, device=network.device)


class Pool:
    """Slots for `beams` rows each."""

    def __init__(self, network: Network, rules: Rules, beams: int) -> None:
        self._network, self.beams = network, beams
        self.items: list[Item | None] = []  # by slot; None once it is over, until the slot is filled again or `compact`
        self._born: list[int] = []  # the column of each slot's first step
        self._column = 0  # the next one
        self._search = Search(_SLOTS, beams, _LENGTH, rules)
        self._own = self._mask(beams, beams).fill_diagonal_(0)
        self._sources = Store(network, _SLOTS, _STEP)
        self._past = Store(network, _SLOTS, _STEP * beams)
        self._source_mask = self._mask(_SLOTS, 1, 1, _STEP)
        self._past_mask = self._mask(_SLOTS, beams, _STEP, beams)

    def items_in_use(self) -> list[Item]:
        return [item for item in self.items if item is not None]

    def add(self, encoded: Sequence[Encoded]) -> None:
        """Put encoded items into slots, into those that have come free first."""
        free = [slot for slot, item in enumerate(self.items) if item is None]
        free += range(len(self.items), len(self.items) + max(0, len(encoded) - len(free)))
        slots = free[: len(encoded)]
        self._reserve(max(slots) + 1, [e.item for e in encoded])
        for slot, e in zip(slots, encoded, strict=True):
            if slot == len(self.items):
                self.items.append(None)
                self._born.append(0)
            self.items[slot], self._born[slot] = e.item, self._column
        self._search.begin(slots, [e.item.settings for e in encoded])
        self._past_mask[torch.tensor(slots)] = self._network.never
        self._store(slots, encoded)

    def remove(self, item: Item) -> None:
        """Forget an item, at once."""
        self.items = [None if other is item else other for other in self.items]

    def compact(self) -> None:
        """Move the last slots into holes, so that a step computes little for nothing."""
        hole = 0
        while hole < len(self.items):
            last = len(self.items) - 1
            if self.items[hole] is None:
                if hole < last:
                    self._move(last, hole)
                self.items.pop()
                self._born.pop()
            else:
                hole += 1
        if not self.items:
            self._column = 0

    def view(self) -> View:
        """What the network needs for the next step of the slots in use (and of a few beyond them, to keep to few shapes)."""
        if self._column * self.beams == self._past.positions:
            self._make_room()
        slots, heads = min(_round_slots(len(self.items)), self._past.slots), self._network.shape.heads
        self._past_mask[:slots, :, self._column] = self._own
        allowed = self._past_mask[:slots].view(slots, 1, self.beams, -1)
        distances = self._network.distances(self._column, self._past_mask.shape[2])
        if distances is not None:
            allowed = allowed + distances.repeat_interleave(self.beams, 1)[:, None]
        return View(
            slots,
            self.beams,
            self._column,
            [tensor[:slots] for tensor in self._past.tensors],
            allowed.expand(-1, heads, -1, -1).flatten(0, 1),
            [tensor[:slots] for tensor in self._sources.tensors],
            self._source_mask[:slots].expand(-1, heads, self.beams, -1).flatten(0, 1),
        )

    def last(self, slots: int) -> tuple[Tensor, Tensor]:
        """The last id and the position of each row of the first slots: (slots * beams,) each."""
        return self._search.last(slots)

    def advance(self, logits: Tensor) -> list[tuple[Item, list[int]]]:
        """Take the step's logits (rows of the view, outputs), and hand out what is over."""
        slots = len(self.items)
        step = self._search.advance(logits[: slots * self.beams])
        self._column += 1
        if self.beams > 1:
            past = self._past_mask[:slots, :, : self._column]
            index = step.parents[:, :, None, None].expand(-1, -1, self._column, self.beams)
            self._past_mask[:slots, :, : self._column] = past.gather(1, index)
        over, finished = step.over.tolist(), []
        for slot, item in enumerate(self.items):
            if item is not None and over[slot]:
                finished.append((item, self._search.result(slot)))
                self.items[slot] = None
        return finished

    def _store(self, slots: Sequence[int], encoded: Sequence[Encoded]) -> None:
        """Copy the sources' keys and values, one batch of encoder outputs at a time."""
        size = self._sources.positions
        self._source_mask[torch.tensor(slots)] = self._network.padding([len(e.item.ids) for e in encoded], size)
        for key, batch in {id(e.sources): e.sources for e in encoded}.items():
            mine = [(slot, e.row) for slot, e in zip(slots, encoded, strict=True) if id(e.sources) == key]
            where, rows = (torch.tensor(part, device=self._network.device) for part in zip(*mine, strict=True))
            for store, tensor in zip(self._sources.tensors, batch, strict=True):
                used = min(size, tensor.shape[2])  # a batch may be padded beyond what these items need
                store[:, :, :used].index_copy_(0, where, tensor[rows, :, :used])

    def _make_room(self) -> None:
        """When the columns are used up: drop those that are nobody's past any more, and have a few new ones at least."""
        unused = min(self._born)
        live = self._column - unused
        columns = _round_up(live + _STEP // 2)
        self._past.layout(self._past.slots, columns * self.beams, unused * self.beams)
        mask = self._mask(self._past.slots, self.beams, columns, self.beams)
        mask[:, :, :live] = self._past_mask[:, :, unused:]
        self._past_mask, self._column = mask, live
        self._born = [column - unused for column in self._born]

    def _reserve(self, slots: int, new: Sequence[Item]) -> None:
        """Have room for `slots` slots, and for sources and sequences as long as those of all items."""
        size = _round_up(max(len(item.ids) for item in (*self.items_in_use(), *new)))
        have = self._sources
        if slots > have.slots:
            slots = max(slots, 2 * have.slots)
            self._past.layout(slots, self._past.positions)
            self._past_mask = _larger(self._past_mask, self._mask(slots, *self._past_mask.shape[1:]))
        slots = max(slots, have.slots)
        if slots > have.slots or not 3 * have.positions <= 4 * size <= 4 * have.positions:  # too short, or a third too long
            have.layout(slots, size)
            self._source_mask = _larger(self._source_mask, self._mask(slots, 1, 1, size))
        self._search.reserve(slots, max(item.settings.max_tokens for item in new) + 1)

    def _mask(self, *size: int) -> Tensor:
        return torch.full(size, self._network.never, dtype=self._network.dtype, device=self._network.device)

    def _move(self, source: int, target: int) -> None:
        for tensor in (*self._sources.tensors, *self._past.tensors, self._source_mask, self._past_mask):
            tensor[target] = tensor[source]
        self._search.move(source, target)
        self.items[target], self._born[target] = self.items[source], self._born[source]


def _larger(tensor: Tensor, empty: Tensor) -> Tensor:
    """`empty` with as much of `tensor` in it as fits."""
    part = tuple(slice(min(sizes)) for sizes in zip(tensor.shape, empty.shape, strict=True))
    empty[part] = tensor[part]
    return empty


def encode(network: Network, items: Sequence[Item], pad: int) -> list[Encoded]:
    """Read the sources of `items` in one batch."""
    lengths = [len(item.ids) for item in items]
    size = _round_up(max(lengths), 8)
    ids = torch.tensor([[*item.ids, *[pad] * (size - len(item.ids))] for item in items], device=network.device)
    sources = network.encode(ids, lengths)
    return [Encoded(item, sources, row) for row, item in enumerate(items)]


def batches(items: Iterable[Item], tokens: int) -> list[list[Item]]:
    """Items of like length together, at most `tokens` in a batch when padded (but at least one item)."""
    result: list[list[Item]] = []
    for item in sorted(items, key=lambda item: -len(item.ids)):
        if result and len(result[-1][0].ids) * (len(result[-1]) + 1) <= tokens:
            result[-1].append(item)
        else:
            result.append([item])
    return result


def _round_up(number: int, step: int = _STEP) -> int:
    return -(-number // step) * step


def _round_slots(slots: int) -> int:
    """1 to 4, then multiples of 4, from 32 on multiples of 16."""
    return slots if slots <= 4 else _round_up(slots, 4 if slots <= 32 else 16)
