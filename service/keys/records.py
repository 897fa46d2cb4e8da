"""Keys and their use in the database. Functions that take a connection run inside `Store.run`."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, Row, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from models.glossary import Glossary
from service.callers import SCOPES, Scope
from service.store.database import Store
from service.store.tables import keys, usage


@dataclass(frozen=True, slots=True)
class Key:
    """A key without its secret. `rate` is in requests a minute, `quota` in characters a day, times since the epoch."""

    id: str
    name: str
    scopes: frozenset[Scope]
    rate: int | None
    quota: int | None
    glossary: bool  # whether it has one
    created: float
    expires: float | None
    revoked: float | None
    hash: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Use:
    """What was asked for with one key on one day."""

    requests: int = 0
    characters: int = 0

    def __add__(self, other: "Use") -> "Use":
        return Use(self.requests + other.requests, self.characters + other.characters)


Day = str
"""A day of the calendar in UTC, as 2026-01-31."""

_OWN = [column for column in keys.c if column is not keys.c.glossary]
_SHOWN = (*_OWN, keys.c.glossary.is_not(None).label("glossary"))


def add(connection: Connection, key: Key, glossary: str | None) -> None:
    """Store a new key, with the text of its glossary."""
    connection.execute(
        insert(keys).values(
            id=key.id,
            hash=key.hash,
            name=key.name,
            scopes=" ".join(sorted(key.scopes)),
            rate=key.rate,
            quota=key.quota,
            glossary=glossary,
            created=key.created,
            expires=key.expires,
        )
    )


def every(connection: Connection) -> list[Key]:
    """All keys there ever were, the oldest first."""
    return [_key(row) for row in connection.execute(select(*_SHOWN).order_by(keys.c.created))]


def valid(connection: Connection, now: float) -> list[Key]:
    """The keys that are neither revoked nor expired."""
    unexpired = or_(keys.c.expires.is_(None), keys.c.expires > now)
    return [_key(row) for row in connection.execute(select(*_SHOWN).where(keys.c.revoked.is_(None), unexpired))]


def revoke(connection: Connection, key_id: str, now: float) -> bool:
    """Make a key invalid from now on, if it is not already; False if there is none with this id."""
    connection.execute(update(keys).where(keys.c.id == key_id, keys.c.revoked.is_(None)).values(revoked=now))
    return connection.execute(select(keys.c.id).where(keys.c.id == key_id)).first() is not None


def count(connection: Connection, added: Mapping[tuple[str, Day], Use]) -> None:
    """Add to what was used; servers that add at the same time add up."""
    if not added:
        return
    known = set(connection.scalars(select(keys.c.id).where(keys.c.id.in_({key for key, _ in added}))))
    for (key, day), use in sorted(added.items()):  # in one order everywhere: two servers cannot wait for each other
        if key in known:
            connection.execute(_upsert(connection, key, day, use))


def used(connection: Connection, day: Day) -> dict[str, Use]:
    """What was used on a day, by the ids of keys."""
    rows = connection.execute(select(usage).where(usage.c.day == day))
    return {row.key: Use(row.requests, row.characters) for row in rows}


async def glossary_of(store: Store, key_id: str) -> Glossary | None:
    """The glossary of a key, or None if it has none. Raises `StoreUnavailable`."""
    text = await store.run(_glossary, key_id)
    return None if text is None else await asyncio.to_thread(Glossary.parse, text)


def _glossary(connection: Connection, key_id: str) -> str | None:
    return connection.scalar(select(keys.c.glossary).where(keys.c.id == key_id))


def _key(row: Row[tuple[object, ...]]) -> Key:
    found = row._asdict()
    named = found["scopes"].split()
    return Key(**found | {"scopes": frozenset(scope for scope in SCOPES if scope in named)})


def _upsert(connection: Connection, key: str, day: Day, use: Use) -> "sqlite.Insert | postgresql.Insert":
    insert_into = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    new = insert_into(usage).values(key=key, day=day, requests=use.requests, characters=use.characters)
    columns = ("requests", "characters")
    added = {name: usage.c[name] + new.excluded[name] for name in columns}
    return new.on_conflict_do_update(index_elements=["key", "day"], set_=added)
