"""Servers that live and servers that died, and what becomes of the articles that a dead one had in flight.

Such an article may be what killed it. It becomes suspect and is computed with nothing beside it (`queue.claim`). Only a death
then counts against it, and after `LONE_DEATHS` of them it is set aside with an error. Servers are killed for other reasons too,
so two things keep an innocent article from being hit by chance so often: after each such death it waits, longer each time, and
whenever a server dies meanwhile that was not computing a suspect, what was counted is forgotten. A killer is never excused
for long: each article can take down a server in company once, and afterwards is alone.
"""

import json
import time

from sqlalchemy import Connection, delete, insert, select, text, tuple_, update

from service.errors import PoisonArticle, failed
from service.jobs.ledger import Ledger
from service.store import tables

LONE_DEATHS = 3
_LONGER = 4  # times as long it waits after the next
PATIENCE = 30.0
"""Seconds that an article waits after the first death that counts against it."""

_POISON = (
    f"This article was set aside: the server ended {LONE_DEATHS} times while it computed nothing else of any job. "
    "Send it alone to a server that can be spared, to see why."
)
_articles = tables.articles.c


def beat(connection: Connection, server: str) -> None:
    """`server` lives."""
    seen = clock(connection)
    told = connection.execute(update(tables.servers).where(tables.servers.c.id == server).values(seen=seen))
    if told.rowcount == 0:
        connection.execute(insert(tables.servers), {"id": server, "seen": seen})


def leave(connection: Connection, server: str) -> None:
    """`server` ends in order, and has nothing in flight any more."""
    connection.execute(delete(tables.servers).where(tables.servers.c.id == server))


def bury(connection: Connection, now: float, seen_before: float, patience: float) -> list[str]:
    """Take what servers not seen since `seen_before` (by `clock`) had in flight from them. The jobs that it changed.

    `patience` is how many seconds an article waits after the first death that counts against it.
    """
    servers = tables.servers.c
    dead = connection.execute(delete(tables.servers).where(servers.seen < seen_before).returning(servers.id)).scalars()
    changed: set[str] = set()
    for server in sorted(dead):
        changed |= _bury(connection, server, now, patience)
    return sorted(changed)


def clock(connection: Connection) -> float:
    """The time by which servers that share a database judge each other: the database's."""
    if connection.dialect.name == "postgresql":
        return float(connection.execute(text("SELECT extract(epoch FROM clock_timestamp())")).scalar_one())
    return time.time()


def _bury(connection: Connection, server: str, now: float, patience: float) -> set[str]:
    mine = (_articles.state == "running", _articles.server == server)
    jobs = connection.execute(select(_articles.job).where(*mine).distinct()).scalars()
    ledgers = {job: ledger for job in sorted(jobs) if (ledger := Ledger.lock(connection, job))}
    lost = connection.execute(
        select(_articles.job, _articles.position, _articles.name, _articles.tries).where(*mine).with_for_update()
    ).all()
    for job, position, name, tries in lost:
        if (ledger := ledgers.get(job)) is None:
            continue  # the job is being erased
        row = update(tables.articles).where(_articles.job == job, _articles.position == position)
        if tries > LONE_DEATHS:
            result = failed(json.loads(name), PoisonArticle(_POISON)).model_dump_json()
            connection.execute(row.values(state="failed", result=result, number=ledger.next, input=None, server=None))
            ledger.begin()
            ledger.count(position, name, PoisonArticle.code)
        else:
            due = now + patience * _LONGER ** (tries - 2) if tries > 1 else 0.0
            connection.execute(row.values(state="suspect", server=None, due=due))
    for ledger in ledgers.values():
        ledger.save(now)
    if all(tries == 1 for *_, tries in lost):
        _excuse(connection)
    return set(ledgers)


def _excuse(connection: Connection) -> None:
    """Servers die without the suspects that wait: what was counted against these proves nothing."""
    counted = connection.execute(
        select(_articles.job, _articles.position)
        .where(_articles.state == "suspect", _articles.tries > 1)
        .with_for_update(skip_locked=True)
    ).all()
    if counted:
        places = tuple_(_articles.job, _articles.position).in_([tuple(place) for place in counted])
        connection.execute(update(tables.articles).where(places).values(tries=1, due=0.0))
