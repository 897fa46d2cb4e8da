"""A server that is told to stop: what it has is finished or given back, what is new is refused."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn

from service.app import create_app
from service.deps import Context
from service.drain import Server
from service.jobs import records
from service.settings import Settings
from service.store.database import Store
from tests.service.routes.test_v1 import assert_problem
from tests.support.service_fakes import FakeBriefs, FakeRuntime
from tests.support.waiting import until

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def serving(folder: Path, **settings: object) -> AsyncIterator[tuple[httpx.AsyncClient, "asyncio.Task[None]"]]:
    """A client of a real server on this loop, which listens to signals, and the server's task."""
    app = create_app(Settings(database_url=f"sqlite:///{folder}/mujaz.db", **settings), lambda _: FakeRuntime())
    context: Context = app.state.context
    config = uvicorn.Config(app, port=0, log_config=None, lifespan="on")
    server = Server(config, context.drain, context.jobs.close, context.idle)
    task = asyncio.create_task(server.serve())
    await until(_when(lambda: server.started))
    host, port = server.servers[0].sockets[0].getsockname()[:2]
    try:
        async with httpx.AsyncClient(base_url=f"http://{host}:{port}", timeout=20) as client:
            await until(lambda: _ready(client))
            yield client, task
    finally:
        server.should_exit = True
        context.drain.end()
        await asyncio.wait_for(task, 20)


def stop() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


async def test_what_is_in_work_is_finished_and_what_is_new_is_refused(pipeline: FakeBriefs, tmp_path: Path) -> None:
    async with serving(tmp_path) as (client, server):
        job = (await client.post("/v1/jobs", json=[{"text": "wait a"}])).json()["id"]
        asked = asyncio.create_task(client.post("/v1/brief", json={"text": "wait b"}))
        await until(_when(lambda: pipeline.begun == 2))
        stop()
        await until(lambda: _refused(client))
        refused = await client.post("/v1/jobs", json=[{"text": "x"}])
        assert_problem(refused, 503, "shutting_down")
        assert refused.headers["Retry-After"]
        assert (await client.get("/healthz")).status_code == 200
        pipeline.release.set()
        assert (await asked).status_code == 200
        await asyncio.wait_for(server, 20)
    assert states(tmp_path, job) == ("done", 1)


async def test_when_time_is_up_requests_are_refused_and_articles_given_back(
    pipeline: FakeBriefs, tmp_path: Path
) -> None:
    async with serving(tmp_path, drain=0.3) as (client, server):
        job = (await client.post("/v1/jobs", json=[{"text": "wait a"}])).json()["id"]
        asked = asyncio.create_task(client.post("/v1/brief", json={"text": "wait b"}))
        await until(_when(lambda: pipeline.begun == 2))
        stop()
        assert_problem(await asked, 503, "shutting_down")
        await asyncio.wait_for(server, 20)
    assert states(tmp_path, job) == ("running", 0)
    assert pipeline.cancelled == 2


async def test_a_second_signal_ends_it_at_once(pipeline: FakeBriefs, tmp_path: Path) -> None:
    async with serving(tmp_path, drain=10_000) as (client, server):
        asked = asyncio.create_task(client.post("/v1/brief", json={"text": "wait"}))
        await until(_when(lambda: pipeline.begun == 1))
        stop()
        await until(lambda: _refused(client))
        stop()
        assert_problem(await asked, 503, "shutting_down")
        await asyncio.wait_for(server, 20)


async def test_streams_end_so_that_readers_go_on_elsewhere(pipeline: FakeBriefs, tmp_path: Path) -> None:
    async with serving(tmp_path, drain=10_000) as (client, server):
        job = (await client.post("/v1/jobs", json=[{"text": "wait"}])).json()["id"]
        async with client.stream("GET", f"/v1/jobs/{job}/events") as stream:
            lines = stream.aiter_lines()
            assert await anext(lines) == "id: 1"
            stop()
            assert "event: end" not in [line async for line in lines]
        pipeline.release.set()
        await asyncio.wait_for(server, 20)


async def test_a_reader_that_goes_away_leaves_its_stream_to_another(pipeline: FakeBriefs, tmp_path: Path) -> None:
    async with serving(tmp_path, job_streams=1) as (client, _):
        job = (await client.post("/v1/jobs", json=[{"text": "wait"}])).json()["id"]

        async def told() -> bool:
            async with client.stream("GET", f"/v1/jobs/{job}/events") as stream:
                return stream.status_code == 200 and await anext(stream.aiter_lines()) == "id: 1"

        async with client.stream("GET", f"/v1/jobs/{job}/events") as stream:
            lines = stream.aiter_lines()  # kept: when it is dropped, httpx closes the connection
            assert await anext(lines) == "id: 1"
            assert_problem(await client.get(f"/v1/jobs/{job}/events"), 503, "overloaded")
        await until(told)


def states(folder: Path, job: str) -> tuple[str, int]:
    """The job's state and the number of its results, from the database that the server left."""
    store = Store(f"sqlite:///{folder}/mujaz.db")
    store.open(serving=True)
    shown = store.transact(records.show, "", job)
    store.close()
    return shown.state, shown.articles.done


def _when(held: Callable[[], bool]) -> Callable[[], Awaitable[bool]]:
    async def holds() -> bool:
        return held()

    return holds


async def _ready(client: httpx.AsyncClient) -> bool:
    return (await client.get("/readyz")).status_code == 200


async def _refused(client: httpx.AsyncClient) -> bool:
    return (await client.get("/readyz")).status_code == 503
