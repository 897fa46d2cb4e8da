"""What is to be told, in the database: an event for each job that names a webhook, due from the moment at which the job ends.

All functions run inside one transaction (`Store.run`). An event that is taken is hidden from other servers for a lease. A server
that dies lets it run out, and another takes the event. The event goes with its job.
"""

import secrets
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from service.schemas.jobs import ENDED, Delivery, DeliveryState
from service.store import tables

_columns = tables.deliveries.c
_jobs = tables.jobs.c


@dataclass(frozen=True, slots=True)
class Taken:
    """An event that this server is to deliver, for the `tries`th time. `ended` is when its job did."""

    job: str
    owner: str
    event: str
    url: str
    tries: int
    ended: float


def add(connection: Connection, job: str, url: str) -> None:
    """The end of `job` is to be told at `url`."""
    connection.execute(
        insert(tables.deliveries), {"job": job, "event": f"evt_{secrets.token_hex(16)}", "url": url, "tries": 0}
    )


def ended(connection: Connection, job: str, now: float) -> None:
    """The job ends in this transaction: its event, if there is one, is due."""
    connection.execute(update(tables.deliveries).where(_columns.job == job).values(due=now))


def take(connection: Connection, room: int, now: float, lease: float) -> list[Taken]:
    """Up to `room` events that are due, for the next `lease` seconds; those first that were tried least."""
    rows = connection.execute(
        select(_columns.job, _jobs.owner, _columns.event, _columns.url, _columns.tries + 1, _jobs.finished)
        .join_from(tables.deliveries, tables.jobs)
        .where(_columns.due <= now, _columns.state == "pending", _jobs.state.in_(ENDED))
        .order_by(_columns.tries, _columns.due)
        .limit(room)
        .with_for_update(skip_locked=True, of=tables.deliveries)
    )
    taken = [Taken(*row) for row in rows]
    if taken:
        connection.execute(
            update(tables.deliveries)
            .where(_columns.job.in_([event.job for event in taken]))
            .values(due=now + lease, tries=_columns.tries + 1)
        )
    return taken


def again(connection: Connection, taken: Taken, due: float, status: int | None) -> None:
    """The event was not delivered and is due again later, unless another server has taken it meanwhile.

    `status` is that of the answer, if there was one.
    """
    mine = (_columns.job == taken.job, _columns.tries == taken.tries, _columns.state == "pending")
    connection.execute(update(tables.deliveries).where(*mine).values(due=due, status=status))


def settle(connection: Connection, taken: Taken, state: DeliveryState, status: int | None) -> None:
    """The event was delivered, or is given up, unless another server has delivered it: it is tried no more.

    The address, which may hold a token of the receiver, is not kept.
    """
    settled = {"state": state, "status": status, "due": None, "url": ""}
    open_still = (_columns.job == taken.job, _columns.state != "delivered")
    connection.execute(update(tables.deliveries).where(*open_still).values(settled))


def seen(connection: Connection, job: str) -> Delivery | None:
    """How far the event of `job` is, if it has one."""
    row = connection.execute(
        select(_columns.state, _columns.tries, _columns.status).where(_columns.job == job)
    ).one_or_none()
    return Delivery(state=row.state, tries=row.tries, status=row.status) if row else None
