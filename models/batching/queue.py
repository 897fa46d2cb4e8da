"""The bounded queue before one engine: all of a group is queued, or nothing is."""

import logging
import math
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from contextvars import Context
from dataclasses import dataclass, field
from functools import partial
from itertools import islice

from models.batching.packing import Lane, pack
from models.engine.protocol import Item
from models.errors import Cancelled, DeadlineExceeded, EngineFailed, InputTooLong, MujazError, Overloaded

Ids = tuple[int, ...]

_WINDOW = 256  # of a lane, the oldest: what packing chooses from, however many wait

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """An item on its way, with the future that its requester holds. Times are seconds of `time.monotonic`.

    `context` is the requester's, so that what is logged about this entry alone can name its request.
    """

    item: Item
    cost: int
    lane: Lane
    submitted: float
    deadline: float = math.inf
    future: Future[Ids] = field(default_factory=Future)
    context: Context = field(default_factory=Context)

    @property
    def length(self) -> int:
        """Source tokens."""
        return len(self.item.ids)

    def over(self, now: float, capacity: int) -> MujazError | None:
        """Why this need not or cannot be decoded any more, or None. The engine's `capacity` may have shrunk."""
        if self.future.cancelled():
            return Cancelled("The requester gave up.")
        if self.deadline <= now:
            return DeadlineExceeded("The deadline passed before the answer was ready.")
        if self.cost > capacity:
            return EngineFailed(f"This item needs {self.cost} tokens of memory; {capacity} fit on the device now.")
        return None

    def answer(self, outcome: Ids | MujazError) -> bool:
        """Resolve the future, once and by the entry's present owner only; False if its requester had given up.

        The future stays cancellable until this moment, so a requester can also give up what is being decoded.
        """
        try:
            if not self.future.set_running_or_notify_cancel():
                return False
            if isinstance(outcome, tuple):
                self.future.set_result(outcome)
            else:
                self.future.set_exception(outcome)
        except BaseException:  # a requester's callback runs in here: it must not harm the others
            _log.exception("A callback of a requester failed.")
        return True


class Queue:
    """Entries that wait, in two lanes. Safe to use from any thread; each entry leaves it through exactly one door."""

    def __init__(self, max_items: int, max_tokens: int) -> None:
        """Limits on what may wait: the number of items and the sum of their costs."""
        self._max_items = max_items
        self._max_tokens = max_tokens
        self._lock = threading.Lock()
        self._lanes: dict[Lane, dict[Entry, None]] = {"interactive": {}, "bulk": {}}  # oldest first
        self._tokens = 0
        self._credit = 0
        self._earliest = math.inf  # no deadline is before this one,
        self._dearest = 0  # and no cost above this one

    def __len__(self) -> int:
        return sum(map(len, self._lanes.values()))

    def put(self, entries: Sequence[Entry]) -> None:
        """Queue all of `entries`.

        Raises, before anything is queued, `Overloaded` when there is no room now, `InputTooLong` when there never is.
        """
        tokens = sum(entry.cost for entry in entries)
        if len(entries) > self._max_items or tokens > self._max_tokens:
            raise InputTooLong(
                f"This request makes {len(entries)} items of {tokens} tokens together; "
                f"at most {self._max_items} items and {self._max_tokens} tokens may wait: send it in parts."
            )
        with self._lock:
            if len(self) + len(entries) > self._max_items or self._tokens + tokens > self._max_tokens:
                raise Overloaded(f"The queue is full ({len(self)} items are waiting): try again later.")
            for entry in entries:
                self._lanes[entry.lane][entry] = None
                self._bound(entry)
            self._tokens += tokens
        for entry in entries:
            entry.future.add_done_callback(partial(self._give_up, entry))

    def take(self, free: int) -> list[Entry]:
        """Remove and return the entries to admit next into `free` tokens."""
        with self._lock:
            interactive, bulk = (list(islice(self._lanes[lane], _WINDOW)) for lane in ("interactive", "bulk"))
            batch, self._credit = pack(interactive, bulk, free, self._credit)
            return [entry for entry in batch if self._remove(entry)]

    def take_over(self, now: float, capacity: int) -> list[tuple[Entry, MujazError]]:
        """Remove and return the entries that are over, each with the reason (cancelled ones leave by themselves)."""
        with self._lock:
            if now < self._earliest and self._dearest <= capacity:
                return []  # asked before every step: it must not look at all that waits
            due = [e for lane in self._lanes.values() for e in lane if e.deadline <= now or e.cost > capacity]
            over = [(entry, why) for entry in due if (why := entry.over(now, capacity)) and self._remove(entry)]
            self._earliest, self._dearest = math.inf, 0
            for lane in self._lanes.values():
                for entry in lane:
                    self._bound(entry)
            return over

    def take_all(self) -> list[Entry]:
        """Remove and return everything."""
        with self._lock:
            return [entry for lane in self._lanes.values() for entry in list(lane) if self._remove(entry)]

    def depth(self) -> dict[Lane, int]:
        """How many wait in each lane."""
        return {lane: len(entries) for lane, entries in self._lanes.items()}

    def waited(self, now: float) -> dict[Lane, float]:
        """For how many seconds the oldest of each lane has waited; 0 for an empty lane."""
        with self._lock:
            return {lane: now - next((e.submitted for e in entries), now) for lane, entries in self._lanes.items()}

    def _bound(self, entry: Entry) -> None:
        """Keep in mind what could make it over. Needs the lock."""
        self._earliest = min(self._earliest, entry.deadline)
        self._dearest = max(self._dearest, entry.cost)

    def _remove(self, entry: Entry) -> bool:
        """Whether the entry was here; whoever removed it must answer it. Needs the lock."""
        if entry not in self._lanes[entry.lane]:
            return False
        del self._lanes[entry.lane][entry]
        self._tokens -= entry.cost
        return True

    def _give_up(self, entry: Entry, _: Future[Ids]) -> None:
        """Called when the future is done; if the entry still waits, its requester cancelled it."""
        with self._lock:
            removed = self._remove(entry)
        if removed:
            entry.future.set_running_or_notify_cancel()  # tells `concurrent.futures.wait`
