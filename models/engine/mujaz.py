"""Mujaz's own engine: continuous batching for encoder-decoder models, on CPUs; it is written for GPUs too, but not run on one.

A step reads the sources that have been admitted, and then writes one token of everything that is being decoded; what is over
leaves its slot, and what waits takes it, at every step. All rows share the matrix products; attention, whose cost depends on the
lengths, is computed for each pool (see `Pool`).

On a GPU the decoder step of a pool is a captured graph, and what is over leaves at every fourth step (see `graphs` and `pace`).
"""

from collections.abc import Sequence
from copy import copy

import torch

from models.engine.faults import fault, memory_errors
from models.engine.graphs import Capture, CudaCapture, Graphs
from models.engine.network import Network, Precision
from models.engine.pace import PACES, Pace
from models.engine.pool import Encoded, Pool, batches, encode
from models.engine.protocol import Finished, Item
from models.engine.rules import Rules
from models.engine.weights import Weights
from models.errors import MujazError

_MOST = 4096  # tokens of source read in one step, so that what is being decoded does not wait for long
_LEAST = 256  # fewer wait for more to come, since a batch of few takes as long as one of many,
_PATIENCE = 4  # but no longer than so many steps, and only while others are being decoded
_SMALLEST = 128  # the sizes of pools are powers of two from here: a smaller pool costs more calls than it saves padding


class MujazEngine:
    """Decodes one model's items on one device."""

    def __init__(
        self,
        weights: Weights,
        device: torch.device,
        dtype: torch.dtype,
        capacity: int,
        slots: int = 32,
        *,
        pace: Pace | None = None,
        capture: Capture | None = None,
    ) -> None:
        """`dtype`: what everything but int8 matrices is computed in. `capacity`: how many tokens fit at once, as `cost` counts
        them; `slots`: how many items are decoded at once (an item costs at least its share of the capacity). `pace` and
        `capture` (what captures graphs, if anything) are chosen by the device; whichever they are, the answers are the same."""
        if capture is None and device.type == "cuda":
            capture = CudaCapture(device)
        sums = torch.promote_types(dtype, torch.float32) if device.type == "cpu" else dtype
        self._network = Network(weights, device, Precision(dtype, sums))
        self._pace = pace or PACES[device.type]
        self._graphs = Graphs(self._network.step, capture) if capture else None
        self._search = weights.search
        self._rules = Rules(weights.search, weights.shape.vocabulary, weights.tensors.get("output.ids"), device)
        self._capacity, self._share = capacity, max(1, capacity // slots)
        self._waiting: list[Item] = []
        self._waited = 0  # for how many steps nothing of it has been read
        self._pools: dict[tuple[int, int], Pool] = {}
        self._steps = 0

    def twin(self) -> "MujazEngine":
        """A second engine: the same network, capacity and slots of its own."""
        twin = copy(self)
        twin._waiting, twin._waited, twin._pools = [], 0, {}
        return twin

    def cost(self, item: Item) -> int:
        """Source positions, and target positions over all beams: the keys and values kept for it."""
        return max(self._share, len(item.ids) + item.settings.beams * item.settings.max_tokens)

    def free(self) -> int:
        return self._capacity - sum(map(self.cost, self._admitted()))

    def capacity(self) -> int:
        return self._capacity

    def shrink(self) -> None:
        self._capacity = max(1, self._capacity // 2)
        self._forget()
        if self._network.device.type == "cuda":
            torch.cuda.empty_cache()

    def admit(self, items: Sequence[Item]) -> None:
        self._waiting.extend(items)

    @torch.inference_mode()
    def step(self) -> Sequence[Finished]:
        """Read what waits, and write one token of each item.

        Raises `torch.OutOfMemoryError` or `MemoryError` when the device's memory does not suffice.
        """
        with memory_errors():
            return [*self._read(), *self._write()]

    def cancel(self, item: Item) -> None:
        self._waiting = [waiting for waiting in self._waiting if waiting is not item]
        for pool in self._pools.values():
            pool.remove(item)

    def reset(self) -> None:
        self._waiting.clear()
        self._forget()

    def busy(self) -> bool:
        return bool(self._admitted())

    def _forget(self) -> None:
        self._pools.clear()
        if self._graphs:
            self._graphs.forget()

    def _admitted(self) -> list[Item]:
        return self._waiting + [item for pool in self._pools.values() for item in pool.items_in_use()]

    def _read(self) -> list[Finished]:
        """Encode what waits, as much as a step may, and put it into slots; return the items that cannot be decoded."""
        if not self._waiting or self._may_wait():
            return []
        faults = [Finished(item, error=fault) for item in self._waiting if (fault := self._fault(item))]
        faulty = {done.item for done in faults}
        sound = [item for item in self._waiting if item not in faulty]
        self._waiting, tokens = [], 0
        now: list[Item] = []
        for item in sound:
            tokens += len(item.ids)
            (self._waiting if now and tokens > _MOST else now).append(item)
        pools: dict[tuple[int, int], list[Encoded]] = {}
        for batch in batches(now, _MOST):
            for encoded in encode(self._network, batch, self._search.pad):
                pools.setdefault(_pool(encoded.item), []).append(encoded)
        for key, group in pools.items():
            if key not in self._pools:
                self._pools[key] = Pool(self._network, self._rules, key[0], self._pace)
            self._pools[key].add(group)
        return faults

    def _may_wait(self) -> bool:
        few = sum(len(item.ids) for item in self._waiting) < _LEAST
        decoding = any(pool.items_in_use() for pool in self._pools.values())
        self._waited = self._waited + 1 if few and decoding and self._waited < _PATIENCE else 0
        return self._waited > 0

    def _write(self) -> list[Finished]:
        """One decoder step of all pools."""
        for pool in self._pools.values():
            pool.compact()
        pools = [pool for pool in self._pools.values() if pool.items]
        if len(self._pools) > len(pools) > 0:  # an empty pool keeps its memory only until another is used
            self._pools = {key: pool for key, pool in self._pools.items() if pool.items}
        if not pools:
            return []
        self._steps += 1
        look = self._steps % self._pace.look == 0
        # Together they would have a graph for each combination of their shapes.
        groups = [[pool] for pool in pools] if self._graphs else [pools]
        return [done for group in groups for done in self._write_together(group, look)]

    def _write_together(self, pools: Sequence[Pool], look: bool) -> list[Finished]:
        """One decoder step of some pools, and what is over, which is found out at a `look` only."""
        step = self._graphs or self._network.step
        views = [pool.view() for pool in pools]
        last = [pool.last(view.slots) for pool, view in zip(pools, views, strict=True)]
        ids, positions = (torch.cat(part) for part in zip(*last, strict=True))
        logits = step(ids, positions, views)
        finished: list[Finished] = []
        for pool, part in zip(pools, torch.split(logits, [view.slots * view.beams for view in views]), strict=True):
            finished += [Finished(item, tuple(done)) for item, done in pool.advance(part, look)]
        return finished

    def _fault(self, item: Item) -> MujazError | None:
        return fault(item, self._network.shape.positions, self._network.source_vocabulary)


def _pool(item: Item) -> tuple[int, int]:
    """Which items share a pool: those of one beam width whose sources have lengths of one order."""
    return item.settings.beams, max(_SMALLEST, 1 << (len(item.ids) - 1).bit_length())
