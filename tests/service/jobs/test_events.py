"""Events as they happen: also those of another server, and none lost or told twice."""

import asyncio
from contextlib import aclosing

import pytest

from service.jobs import erasure, events, queue, servers
from service.jobs.events import Bell
from service.store.database import Store
from tests.support.jobs import submit

pytestmark = pytest.mark.anyio


async def test_a_reader_is_told_what_happens_while_it_waits(store: Store) -> None:
    bell = Bell()
    job = await store.run(submit, 2)
    await store.run(servers.beat, "s")

    async def read() -> list[list[str]]:
        return [event.split("\n")[:2] async for event in events.stream(store, bell, asyncio.Event(), job, 0)]

    reading = asyncio.create_task(read())
    await store.run(queue.claim, "s", 2, 1.0)
    bell.ring(job)
    for position in (1, 0):
        await asyncio.sleep(0.01)
        await store.run(queue.finish, "s", (job, position), "{}", None, 2.0)
        bell.ring(job)
    told = await asyncio.wait_for(reading, 10)
    kinds = ["job", "job", "article", "article", "end"]
    assert told == [[f"id: {number}", f"event: {kind}"] for number, kind in enumerate(kinds, 1)]


async def test_a_stream_of_a_deleted_job_ends(store: Store) -> None:
    bell = Bell()
    job = await store.run(submit, 1)
    async with aclosing(events.stream(store, bell, asyncio.Event(), job, 1)) as stream:
        waiting = asyncio.ensure_future(anext(stream, None))
        await asyncio.sleep(0.01)
        await store.run(erasure.mark, "", job)
        bell.ring(job)
        assert await asyncio.wait_for(waiting, 10) is None


async def test_when_the_server_closes_streams_end(store: Store) -> None:
    bell, closing = Bell(), asyncio.Event()
    job = await store.run(submit, 1)
    async with aclosing(events.stream(store, bell, closing, job, 1)) as stream:
        waiting = asyncio.ensure_future(anext(stream, None))
        await asyncio.sleep(0.01)
        closing.set()
        bell.ring_all()
        assert await asyncio.wait_for(waiting, 10) is None


async def test_silence_is_broken_by_comments(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "_PING", 0.01)
    monkeypatch.setattr(events, "_POLL", 0.01)
    job = await store.run(submit, 1)
    async with aclosing(events.stream(store, Bell(), asyncio.Event(), job, 1)) as stream:
        assert (await asyncio.wait_for(anext(stream), 10)).startswith(":")


def test_who_listens_no_longer_is_forgotten() -> None:
    bell = Bell()
    with bell.listen("j") as rung:
        bell.ring("other")
        assert not rung.is_set()
        bell.ring("j")
        assert rung.is_set()
    assert not bell._listeners
