"""An engine without a model: it answers each item's ids reversed, and fails as it is told."""

import threading
from collections import deque
from collections.abc import Callable, Sequence

from models.engine.protocol import Finished, Generation, Item


def item(*ids: int) -> Item:
    """An item with these source ids; a `FakeEngine` answers them reversed."""
    return Item(ids, Generation())


class FakeEngine:
    """Costs are source tokens. An item is done after `steps` steps; one step is one call, as in a stepwise engine."""

    def __init__(self, capacity: int = 100, steps: int = 1) -> None:
        self.admissions: list[list[tuple[int, ...]]] = []
        """The ids of what came in, call by call."""
        self.fail: Callable[[Sequence[Item]], BaseException | None] = lambda admitted: None
        """Called with what is admitted at every step: an exception to raise, or None."""
        self.script: deque[Callable[[Sequence[Item]], Sequence[Finished]]] = deque()
        """Each replaces one step: called with what is admitted, it returns what the step returns, or raises."""
        self.open = threading.Event()
        """While it is not set, a step does not return."""
        self.open.set()
        self.stepping = threading.Event()
        """Set when a step has begun."""
        self._capacity = capacity
        self._steps = steps
        self._left: dict[Item, int] = {}
        self._cancelled: set[Item] = set()

    @property
    def admitted(self) -> list[Item]:
        return [item for item in self._left if item not in self._cancelled]

    def cost(self, item: Item) -> int:
        return len(item.ids)

    def free(self) -> int:
        return self._capacity - sum(map(self.cost, self._left))

    def capacity(self) -> int:
        return self._capacity

    def shrink(self) -> None:
        self._capacity //= 2

    def admit(self, items: Sequence[Item]) -> None:
        self.admissions.append([item.ids for item in items])
        assert sum(map(self.cost, items)) <= self.free(), "more was admitted than is free"
        self._left.update((item, self._steps) for item in items)

    def step(self) -> Sequence[Finished]:
        self._left = {item: left for item, left in self._left.items() if item not in self._cancelled}
        self._cancelled.clear()
        self.stepping.set()
        assert self.open.wait(timeout=10), "a test forgot to open the engine"
        if failure := self.fail(self.admitted):
            raise failure
        if self.script:
            return self._forget(self.script.popleft()(self.admitted))
        for admitted in self._left:
            self._left[admitted] -= 1
        return self._forget([Finished(done, done.ids[::-1]) for done, left in self._left.items() if left == 0])

    def cancel(self, item: Item) -> None:
        self._cancelled.add(item)  # its place is free from the next step on, as the contract has it

    def reset(self) -> None:
        self._left.clear()
        self._cancelled.clear()

    def busy(self) -> bool:
        return bool(self._left)

    def _forget(self, finished: Sequence[Finished]) -> Sequence[Finished]:
        for done in finished:
            self._left.pop(done.item, None)
        return finished
