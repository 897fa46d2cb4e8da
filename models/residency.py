"""Which models are in memory: loaded when first asked for, the least recently used unloaded to stay under a budget."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


@dataclass
class _Resident(Generic[Value]):
    value: Value
    cost: int
    users: int = 0


class Residents(Generic[Key, Value]):
    """Values under a memory budget, each loaded once however many threads ask for it, none unloaded in use.

    `load` makes a value and may take long; threads that want another value do not wait for it. `cost` tells, before
    loading, how many bytes the value will take. `unload` is told of each value that leaves, before anyone can load it
    again; it must be quick and not ask for values itself. When everything in memory is in use, the budget is exceeded
    rather than anyone blocked: a brief holds its translator while it asks for a summarizer, and waiting there could
    never end. The excess goes as soon as something is idle.
    """

    def __init__(
        self,
        budget_bytes: int,
        load: Callable[[Key], Value],
        cost: Callable[[Key], int],
        unload: Callable[[Value], None] | None = None,
    ) -> None:
        self._budget = budget_bytes
        self._load = load
        self._cost = cost
        self._unload = unload
        self._lock = threading.Lock()
        self._loading: dict[Key, threading.Lock] = {}
        self._pending: dict[Key, int] = {}
        self._residents: OrderedDict[Key, _Resident[Value]] = OrderedDict()  # least recently used first
        self.loads = 0
        """How often a value was loaded: more than there are values means that they do not fit into memory together."""

    @contextmanager
    def use(self, key: Key) -> Iterator[Value]:
        """The value of `key`, loaded if need be, sure to stay until the block ends. Raises what `load` raises."""
        resident = self._acquire(key)
        try:
            yield resident.value
        finally:
            with self._lock:
                resident.users -= 1
                self._evict()

    def loaded(self) -> tuple[Key, ...]:
        """The keys in memory, least recently used first."""
        with self._lock:
            return tuple(self._residents)

    def costs(self) -> dict[Key, int]:
        """What each value in memory costs, in bytes, least recently used first."""
        with self._lock:
            return {key: resident.cost for key, resident in self._residents.items()}

    def bytes(self) -> int:
        """What the values in memory, and those being loaded, cost."""
        with self._lock:
            return self._total()

    def _acquire(self, key: Key) -> _Resident[Value]:
        with self._lock:
            if found := self._take(key):
                return found
            turn = self._loading.setdefault(key, threading.Lock())
        with turn:
            with self._lock:
                if found := self._take(key):  # another thread loaded it while this one waited its turn
                    return found
            return self._bring(key)

    def _take(self, key: Key) -> _Resident[Value] | None:
        found = self._residents.get(key)
        if found:
            found.users += 1
            self._residents.move_to_end(key)
        return found

    def _bring(self, key: Key) -> _Resident[Value]:
        """Make room first, then load: old and new are not in memory together. The caller holds the key's turn."""
        cost = self._cost(key)
        with self._lock:
            self._pending[key] = cost
            self._evict()
        try:
            resident = _Resident(self._load(key), cost, users=1)
            with self._lock:
                self._residents[key] = resident
                self.loads += 1
            return resident
        finally:
            with self._lock:
                del self._pending[key]

    def _total(self) -> int:
        return sum(r.cost for r in self._residents.values()) + sum(self._pending.values())

    def _evict(self) -> None:
        """Drop idle values, least recently used first, until the budget holds or none is idle. Needs the lock."""
        for key, resident in list(self._residents.items()):
            if self._total() <= self._budget:
                break
            if resident.users == 0:
                del self._residents[key]
                if self._unload:
                    self._unload(resident.value)
