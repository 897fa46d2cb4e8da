"""What happens to a job, as server-sent events: read from the database, so that any server tells all of it, in order."""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, select

from service.jobs.ledger import END
from service.store import tables
from service.store.database import Store

_PAGE = 500
_POLL = 1.0  # seconds after which events of another server are looked for
_PING = 15.0  # seconds of silence after which a comment is sent: proxies close connections that say nothing


class Bell:
    """Wakes those who wait for a job to change, on this server; used on the event loop only."""

    def __init__(self) -> None:
        self._listeners: dict[str, set[asyncio.Event]] = defaultdict(set)

    @contextmanager
    def listen(self, job: str) -> Iterator[asyncio.Event]:
        """An event that is set whenever the job changes."""
        mine = asyncio.Event()
        self._listeners[job].add(mine)
        try:
            yield mine
        finally:
            self._listeners[job].discard(mine)
            if not self._listeners[job]:
                del self._listeners[job]

    def ring(self, job: str) -> None:
        """The job has changed."""
        for listener in self._listeners.get(job, ()):
            listener.set()

    def ring_all(self) -> None:
        """Wake everybody."""
        for job in list(self._listeners):
            self.ring(job)


@dataclass(frozen=True, slots=True)
class Event:
    """`data` is JSON."""

    number: int
    kind: str
    data: str

    def sse(self) -> str:
        """As it is sent (WHATWG HTML, 9.2)."""
        return f"id: {self.number}\nevent: {self.kind}\ndata: {self.data}\n\n"


def after(connection: Connection, job: str, number: int) -> list[Event]:
    """The events that follow event `number`, in order; a page of them."""
    columns = tables.events.c
    rows = connection.execute(
        select(columns.number, columns.kind, columns.data)
        .where(columns.job == job, columns.number > number)
        .order_by(columns.number)
        .limit(_PAGE)
    )
    return [Event(*row) for row in rows]


def last(connection: Connection, job: str) -> int | None:
    """The number of the job's last event so far, or None if there is no such job."""
    state = tables.jobs.c.state
    return connection.execute(
        select(tables.jobs.c.events).where(tables.jobs.c.id == job, state != "deleted")
    ).scalar_one_or_none()


async def stream(store: Store, bell: Bell, closing: asyncio.Event, job: str, number: int) -> AsyncGenerator[str, None]:
    """The events after `number`, until the job has ended, is deleted, or `closing` is set; comments in between."""
    said = time.monotonic()
    with bell.listen(job) as rung:
        while not closing.is_set():
            rung.clear()
            page = await store.run(after, job, number)
            for event in page:
                yield event.sse()
                said, number = time.monotonic(), event.number
                if event.kind == END:
                    return
            if page:
                continue
            if await store.run(last, job) is None:
                return
            if time.monotonic() - said >= _PING:
                yield ": still here\n\n"
                said = time.monotonic()
            await _either(rung, _PING if store.is_file else _POLL)


async def _either(rung: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await rung.wait()
    except TimeoutError:
        pass
