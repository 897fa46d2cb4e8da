"""A runner of `models.batching` on a fake engine, each turn of which is called by hand."""

import math
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future

from models.batching.packing import Lane
from models.batching.queue import Entry, Ids, Queue
from models.batching.runner import Runner, Tally
from models.engine.protocol import Finished, Item
from tests.support.fake_engine import FakeEngine

Script = Callable[[Sequence[Item]], Sequence[Finished]]


class Bench:
    """A runner on a fake engine, and the futures of what it was given."""

    def __init__(self, engine: FakeEngine) -> None:
        self.engine = engine
        self.tally = Tally()
        self.runner = Runner(engine, Queue(1000, 10_000), self.tally)

    def give(self, *items: Item, lane: Lane = "interactive", deadline: float = math.inf) -> list[Future[Ids]]:
        entries = [Entry(one, self.engine.cost(one), lane, time.monotonic(), deadline) for one in items]
        self.runner.queue.put(entries)
        return [entry.future for entry in entries]

    def turn(self) -> None:
        self.runner.drop()
        self.runner.advance()

    def finish(self) -> None:
        for _ in range(500):
            if not self.runner.working():
                return
            self.turn()
        raise AssertionError("the runner does not come to an end")


def outcome(future: Future[Ids]) -> object:
    assert future.done(), "an item was left without an answer"
    error = future.exception()
    return type(error) if error else future.result()


def raises(error: BaseException) -> Script:
    def step(_: Sequence[Item]) -> Sequence[Finished]:
        raise error

    return step


def poisoned_by(token: int, error: Callable[[], BaseException]) -> Callable[[Sequence[Item]], BaseException | None]:
    return lambda admitted: error() if any(token in one.ids for one in admitted) else None
