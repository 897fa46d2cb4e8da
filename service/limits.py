"""What is refused before any work is queued: too much text, too many requests at one time, bodies that never end."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from models.errors import InputTooLong, Overloaded
from service.settings import Settings


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
    """Counts requests in work and the bytes of their bodies; used on the event loop only."""

    def __init__(self, requests: int, pending_bytes: int) -> None:
        self._requests = requests
        self._pending_bytes = pending_bytes
        self.in_flight = 0
        self.bytes = 0

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
