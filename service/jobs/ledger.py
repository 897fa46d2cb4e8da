"""A job whose row this transaction has locked: what becomes of its articles is counted, numbered and told here only.

Whoever needs the row of a job and rows of its articles locks the job first, so that no two can wait for each other.
"""

import json
from typing import Any

from sqlalchemy import Connection, insert, select, update

from service.schemas.jobs import JobState
from service.store import tables
from service.webhooks import outbox

JOB, ARTICLE, END = "job", "article", "end"
"""Kinds of events: the job's state has changed, an article has its result, every article has one."""


class Ledger:
    """The counts of an open job, and the events that this transaction adds; nothing is written before `save`."""

    def __init__(self, connection: Connection, row: Any) -> None:
        self._connection = connection
        self._row = row
        self.id: str = row.id
        self.state: JobState = row.state
        self._counts: dict[str, int] = {name: getattr(row, name) for name in ("done", "failed", "cancelled")}
        self._events: list[dict[str, object]] = []

    @classmethod
    def lock(cls, connection: Connection, job: str, *, wait: bool = True) -> "Ledger | None":
        """The ledger of a job that has not ended, or None; without `wait` also where another transaction has it."""
        found = connection.execute(
            select(tables.jobs)
            .where(tables.jobs.c.id == job, tables.jobs.c.state.in_(("queued", "running")))
            .with_for_update(key_share=True, skip_locked=not wait)
        ).one_or_none()
        return cls(connection, found) if found else None

    @property
    def next(self) -> int:
        """The number of the next article that finishes."""
        return sum(self._counts.values()) + 1

    def open(self) -> None:
        """The job has been submitted."""
        self._tell(JOB)

    def begin(self) -> None:
        """An article is begun, or was: the job runs."""
        if self.state == "queued":
            self.state = "running"
            self._tell(JOB)

    def count(self, position: int, name: str, code: str | None) -> None:
        """An article has its result, an error if it has a `code`; `name` is its id in JSON."""
        state: JobState = "failed" if code else "done"
        self._counts[state] += 1
        error = {"code": code} if code else {}
        self._tell(ARTICLE, position=position, id=json.loads(name), state=state, **error)

    def cancel(self, count: int) -> None:
        """So many articles are given up; of thousands at once only the end is told."""
        self._counts["cancelled"] += count

    def save(self, now: float) -> None:
        """Write what has changed, once; a job whose last article is counted ends."""
        times: dict[str, float] = {}
        if self.state != "queued" and self._row.started is None:
            times["started"] = now
        if sum(self._counts.values()) == self._row.total:
            self.state = self._outcome()
            # It is kept as long after its end as it was said at its beginning.
            times |= {"finished": now, "expires": now + self._row.expires - self._row.created}
            self._tell(END)
            outbox.ended(self._connection, self.id, now)
        if self._events:
            self._connection.execute(insert(tables.events), self._events)
        changed = {"state": self.state, "events": self._row.events + len(self._events), **self._counts, **times}
        self._connection.execute(update(tables.jobs).where(tables.jobs.c.id == self.id).values(changed))

    def _outcome(self) -> JobState:
        if self._counts["cancelled"]:
            return "cancelled"
        return "failed" if self._counts["failed"] == self._row.total else "done"

    def _tell(self, kind: str, **told: object) -> None:
        data = told or {"state": self.state, "total": self._row.total, **self._counts}
        number = self._row.events + len(self._events) + 1
        row = {"job": self.id, "number": number, "kind": kind, "data": json.dumps(data, ensure_ascii=False)}
        self._events.append(row)
