"""Jobs as their owner sees them: state and counts, the list, the results so far. A job of anybody else is not there."""

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, func, select

from models.errors import Cancelled
from service.errors import JobUnknown, failed
from service.jobs.submission import Recipe
from service.schemas.jobs import Counts, Job, JobList
from service.store import tables
from service.webhooks import outbox

_PAGE = 50
_CANCELLED = "The job was cancelled before this article had its result."
_UNKNOWN = "There is no such job, or no longer, or it is not yours."

_jobs = tables.jobs.c
_articles = tables.articles.c


def check(connection: Connection, owner: str, job: str) -> None:
    """Raises `JobUnknown` unless `owner` has this job."""
    _row(connection, owner, job)


def show(connection: Connection, owner: str, job: str) -> Job:
    """Raises `JobUnknown`."""
    return _shown(connection, _row(connection, owner, job))


def listed(connection: Connection, owner: str, before: str | None, limit: int) -> JobList:
    """The owner's jobs, newest first, of those that are older than `before`."""
    wanted = select(tables.jobs).where(_jobs.owner == owner, _jobs.state != "deleted")
    if before is not None:
        wanted = wanted.where(_jobs.id < before)
    rows = connection.execute(wanted.order_by(_jobs.id.desc()).limit(limit + 1)).all()
    shown = [_shown(connection, row) for row in rows[:limit]]
    return JobList(jobs=shown, next=shown[-1].id if len(rows) > limit else None)


def results(connection: Connection, job: str, after: int) -> tuple[list[str], int]:
    """A page of results after number `after`, a line of JSON each, and the number of the last; what is a line stays one."""
    rows = connection.execute(
        select(_articles.number, _articles.position, _articles.name, _articles.result)
        .where(_articles.job == job, _articles.number > after)
        .order_by(_articles.number)
        .limit(_PAGE)
    ).all()
    lines = [
        f'{{"number":{number},"position":{position},{(result or _cancelled(name))[1:]}\n'
        for number, position, name, result in rows
    ]
    return lines, rows[-1].number if rows else after


def recipe(connection: Connection, job: str) -> Recipe:
    """How the job's briefs are made. Raises `JobUnknown`."""
    wanted = select(_jobs.options).where(_jobs.id == job, _jobs.state != "deleted")
    found = connection.execute(wanted).scalar_one_or_none()
    if found is None:
        raise JobUnknown(_UNKNOWN)
    return Recipe.model_validate_json(found)


def _row(connection: Connection, owner: str, job: str) -> Any:
    found = connection.execute(
        select(tables.jobs).where(_jobs.id == job, _jobs.owner == owner, _jobs.state != "deleted")
    ).one_or_none()
    if found is None:
        raise JobUnknown(_UNKNOWN)
    return found


def _shown(connection: Connection, row: Any) -> Job:
    running = connection.execute(
        select(func.count()).where(_articles.state == "running", _articles.job == row.id)
    ).scalar_one()
    waiting = row.total - row.done - row.failed - row.cancelled
    counts = Counts(
        total=row.total,
        queued=waiting - running,
        running=running,
        done=row.done,
        failed=row.failed,
        cancelled=row.cancelled,
    )
    return Job(
        id=row.id,
        state=row.state,
        articles=counts,
        options=Recipe.model_validate_json(row.options).options,
        created=_time(row.created),
        started=None if row.started is None else _time(row.started),
        finished=None if row.finished is None else _time(row.finished),
        expires=None if row.finished is None else _time(row.expires),
        webhook=outbox.seen(connection, row.id),
    )


def _cancelled(name: str) -> str:
    return failed(json.loads(name), Cancelled(_CANCELLED)).model_dump_json()


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
