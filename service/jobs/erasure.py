"""Jobs are erased: when their owner says so, and when they have expired. In steps, so that others get their turn."""

import time

from sqlalchemy import Connection, delete, select, update

from service.errors import JobUnknown
from service.schemas.jobs import ENDED
from service.store import tables
from service.store.database import Store

_STEP = 200

_jobs = tables.jobs.c


async def erase(store: Store, job: str) -> None:
    """Erase a marked job, its inputs, results and events. What is interrupted, the next sweep completes."""
    while await store.run(erase_some, job):
        pass


async def sweep(store: Store) -> None:
    """Erase the jobs that have expired."""
    for job in await store.run(mark_expired, time.time()):
        await erase(store, job)


def mark(connection: Connection, owner: str, job: str) -> list[str]:
    """The job is gone for everybody, its idempotency key is free, what it left in the cache is erased: the keys of that.

    Raises `JobUnknown`.
    """
    gone = connection.execute(
        update(tables.jobs)
        .where(_jobs.id == job, _jobs.owner == owner, _jobs.state != "deleted")
        .values(state="deleted", idempotency_key=None)
    )
    if gone.rowcount == 0:
        raise JobUnknown("There is no such job, or no longer, or it is not yours.")
    its_own = select(tables.cached_for.c.key).where(tables.cached_for.c.job == job)
    connection.execute(delete(tables.cache).where(tables.cache.c.key.in_(its_own)))
    return list(connection.execute(its_own).scalars())


def mark_expired(connection: Connection, now: float) -> list[str]:
    """Mark what has ended and expired; all that is marked, also by a server that died before it was erased."""
    connection.execute(
        update(tables.jobs)
        .where(_jobs.expires < now, _jobs.state.in_(ENDED))
        .values(state="deleted", idempotency_key=None)
    )
    return list(connection.execute(select(_jobs.id).where(_jobs.state == "deleted")).scalars())


def erase_some(connection: Connection, job: str) -> bool:
    """Erase a part of a marked job; False when nothing is left."""
    erased = 0
    for table, place in ((tables.articles, tables.articles.c.position), (tables.events, tables.events.c.number)):
        some = select(place).where(table.c.job == job).limit(_STEP)
        erased += connection.execute(delete(table).where(table.c.job == job, place.in_(some))).rowcount
    if not erased:
        connection.execute(delete(tables.jobs).where(_jobs.id == job))
    return erased > 0
