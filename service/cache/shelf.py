"""The entries of the cache in the database, bounded in bytes and in time.

What is kept is written a little later, all at once, so that no answer waits for a disk; a crash loses what was not written yet,
which is then computed again.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from service.errors import StoreUnavailable
from service.store.database import Store
from service.store.tables import cache

logger = logging.getLogger(__name__)

_PAUSE = 0.5  # seconds between writes
_CHUNK = 500  # keys in one statement
_LARGEST = 20  # an entry takes at most this part of the whole
_LEFT = 0.9  # of the bound, after the least recently used went


@dataclass(frozen=True, slots=True)
class Entry:
    """A value and what kind of thing it is: "sentence" or "brief"."""

    kind: str
    value: str

    @property
    def size(self) -> int:
        return len(self.value.encode())


class Shelf:
    """At most `most` bytes of values, each for at most `seconds`."""

    def __init__(self, store: Store, most: int, seconds: float) -> None:
        self._store = store
        self._most = most
        self._seconds = seconds
        self._fresh: dict[str, Entry] = {}  # not written yet
        self._touched: set[str] = set()
        self._untold = 0  # bytes written since the whole was last measured

    async def find(self, keys: Sequence[str]) -> dict[str, str]:
        """The values that there are of `keys`. A failing database is as good as an empty one."""
        found = {key: entry.value for key in keys if (entry := self._fresh.get(key))}
        left = [key for key in keys if key not in found]
        if not left:
            return found
        try:
            stored = await self._store.run(_find, left, time.time())
        except StoreUnavailable:
            return found
        self._touched.update(stored)
        return found | stored

    def keep(self, entries: Mapping[str, Entry]) -> None:
        """Write `entries` soon."""
        self._fresh.update({key: entry for key, entry in entries.items() if entry.size <= self._most // _LARGEST})

    def drop(self, keys: Iterable[str]) -> None:
        """Do not write these: they are erased, or are about to be."""
        for key in keys:
            self._fresh.pop(key, None)

    async def forget(self, keys: Iterable[str]) -> None:
        """Erase entries. Raises `StoreUnavailable`."""
        gone = list(keys)
        self.drop(gone)
        await self._store.run(_forget, gone)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[None]:
        """In this block what is new is written soon, and at its end what is left."""
        running = asyncio.create_task(self._run())
        try:
            yield
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await self.write()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(_PAUSE)
            await self.write()

    async def write(self) -> None:
        """Write what is new, note what was used, and make room."""
        fresh, touched = self._fresh, self._touched
        self._touched = set()
        if not fresh and not touched:
            return
        self._untold += sum(entry.size for entry in fresh.values())
        crowded = self._untold >= self._most // _LARGEST
        try:
            await self._store.run(
                _write, dict(fresh), touched, time.time(), self._seconds, self._most if crowded else None
            )
        except StoreUnavailable:
            logger.warning("the cache could not be written")
        if crowded:
            self._untold = 0
        written = dict(fresh)
        self._fresh = {key: entry for key, entry in self._fresh.items() if written.get(key) is not entry}


async def sweep(store: Store) -> None:
    """Erase what has expired, in steps, so that others get their turn; also where the cache is off by now."""
    while await store.run(_forget_expired, time.time()):
        pass


def _find(connection: Connection, keys: Sequence[str], now: float) -> dict[str, str]:
    found: dict[str, str] = {}
    for chunk in _chunks(keys):
        rows = connection.execute(
            select(cache.c.key, cache.c.value).where(cache.c.key.in_(chunk), cache.c.expires > now)
        )
        found.update((key, value) for key, value in rows)
    return found


def _forget(connection: Connection, keys: Sequence[str]) -> None:
    for chunk in _chunks(keys):
        connection.execute(delete(cache).where(cache.c.key.in_(chunk)))


def _forget_expired(connection: Connection, now: float) -> bool:
    some = select(cache.c.key).where(cache.c.expires < now).limit(_CHUNK)
    return connection.execute(delete(cache).where(cache.c.key.in_(some))).rowcount > 0


def _write(
    connection: Connection,
    fresh: Mapping[str, Entry],
    touched: Iterable[str],
    now: float,
    seconds: float,
    most: int | None,
) -> None:
    rows = [
        {
            "key": key,
            "kind": entry.kind,
            "value": entry.value,
            "size": entry.size,
            "used": now,
            "expires": now + seconds,
        }
        for key, entry in fresh.items()
    ]
    insert = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert
    if rows:
        connection.execute(insert(cache).on_conflict_do_nothing(), rows)
    for chunk in _chunks(sorted(touched)):
        connection.execute(update(cache).where(cache.c.key.in_(chunk)).values(used=now))
    if most is not None:
        connection.execute(delete(cache).where(cache.c.expires <= now))
        _make_room(connection, most)


def _make_room(connection: Connection, most: int) -> None:
    """Delete the least recently used until there is some air."""
    whole = connection.execute(select(func.coalesce(func.sum(cache.c.size), 0))).scalar_one()
    if whole <= most:
        return
    gone: list[str] = []
    for key, size in connection.execute(select(cache.c.key, cache.c.size).order_by(cache.c.used, cache.c.key)):
        if whole <= _LEFT * most:
            break
        gone.append(key)
        whole -= size
    _forget(connection, gone)


def _chunks(keys: Sequence[str]) -> Iterable[Sequence[str]]:
    return (keys[start : start + _CHUNK] for start in range(0, len(keys), _CHUNK))
