"""Slots of one beam width and one class of source lengths: their sources, their past, and their search.

The slots in use are the first ones.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from models.engine.attention import View
from models.engine.network import Network
from models.engine.pace import Pace, on_device, round_up
from models.engine.past import Past
from models.engine.protocol import Item
from models.engine.rules import Rules
from models.engine.search import Search

_SLOTS = 4  # at first; doubled as needed
_ENTRIES = 16  # of the sources at first
_LENGTH = 64  # of the sequences at first


@dataclass(frozen=True, slots=True)
class Encoded:
    """An item whose source has been read: its row in a batch of encoder outputs."""

    item: Item
    sources: list[Tensor]
    row: int


class Sources:
    """Keys and values of the sources, for each decoder layer: (2, slots, heads, entries, head width).

    Dense in the slots and entries in use, since oneDNN copies what is not; so it is laid out anew now and then.
    """

    def __init__(self, network: Network, slots: int, entries: int) -> None:
        self._network, self.slots, self.entries = network, 0, 0
        self.layers = [torch.empty(0)] * network.shape.decoder_layers
        self.resize(slots, entries)

    def resize(self, slots: int, entries: int) -> None:
        """Have so many slots and entries: what fits is kept, and elsewhere are zeros, since what is masked must be a number."""
        shape, network = self._network.shape, self._network
        n, k = min(slots, self.slots), min(entries, self.entries)
        for i, old in enumerate(self.layers):
            size = (2, slots, shape.heads, entries, shape.head_width)
            new = torch.empty(size, dtype=network.precision.compute, device=network.device)
            if n and k:
                new[:, :n, :, :k] = old[:, :n, :, :k]
            new[:, :n, :, k:] = 0
            new[:, n:] = 0
            self.layers[i] = new
        self.slots, self.entries = slots, entries

    def move(self, source: int, target: int) -> None:
        for layer in self.layers:
            layer[:, target] = layer[:, source]


class Pool:
    """Slots for `beams` rows each."""

    def __init__(self, network: Network, rules: Rules, beams: int, pace: Pace) -> None:
        self._network, self.beams, self._pace = network, beams, pace
        self.items: list[Item | None] = []  # by slot; None once it is over, until the slot is filled again or `compact`
        self._search = Search(_SLOTS, beams, _LENGTH, rules)
        self._sources = Sources(network, _SLOTS, _ENTRIES)
        self._source_mask = self._mask(_SLOTS, _ENTRIES)
        self._past = Past(network, beams, pace)
        self._looked = True  # whether the host has waited for the last step

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
            self.items[slot] = e.item
        self._search.begin(slots, [e.item.settings for e in encoded])
        for slot in slots:
            self._past.clear(slot)
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
            else:
                hole += 1

    def view(self) -> View:
        """What the network needs for the next step of the slots in use (and of a few beyond them, to keep to few shapes)."""
        slots = min(self._pace.slots(len(self.items)), self._sources.slots)
        past = self._past.pages(slots, len(self.items), self._search.at[:slots], looked=self._looked)
        return View(slots, self.beams, past, self._sources.layers, self._padding(slots))

    def _padding(self, slots: int) -> Tensor | None:
        """The mask of the first slots' sources; None where all are as long as the longest, unless that is one shape more."""
        if not self._pace.coarse and all(len(item.ids) == self._sources.entries for item in self.items_in_use()):
            return None
        heads = self._network.shape.heads
        return self._source_mask[:slots, None, None].expand(-1, heads, self.beams, -1).flatten(0, 1)

    def last(self, slots: int) -> tuple[Tensor, Tensor]:
        """The last id and the position of each row of the first slots: (slots * beams,) each."""
        return self._search.last(slots)

    def advance(self, logits: Tensor, look: bool) -> list[tuple[Item, list[int]]]:
        """Take the step's logits (rows of the view, outputs), and hand out what is over.

        That waits for the device, and is done only if told to `look`, or if something is known to be over by its limit.
        """
        slots = len(self.items)
        step = self._search.advance(logits[: slots * self.beams])
        if self.beams > 1:
            self._past.reorder(step.parents)
        self._looked = look or self._search.limited(slots)
        if not self._looked:
            return []
        over, finished = step.over.tolist(), []
        for slot, item in enumerate(self.items):
            if item is not None and over[slot]:
                finished.append((item, self._search.result(slot)))
                self.items[slot] = None
        return finished

    def _store(self, slots: Sequence[int], encoded: Sequence[Encoded]) -> None:
        """Copy the sources' keys and values, one batch of encoder outputs at a time."""
        size = self._sources.entries
        mask = self._network.padding([len(e.item.ids) for e in encoded], size)[:, 0, 0]
        self._source_mask[on_device(slots, self._network.device)] = mask
        for key, batch in {id(e.sources): e.sources for e in encoded}.items():
            mine = [(slot, e.row) for slot, e in zip(slots, encoded, strict=True) if id(e.sources) == key]
            where, rows = (_index(part, self._network.device) for part in zip(*mine, strict=True))
            for store, tensor in zip(self._sources.layers, batch, strict=True):
                used = min(size, tensor.shape[3])  # a batch may be padded beyond what these items need
                store[:, where, :, :used] = tensor[:, rows, :, :used]

    def _reserve(self, slots: int, new: Sequence[Item]) -> None:
        """Have room for `slots` slots, and for sources and sequences as long as those of all items."""
        size = self._pace.entries(max(len(item.ids) for item in (*self.items_in_use(), *new)))
        have = self._sources
        if slots > have.slots:
            slots = self._pace.capacity(max(slots, 2 * have.slots))
        slots = max(slots, have.slots)
        if slots > have.slots or not 3 * have.entries <= 4 * size <= 4 * have.entries:  # too short, or a third too long
            have.resize(slots, size)
            self._source_mask = _larger(self._source_mask, self._mask(slots, size))
        self._search.reserve(slots, max(item.settings.max_tokens for item in new) + 1)

    def _mask(self, *size: int) -> Tensor:
        return torch.full(size, self._network.never, dtype=self._network.precision.compute, device=self._network.device)

    def _move(self, source: int, target: int) -> None:
        self._sources.move(source, target)
        self._past.move(source, target)
        self._source_mask[target] = self._source_mask[source]
        self._search.move(source, target)
        self.items[target] = self.items[source]


def _index(numbers: Sequence[int], device: torch.device) -> slice | Tensor:
    """An index for `numbers`: a slice where they follow one another, which saves a copy."""
    if list(numbers) == list(range(numbers[0], numbers[0] + len(numbers))):
        return slice(numbers[0], numbers[0] + len(numbers))
    return on_device(numbers, device)


def _larger(tensor: Tensor, empty: Tensor) -> Tensor:
    """`empty` with as much of `tensor` in it as fits."""
    part = tuple(slice(min(sizes)) for sizes in zip(tensor.shape, empty.shape, strict=True))
    empty[part] = tensor[part]
    return empty


def encode(network: Network, items: Sequence[Item], pad: int) -> list[Encoded]:
    """Read the sources of `items` in one batch."""
    lengths = [len(item.ids) for item in items]
    size = round_up(max(lengths), 8)
    ids = on_device([[*item.ids, *[pad] * (size - len(item.ids))] for item in items], network.device)
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
