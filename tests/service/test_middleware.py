"""Around every request: ids, size, admission, deadline; and, with a real server, what becomes of work nobody waits for."""

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import uvicorn

from service.app import create_app
from service.settings import Settings
from tests.service.conftest import Serve
from tests.service.routes.test_v1 import assert_problem
from tests.support.service_fakes import FakeBriefs, FakeRuntime
from tests.support.threaded import address, serving
from tests.support.waiting import until

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("given", ["r-1", "A.b_9"])
async def test_a_sane_request_id_is_kept(serve: Serve, given: str) -> None:
    async with serve() as client:
        assert (await client.get("/healthz", headers={"X-Request-ID": given})).headers["X-Request-ID"] == given


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, "<b>", "é".encode()])
async def test_any_other_is_replaced(serve: Serve, given: str | bytes) -> None:
    async with serve() as client:
        answer = await client.get("/healthz", headers={"X-Request-ID": given})
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["X-Request-ID"])


async def test_an_announced_body_over_the_limit_is_refused_unread(serve: Serve, pipeline: FakeBriefs) -> None:
    async with serve(body_bytes=100) as client:
        assert_problem(await client.post("/v1/brief", json={"text": "x" * 100}), 413, "body_too_large")
    assert pipeline.begun == 0


async def test_a_chunked_body_is_refused_as_soon_as_it_is_too_large(serve: Serve) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 10
            yield b" " * 10

    async with serve(body_bytes=100) as client:
        answer = await client.post("/v1/brief", content=endless(), headers={"Content-Type": "application/json"})
    assert_problem(answer, 413, "body_too_large")
    assert sent == 110


async def test_a_body_of_exactly_the_limit_is_read(serve: Serve) -> None:
    body = json.dumps({"text": "x"}).encode()
    async with serve(body_bytes=len(body)) as client:
        answer = await client.post("/v1/brief", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 200


async def test_requests_beyond_the_places_are_refused_at_once_and_the_others_answered(
    serve: Serve, pipeline: FakeBriefs
) -> None:
    async with serve(requests=2) as client:
        waiting = [asyncio.create_task(client.post("/v1/brief", json={"text": "wait"})) for _ in range(2)]
        await until(lambda: _begun(pipeline, 2))
        refused = await client.post("/v1/brief", json={"text": "خبر"})
        assert_problem(refused, 503, "overloaded")
        assert refused.headers["Retry-After"] == "1"
        assert (await client.get("/healthz")).status_code == 200
        pipeline.release.set()
        assert [answer.status_code for answer in await asyncio.gather(*waiting)] == [200, 200]
        assert (await client.post("/v1/brief", json={"text": "خبر"})).status_code == 200


async def test_two_hundred_mixed_requests_at_once_all_get_an_answer(serve: Serve) -> None:
    texts = ["خبر", "", "thai", "bug", "poison"] * 40
    async with serve(requests=150) as client:
        answers = await asyncio.gather(*(client.post("/v1/brief", json={"text": text}) for text in texts))
        assert {answer.status_code for answer in answers} <= {200, 422, 500, 503}
        assert "mujaz_in_flight_requests 0.0" in (await client.get("/metrics")).text


async def test_the_deadline_ends_a_single_request(serve: Serve, pipeline: FakeBriefs) -> None:
    async with serve(deadline=0.5) as client:
        assert_problem(await client.post("/v1/brief", json={"text": "wait"}), 504, "deadline_exceeded")
    assert pipeline.cancelled == 1


@pytest.mark.parametrize("prefer", ["wait=1", "respond-async, wait=1", 'handling=lenient, Wait = "1"; x'])
async def test_a_client_may_ask_for_an_earlier_end(serve: Serve, pipeline: FakeBriefs, prefer: str) -> None:
    async with serve(deadline=300) as client:
        answer = await client.post("/v1/brief", json={"text": "wait"}, headers={"Prefer": prefer})
    assert_problem(answer, 504, "deadline_exceeded")


@pytest.mark.parametrize("prefer", ["wait=300", "wait=x", "await=0", "wait=0.5"])
async def test_a_client_cannot_ask_for_a_later_one(serve: Serve, prefer: str) -> None:
    async with serve(deadline=0.5) as client:
        answer = await client.post("/v1/brief", json={"text": "wait"}, headers={"Prefer": prefer})
        quick = await client.post("/v1/brief", json={"text": "خبر"}, headers={"Prefer": prefer})
    assert_problem(answer, 504, "deadline_exceeded")
    assert quick.status_code == 200


async def test_the_deadline_of_a_batch_keeps_the_answers_that_are_ready(serve: Serve) -> None:
    async with serve(deadline=0.5) as client:
        answer = await client.post("/v1/brief", json={"articles": [{"text": "wait"}, {"text": "خبر"}]})
    late, ready = answer.json()["briefs"]
    assert late["error"]["code"] == "deadline_exceeded"
    assert ready["brief"]


def _server(folder: Path, **settings: object) -> contextlib.AbstractContextManager[uvicorn.Server]:
    """A real server on loopback, with its database in `folder`."""
    own = Settings(database_url=f"sqlite:///{folder}/mujaz.db", **settings)
    return serving(create_app(own, lambda _: FakeRuntime()), lifespan="on")


async def test_work_of_a_client_that_went_away_is_cancelled_and_its_place_free(
    pipeline: FakeBriefs, tmp_path: Path
) -> None:
    with _server(tmp_path, requests=1) as server:
        host, port = address(server)
        async with httpx.AsyncClient(base_url=f"http://{host}:{port}") as client:
            await until(lambda: _ready(client))
            with pytest.raises(httpx.ReadTimeout):
                await client.post("/v1/brief", json={"articles": [{"text": "wait"}] * 3}, timeout=1.0)
            await until(lambda: _cancelled(pipeline, 3))
            answer = await client.post("/v1/brief", json={"text": "خبر"})
            assert answer.status_code == 200
            metrics = (await client.get("/metrics")).text
    assert 'mujaz_requests_total{route="/v1/brief",status="499"} 1.0' in metrics


async def test_a_client_that_stops_sending_takes_nobodys_place_and_is_told(
    pipeline: FakeBriefs, tmp_path: Path
) -> None:
    with _server(tmp_path, requests=1, transfer=1.0) as server:
        host, port = address(server)
        async with httpx.AsyncClient(base_url=f"http://{host}:{port}") as client:
            await until(lambda: _ready(client))
            reader, writer = await asyncio.open_connection(host, port)
            writer.write(b"POST /v1/brief HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
            await writer.drain()
            await until(lambda: _receiving(client))
            assert await _status(client, 200)
            answer = await reader.read()  # the connection is closed after it
            writer.close()
            await writer.wait_closed()
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b'"code":"body_too_slow"' in answer


async def test_a_body_that_never_ends_meets_the_limit_on_a_real_connection(tmp_path: Path) -> None:
    with _server(tmp_path, body_bytes=1000) as server:
        reader, writer = await asyncio.open_connection(*address(server))
        writer.write(
            b"POST /v1/brief HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
            + b"400\r\n"
            + b" " * 1024
            + b"\r\n"
        )
        await writer.drain()
        head = await reader.readuntil(b"\r\n\r\n")
        writer.close()
        await writer.wait_closed()
    assert b" 413 " in head
    assert b"application/problem+json" in head


async def _begun(pipeline: FakeBriefs, count: int) -> bool:
    return pipeline.begun == count


async def _cancelled(pipeline: FakeBriefs, count: int) -> bool:
    return pipeline.cancelled == count


async def _ready(client: httpx.AsyncClient) -> bool:
    return (await client.get("/readyz")).status_code == 200


async def _receiving(client: httpx.AsyncClient) -> bool:
    return "mujaz_pending_bytes 1.0" in (await client.get("/metrics")).text


async def _status(client: httpx.AsyncClient, status: int) -> bool:
    return (await client.post("/v1/brief", json={"text": "خبر"})).status_code == status
