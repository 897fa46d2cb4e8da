"""Erasing: everything of a job goes, at once or after a crash, and nothing of any other."""

import pytest
from sqlalchemy import Connection, func, insert, select

from service.errors import JobUnknown
from service.jobs import erasure, queue, records
from service.store import tables
from service.store.database import Store
from tests.support.jobs import TERMS, submit

pytestmark = pytest.mark.anyio


def left(connection: Connection) -> dict[str, int]:
    """Rows of each table that a job has a part in."""
    found = (tables.jobs, tables.articles, tables.events, tables.cached_for, tables.cache)
    return {table.name: connection.execute(select(func.count()).select_from(table)).scalar_one() for table in found}


def cache(connection: Connection, key: str, expires: float, job: str | None = None) -> None:
    row = {"key": key, "kind": "brief", "value": "x", "size": 1, "used": 0.0, "expires": expires}
    connection.execute(insert(tables.cache), row)
    if job:
        connection.execute(insert(tables.cached_for), {"job": job, "key": key})


async def test_a_deleted_job_leaves_nothing_and_takes_its_cache_entries_along(store: Store) -> None:
    job, other = await store.run(submit, 500), await store.run(submit, 1)
    await store.run(cache, "its", 1e12, job)
    await store.run(cache, "another's", 1e12, other)
    await store.run(erasure.mark, "", job)
    with pytest.raises(JobUnknown):
        await store.run(records.show, "", job)
    await erasure.erase(store, job)
    assert await store.run(left) == {"jobs": 1, "articles": 1, "events": 1, "cached_for": 1, "cache": 1}


async def test_only_its_owner_deletes_a_job(store: Store) -> None:
    job = await store.run(submit, 1, owner="x")
    with pytest.raises(JobUnknown):
        await store.run(erasure.mark, "y", job)


async def test_what_a_crash_left_half_erased_the_next_sweep_erases(store: Store) -> None:
    job = await store.run(submit, 3)
    await store.run(erasure.mark, "", job)
    await erasure.sweep(store)
    assert (await store.run(left))["articles"] == 0


async def test_jobs_expire_so_long_after_their_end_and_not_before_it(store: Store) -> None:
    ended, running = await store.run(submit, 1, 1000.0), await store.run(submit, 1, 1000.0)
    await store.run(queue.cancel, ended, 5000.0)
    assert await store.run(erasure.mark_expired, 5000.0 + TERMS.retention) == []
    assert await store.run(erasure.mark_expired, 5000.1 + TERMS.retention) == [ended]
    assert (await store.run(records.show, "", running)).state == "queued"
