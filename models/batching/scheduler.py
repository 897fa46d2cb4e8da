"""The way into the engines: requests from any thread, steps on one compute thread, an answer for everyone."""

import math
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from contextvars import copy_context
from dataclasses import dataclass, replace
from types import TracebackType

from models.batching.packing import Lane
from models.batching.queue import Entry, Ids, Queue
from models.batching.runner import Effort, Runner, Tally
from models.batching.turns import Turns
from models.engine.protocol import Engine, Item
from models.errors import Cancelled, InputTooLong, Overloaded


@dataclass(frozen=True, slots=True)
class Stats:
    """The state of a scheduler at one moment; `tokens`, `failures` (by error code) and `efforts` count from its start."""

    waiting: Mapping[Lane, int]
    oldest_seconds: Mapping[Lane, float]
    in_flight: int
    tokens: int
    failures: Mapping[str, int]
    efforts: Mapping[Lane, Effort]


class Scheduler:
    """One per device: its compute thread steps, in turn, every engine that has work, and sleeps when none has.

    Engines with interactive work go before those that have only bulk work, which keep their share of the time (`Turns`). So
    where each lane has an engine of its own, as the two of a `Model`, a reader's steps are not slowed by bulk's rows.
    Everything submitted is answered: with the target ids, or with its own `MujazError`. Deadlines and cancellations
    take effect between two steps. An idle engine is forgotten, so nothing here keeps its model in memory.
    """

    def __init__(self, *, max_items: int, max_tokens: int) -> None:
        """Limits on what may wait per engine: how many items, and the sum of their costs in tokens."""
        self._max_items = max_items
        self._max_tokens = max_tokens
        self._tally = Tally()
        self._changed = threading.Condition()
        self._runners: dict[int, Runner] = {}  # by the engine's id; the first of a lane has the lane's next turn
        self._turns = Turns()
        self._closed = False
        self._discard = False
        self._thread = threading.Thread(target=self._loop, name="compute", daemon=True)
        self._thread.start()

    def submit(
        self, engine: Engine, items: Sequence[Item], *, lane: Lane = "interactive", deadline: float | None = None
    ) -> list[Future[Ids]]:
        """Queue all of `items`, or none. `deadline` is in seconds of `time.monotonic`.

        The futures, in the order of `items`, give target ids, or raise `DeadlineExceeded`, `Cancelled` (closed),
        `EngineFailed` or the item's own error. Each may be cancelled until it is done, also while it is being decoded.
        Raises `InputTooLong` for an item that can never fit, `Overloaded` when the queue is full or this is closed.
        """
        now, capacity, context = time.monotonic(), engine.capacity(), copy_context()
        entries = [
            # A copy each: engines tell items apart by identity, and a caller may submit one twice.
            Entry(
                replace(item), engine.cost(item), lane, now, math.inf if deadline is None else deadline, context=context
            )
            for item in items
        ]
        if (dearest := max((entry.cost for entry in entries), default=0)) > capacity:
            raise InputTooLong(f"One item needs {dearest} tokens of memory; {capacity} fit on the device.")
        with self._changed:
            if self._closed:
                raise Overloaded("The service is shutting down.")
            runner = self._runners.get(id(engine))
            if runner is None:
                runner = Runner(engine, Queue(self._max_items, self._max_tokens), self._tally)
            runner.queue.put(entries)
            self._runners[id(engine)] = runner
            self._changed.notify()
        return [entry.future for entry in entries]

    def close(self, drain: bool = True) -> None:
        """Refuse what comes, and return when all that was accepted is answered.

        With `drain` it is decoded first; without, it is answered with `Cancelled` after the step that is running.
        """
        with self._changed:
            self._closed = True
            self._discard |= not drain
            self._changed.notify()
        self._thread.join()

    def stats(self) -> Stats:
        """Figures for the metrics; cheap."""
        now = time.monotonic()
        with self._changed:
            runners = list(self._runners.values())
            depths = [runner.queue.depth() for runner in runners]
            waited = [runner.queue.waited(now) for runner in runners]
            lanes: tuple[Lane, ...] = ("interactive", "bulk")
            return Stats(
                waiting={lane: sum(depth[lane] for depth in depths) for lane in lanes},
                oldest_seconds={lane: max((times[lane] for times in waited), default=0.0) for lane in lanes},
                in_flight=sum(runner.in_flight() for runner in runners),
                tokens=self._tally.tokens,
                failures=dict(self._tally.failures),
                efforts={lane: replace(effort) for lane, effort in self._tally.efforts.items()},
            )

    def __enter__(self) -> "Scheduler":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(drain=error is None)

    def _loop(self) -> None:
        try:
            while self._turn():
                pass
        finally:  # closed; or a mistake of our own, and then too nobody may be left waiting
            with self._changed:
                self._closed = True
                runners = list(self._runners.values())
                self._runners.clear()
            for runner in runners:
                runner.abandon(Cancelled("The service stopped before this was processed."))

    def _turn(self) -> bool:
        """Answer what is over in every engine and give the next one its step; False when all is done."""
        runners = self._working()  # in this frame only: the thread holds no engine while it sleeps
        for runner in runners.values():
            runner.drop()
        if runners:
            lanes = {key: runner.lane() for key, runner in runners.items()}
            lane = self._turns.next(set(lanes.values()))
            chosen = next(key for key in runners if lanes[key] == lane)
            started = time.perf_counter()
            runners[chosen].advance()
            self._turns.took(lane, time.perf_counter() - started)
            self._put_last(chosen)
        return bool(runners)

    def _put_last(self, key: int) -> None:
        """The engine has had its turn."""
        with self._changed:
            self._runners[key] = self._runners.pop(key)

    def _working(self) -> dict[int, Runner]:
        """Wait for work; the engines that have some, the next in turn first. Empty when there is none to wait for."""
        with self._changed:
            while not self._discard:
                self._runners = {key: runner for key, runner in self._runners.items() if runner.working()}
                if self._runners:
                    return dict(self._runners)
                if self._closed:
                    break
                self._changed.wait()
            return {}
