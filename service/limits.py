"""What is refused before any work is queued: too much text, more than can be answered soon, bodies that never end."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from models import device
from models.batching.packing import Lane
from models.errors import InputTooLong, Overloaded
from service.backlog import FULL, Backlog
from service.settings import Settings

READING = ("/v1/detect", "/detect")
"""Addresses for which texts are read only: no model works."""

_READERS = 16  # texts that are read at one time: more would only share the threads
_AT_ONCE = {"cpu": 16, "cuda": 64}
"""Articles worked on at one time. The figures of `tests/load`, on a CPU, are made with 16. A GPU does many in the time of one: an
engine has 32 slots, and what leaves one model goes on in the other, so that 64 keep both full. Counted so, not measured."""


def at_once(number: int | None, settings: Settings) -> int:
    """How many articles are worked on at one time, where `number` is set, or what suits the device."""
    if number is not None:
        return number
    try:
        return _AT_ONCE[device.choose(settings.device).type]
    except ValueError:  # there is no such device, which the start of the models tells
        return _AT_ONCE["cpu"]


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


class Admission:
    """Counts requests in work, the bytes of their bodies, and the work in each lane; used on the event loop only."""

    def __init__(self, requests: int, pending_bytes: int, lanes: Mapping[Lane, Backlog], reading: Backlog) -> None:
        """`lanes` is the work of the models; `reading` what texts are read for, in whichever lane they come."""
        self._requests = requests
        self._pending_bytes = pending_bytes
        self._lanes = lanes
        self._reading: Mapping[Lane, Backlog] = dict.fromkeys(lanes, reading)
        self.in_flight = 0
        self.bytes = 0

    @classmethod
    def of(cls, settings: Settings) -> "Admission":
        count = at_once(settings.at_once, settings)
        lanes: dict[Lane, Backlog] = {
            "interactive": Backlog(settings.wait, count),
            "bulk": Backlog(settings.bulk_wait, count),
        }
        return cls(settings.requests, settings.pending_bytes, lanes, Backlog(settings.wait, _READERS))

    def backlogs(self, path: str) -> Mapping[Lane, Backlog]:
        """The work that a request for `path` would have ahead of it, in each lane."""
        return self._reading if path in READING else self._lanes

    def check(self, path: str) -> None:
        """Raises `Overloaded` when whatever a request for `path` asked for, it would be refused."""
        self._check_places()
        if all(backlog.full() for backlog in self.backlogs(path).values()):
            raise Overloaded(FULL)

    @contextmanager
    def receive(self) -> Iterator["Ticket"]:
        """What accounts for one request's body until the block ends."""
        ticket = Ticket(self)
        try:
            yield ticket
        finally:
            self.bytes -= ticket.held

    @contextmanager
    def enter(self) -> Iterator[None]:
        """A place for one request until the block ends. Raises `Overloaded` when there is none."""
        self._check_places()
        self.in_flight += 1
        try:
            yield
        finally:
            self.in_flight -= 1

    def _check_places(self) -> None:
        if self.in_flight >= self._requests:
            raise Overloaded(f"All {self._requests} places for requests are taken; try again shortly.")

    def hold(self, count: int) -> None:
        """Account for `count` more bytes of a body. Raises `Overloaded` when all bodies together are too many."""
        if self.bytes + count > self._pending_bytes:
            raise Overloaded("The requests in work are too large to take in another; try again shortly.")
        self.bytes += count


class Ticket:
    """One request's body, and how many bytes of it are held."""

    def __init__(self, admission: Admission) -> None:
        self._admission = admission
        self.held = 0

    def hold(self, count: int) -> None:
        """Take `count` more bytes. Raises `Overloaded`."""
        self._admission.hold(count)
        self.held += count
