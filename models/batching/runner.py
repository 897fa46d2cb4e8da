"""What happens to one engine's items from queue to answer, also when the engine fails. No thread of its own."""

import logging
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import Context
from dataclasses import dataclass, field

import torch

from models.batching.packing import Lane
from models.batching.queue import Entry, Ids, Queue
from models.engine.protocol import Engine, Finished, Item
from models.errors import EngineFailed, MujazError

_log = logging.getLogger(__name__)

_OUT_OF_MEMORY = (MemoryError, torch.OutOfMemoryError)


@dataclass(slots=True)
class Effort:
    """What the steps of one lane came to, each a sum over them: their number, their seconds, the sequences that they had in work,
    and the share of the engine's room, from 0 to 1, that these took. So `fill / steps` is how full the average batch was."""

    steps: int = 0
    seconds: float = 0.0
    sequences: int = 0
    fill: float = 0.0

    def add(self, seconds: float, sequences: int, fill: float) -> None:
        """Count one step."""
        self.steps += 1
        self.seconds += seconds
        self.sequences += sequences
        self.fill += fill


@dataclass
class Tally:
    """What came of the items: target tokens handed out, answers that were errors, by the error's code, and the steps it took."""

    tokens: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    efforts: dict[Lane, Effort] = field(default_factory=lambda: {"interactive": Effort(), "bulk": Effort()})


class Runner:
    """One engine with its queue. Every entry is in one of three places, and whoever takes it from there answers it.

    They are the queue; `_flight`, what the engine decodes now; and `_suspects`, groups out of a batch that failed, each
    decoded with nothing else in the engine, so that halving them finds the culprit.
    """

    def __init__(self, engine: Engine, queue: Queue, tally: Tally) -> None:
        self.queue = queue
        self._engine = engine
        self._tally = tally
        self._flight: dict[Item, Entry] = {}
        self._suspects: list[list[Entry]] = []  # the last is next
        self._isolated = False  # whether `_flight` is a group of suspects

    def in_flight(self) -> int:
        """How many entries have left the queue unanswered."""
        return len(self._flight) + sum(len(group) for group in self._suspects)

    def working(self) -> bool:
        """Whether anything is unanswered."""
        return bool(self._flight or self._suspects or self.queue)

    def lane(self) -> Lane:
        """Interactive as soon as anything unanswered is."""
        entries = (*self._flight.values(), *(entry for group in self._suspects for entry in group))
        readers = self.queue.depth()["interactive"] or any(entry.lane == "interactive" for entry in entries)
        return "interactive" if readers else "bulk"

    def drop(self) -> None:
        """Answer, and take out of the engine, what was cancelled, is past its deadline, or fits no longer."""
        with self._surviving():
            self._drop()

    def advance(self) -> None:
        """Admit what fits, do one step, and answer what it finished; after a failure, prepare the next try."""
        with self._surviving():
            self._advance()

    def abandon(self, error: MujazError) -> None:
        """Answer everything with `error`."""
        entries = [*self._flight.values(), *(e for group in self._suspects for e in group), *self.queue.take_all()]
        self._flight.clear()
        self._suspects.clear()
        for entry in entries:
            self._answer(entry, error)

    @contextmanager
    def _surviving(self) -> Iterator[None]:
        """Failures of `admit` and `step` are dealt with in `_advance`; after any other the engine is past repair."""
        try:
            yield
        except BaseException as error:
            _log.error("An engine broke down: everything it had is answered with an error.", exc_info=error)
            self.abandon(_caused(EngineFailed("The model's engine broke down."), error))

    def _drop(self) -> None:
        now, capacity = time.monotonic(), self._engine.capacity()
        for entry, reason in self.queue.take_over(now, capacity):
            self._answer(entry, reason)
        for group in self._suspects:
            for entry in group.copy():
                if error := entry.over(now, capacity):
                    group.remove(entry)
                    self._answer(entry, error)
        for entry in list(self._flight.values()):
            if error := entry.over(now, capacity):
                del self._flight[entry.item]
                self._answer(entry, error)
                self._engine.cancel(entry.item)
        if not self._flight and self._engine.busy():
            self._engine.reset()  # all it holds was cancelled

    def _advance(self) -> None:
        batch = self._next_batch()
        self._flight.update((entry.item, entry) for entry in batch)
        if not self._flight:
            return
        try:
            if batch:
                self._engine.admit([entry.item for entry in batch])
            self._settle(self._step())
            if self._flight and not self._engine.busy():
                raise EngineFailed(f"The engine lost {len(self._flight)} items.")
        except BaseException as error:
            self._recover(error)

    def _step(self) -> Sequence[Finished]:
        lane, sequences, fill = self.lane(), len(self._flight), 1 - self._engine.free() / self._engine.capacity()
        started = time.perf_counter()
        finished = self._engine.step()
        self._tally.efforts[lane].add(time.perf_counter() - started, sequences, fill)
        return finished

    def _next_batch(self) -> list[Entry]:
        """What to admit now: suspects, a group at a time and alone; else what the queue gives."""
        if self._flight and self._isolated:
            return []
        free = self._engine.free() if self._flight else self._engine.capacity()
        self._isolated = bool(self._suspects)
        if not self._isolated:
            return self.queue.take(free)
        group = self._suspects.pop()
        while len(group) > 1 and sum(entry.cost for entry in group) > free:  # the engine has shrunk
            group = self._halve(group)
        return group

    def _settle(self, finished: Sequence[Finished]) -> None:
        for done in finished:
            outcome = done.error or tuple(done.ids)
            entry = self._flight.pop(done.item, None)
            if entry is None:
                _log.warning("An engine handed back an item that it does not have.")
            else:
                self._answer(entry, outcome)

    def _recover(self, error: BaseException) -> None:
        """After a failed step: reset, and halve what was in flight; an item that failed alone is the culprit."""
        for failure in (error, error.__context__):  # the frames hold the step's tensors; the next try needs their room
            traceback.clear_frames(failure.__traceback__ if failure else None)
        group = list(self._flight.values())
        self._flight.clear()
        self._suspects.append(group)
        alone = group[0].context.run if len(group) == 1 else Context().run  # the request's, where it is one request's
        alone(_log.warning, "A batch of %d failed.", len(group), exc_info=error)
        self._engine.reset()
        out_of_memory = isinstance(error, _OUT_OF_MEMORY)
        shrunk = out_of_memory and self._shrink(max((entry.cost for entry in group), default=0))
        self._suspects.pop()
        if len(group) > 1:
            self._suspects.append(self._halve(group))
        elif group and shrunk:
            self._suspects.append(group)
        elif group:
            reason = "The model could not process this item."
            if out_of_memory:
                limit = self._engine.capacity()
                reason = f"This item alone needs more memory than the device has free (its limit is {limit} tokens)."
            self._answer(group[0], _caused(EngineFailed(reason), error))

    def _halve(self, group: list[Entry]) -> list[Entry]:
        """The first half; the second is left for later."""
        middle = len(group) // 2
        self._suspects.append(group[middle:])
        return group[:middle]

    def _shrink(self, need: int) -> bool:
        """Halve the engine's capacity, but never below `need`: one hopeless item must not ruin it for its like."""
        before = self._engine.capacity()
        if before // 2 < need:
            return False
        self._engine.shrink()
        return self._engine.capacity() < before

    def _answer(self, entry: Entry, outcome: Ids | MujazError) -> None:
        if not entry.answer(outcome):
            return
        if isinstance(outcome, tuple):
            self._tally.tokens += len(outcome)
        else:
            self._tally.failures[outcome.code] += 1


def _caused(error: MujazError, cause: BaseException) -> MujazError:
    error.__cause__ = cause
    return error
