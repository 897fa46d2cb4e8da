"""The queue of articles: they are claimed in turn, and each ends with one result that never changes.

All functions run inside one transaction (`Store.run`). Several servers may share a PostgreSQL database.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from service.jobs.ledger import Ledger
from service.store import tables

_articles = tables.articles.c


@dataclass(frozen=True, slots=True)
class Claimed:
    """An article that this server is to compute: `input` is an `Article` in JSON."""

    job: str
    position: int
    input: str

    @property
    def place(self) -> tuple[str, int]:
        return self.job, self.position


def claim(connection: Connection, server: str, room: int, now: float) -> list[Claimed]:
    """Up to `room` articles for `server`: all jobs in turn, the article that stands first in its job first.

    An article that was in flight when its server died is suspect. It is computed with nothing beside it, so that if it kills,
    it is known by it: while one waits, others are not begun.
    """
    if not _registered(connection, server):
        return []
    mine = connection.execute(select(func.max(_articles.tries)).where(*_running_on(server))).scalar_one()
    suspect = _next(connection, and_(_articles.state == "suspect", _articles.due <= now), 1)
    if mine is not None and (suspect or mine > 1):
        return []
    found = suspect or _next(connection, and_(_articles.state == "queued", _articles.due <= now), room)
    if found:
        connection.execute(
            update(tables.articles)
            .where(tuple_(_articles.job, _articles.position).in_([article.place for article in found]))
            .values(state="running", server=server, tries=_articles.tries + 1)
        )
    for job in {article.job for article in found}:
        # Not waited for: here the articles are locked before the job. `finish` makes up for it.
        if (ledger := Ledger.lock(connection, job, wait=False)) and ledger.state == "queued":
            ledger.begin()
            ledger.save(now)
    return found


def finish(
    connection: Connection,
    server: str,
    place: tuple[str, int],
    result: str,
    code: str | None,
    now: float,
    cached: Sequence[str] = (),
) -> bool:
    """Store the result, an error if it has a `code`. False, and nothing is stored, where `server` no longer has the article.

    `cached` are the keys of what the article has in the cache, to be erased with its job.
    """
    job, position = place
    if (ledger := Ledger.lock(connection, job)) is None:
        return False
    name = connection.execute(
        update(tables.articles)
        .where(_articles.job == job, _articles.position == position, *_running_on(server))
        .values(state="failed" if code else "done", result=result, number=ledger.next, input=None, server=None)
        .returning(_articles.name)
    ).scalar_one_or_none()
    if name is None:
        return False
    ledger.begin()
    ledger.count(position, name, code)
    ledger.save(now)
    if cached:
        insert = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert
        connection.execute(
            insert(tables.cached_for).on_conflict_do_nothing(), [{"job": job, "key": key} for key in cached]
        )
    return True


def release(connection: Connection, server: str, place: tuple[str, int] | None, due: float = 0.0) -> None:
    """Give back one article of `server`, or all of them, as if they had never been begun; they wait until `due`."""
    mine = _running_on(server)
    if place:
        mine = (*mine, _articles.job == place[0], _articles.position == place[1])
    for state, tries in (("queued", _articles.tries == 1), ("suspect", _articles.tries > 1)):
        connection.execute(
            update(tables.articles)
            .where(*mine, tries)
            .values(state=state, server=None, tries=_articles.tries - 1, due=due)
        )


def cancel(connection: Connection, job: str, now: float) -> None:
    """End a job: what has no result gets the error `cancelled`, also what is in flight. One that has ended stays as it is."""
    if (ledger := Ledger.lock(connection, job)) is None:
        return
    unfinished = connection.execute(
        select(_articles.position)
        .where(_articles.job == job, _articles.number.is_(None))
        .order_by(_articles.position)
        .with_for_update()
    ).scalars()
    numbers = [{"place": position, "next": number} for number, position in enumerate(unfinished, ledger.next)]
    connection.execute(
        update(tables.articles)
        .where(_articles.job == job, _articles.position == bindparam("place"))
        .values(state="cancelled", number=bindparam("next"), input=None, server=None),
        numbers,
    )
    ledger.cancel(len(numbers))
    ledger.save(now)


def _registered(connection: Connection, server: str) -> bool:
    """Whether `server` counts as alive, and will until the transaction ends: what a dead one claimed nobody would find."""
    alive = select(tables.servers.c.id).where(tables.servers.c.id == server).with_for_update(read=True)
    return connection.execute(alive).one_or_none() is not None


def _running_on(server: str) -> tuple[ColumnElement[bool], ...]:
    return _articles.state == "running", _articles.server == server


def _next(connection: Connection, which: ColumnElement[bool], room: int) -> list[Claimed]:
    rows = connection.execute(
        select(_articles.job, _articles.position, _articles.input)
        .where(which)
        .order_by(_articles.position, _articles.job)
        .limit(room)
        .with_for_update(skip_locked=True)
    )
    return [Claimed(*row) for row in rows]
