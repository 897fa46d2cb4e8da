"""What is refused before any work is queued: too much text, more than can be answered soon, bodies that never end."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from models.batching.packing import Lane
from models.errors import InputTooLong, Overloaded
from service.settings import Settings

FULL = "The work ahead of this request would take too long; try again shortly."

_BATCH = 16
"""Articles that a model can have in work at one time without becoming slower by it."""
_WINDOW = 1.0  # seconds in which a rate is measured at least
_WEIGHT = 0.3  # of the newest measurement


@dataclass(frozen=True, slots=True)
class TextLimits:
    """The most that one article may have, in characters: of text, and of the HTML page that the text is taken from."""

    article_chars: int
    html_chars: int

    @classmethod
    def of(cls, settings: Settings) -> "TextLimits":
        return cls(settings.article_chars, settings.html_chars)

    def check_text(self, text: str) -> None:
        """Raises `InputTooLong`."""
        if len(text) > self.article_chars:
            raise InputTooLong(f"The article has {len(text)} characters; at most {self.article_chars} are accepted.")

    def check_html(self, html: str) -> None:
        """Raises `InputTooLong`."""
        if len(html) > self.html_chars:
            raise InputTooLong(f"The page has {len(html)} characters; at most {self.html_chars} are accepted.")


def check_count(count: int, limit: int) -> None:
    """Raises `InputTooLong` for a batch of more than `limit` articles."""
    if count > limit:
        raise InputTooLong(f"The request has {count} articles; at most {limit} are accepted in one.")


class Backlog:
    """The articles of one lane that are in work, and how long they will take at the rate of the last seconds.

    The rate is learned from what was answered while at least half of `least` articles were in work, so that a server which has
    little to do is not taken for a slow one. Until it is known, and below `least`, everything is let in. For the event loop only.
    """

    def __init__(self, seconds: float, least: int = _BATCH, clock: Callable[[], float] = time.monotonic) -> None:
        """`seconds` is how much work may be ahead of a newcomer, `clock` counts in seconds."""
        self._seconds = seconds
        self._least = least
        self._clock = clock
        self._articles = 0
        self._size = 0  # bytes of the articles in work
        self._rate: float | None = None  # bytes/s
        self._since = 0.0  # when the present measurement began,
        self._done = 0  # and the bytes answered since

    def full(self) -> bool:
        """Whether a newcomer would have to wait too long."""
        return self._articles >= self._least and self._rate is not None and self._size > self._seconds * self._rate

    @contextmanager
    def enter(self, articles: int, size: int) -> Iterator[Callable[[int], None]]:
        """Room for articles of `size` bytes together until the block ends; gives what is told the size of each answered one.

        Raises `Overloaded` when the lane is full.
        """
        if self.full():
            raise Overloaded(FULL)
        if not self._busy():
            self._measure_anew()
        self._articles += articles
        self._size += size
        left = size

        def answered(part: int) -> None:
            nonlocal left
            left -= part
            self._size -= part
            self._learn(part)

        try:
            yield answered
        finally:
            self._articles -= articles
            self._size -= left

    def _busy(self) -> bool:
        return self._articles >= self._least // 2

    def _measure_anew(self) -> None:
        self._since, self._done = self._clock(), 0

    def _learn(self, size: int) -> None:
        self._done += size
        seconds = self._clock() - self._since
        if not self._busy() or seconds < _WINDOW:
            return
        rate = self._done / seconds
        self._rate = rate if self._rate is None else self._rate + _WEIGHT * (rate - self._rate)
        self._measure_anew()


class Admission:
    """Counts requests in work, the bytes of their bodies, and the work in each lane; used on the event loop only."""

    def __init__(self, requests: int, pending_bytes: int, lanes: Mapping[Lane, Backlog]) -> None:
        self._requests = requests
        self._pending_bytes = pending_bytes
        self.lanes = lanes
        self.in_flight = 0
        self.bytes = 0

    @classmethod
    def of(cls, settings: Settings) -> "Admission":
        lanes: dict[Lane, Backlog] = {"interactive": Backlog(settings.wait), "bulk": Backlog(settings.bulk_wait)}
        return cls(settings.requests, settings.pending_bytes, lanes)

    def check(self) -> None:
        """Raises `Overloaded` when every lane is full: whatever a request asks for, it would be refused later."""
        if all(lane.full() for lane in self.lanes.values()):
            raise Overloaded(FULL)

    @contextmanager
    def enter(self) -> Iterator["Ticket"]:
        """A place for one request until the block ends. Raises `Overloaded` when there is none."""
        if self.in_flight >= self._requests:
            raise Overloaded(f"All {self._requests} places for requests are taken; try again shortly.")
        self.in_flight += 1
        ticket = Ticket(self)
        try:
            yield ticket
        finally:
            self.in_flight -= 1
            self.bytes -= ticket.held

    def hold(self, count: int) -> None:
        """Account for `count` more bytes of a body. Raises `Overloaded` when all bodies together are too many."""
        if self.bytes + count > self._pending_bytes:
            raise Overloaded("The requests in work are too large to take in another; try again shortly.")
        self.bytes += count


class Ticket:
    """One admitted request and what it holds."""

    def __init__(self, admission: Admission) -> None:
        self._admission = admission
        self.held = 0

    def hold(self, count: int) -> None:
        """Take `count` more bytes. Raises `Overloaded`."""
        self._admission.hold(count)
        self.held += count
