"""Clients that do not do their part lose their connection: on real sockets."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import pytest
import uvicorn
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from service.protocol import patient
from tests.support.threaded import address, serving

pytestmark = pytest.mark.anyio

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Open = Callable[[], Awaitable[Connection]]


async def _app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the length of the body; at /large with more than sockets hold, at /early before the body is there."""
    if scope["path"] == "/early":
        await PlainTextResponse("early")(scope, receive, send)
        return
    try:
        length = len(await Request(scope, receive).body())
    except ClientDisconnect:
        length = -1  # answered all the same: nobody hears it
    await PlainTextResponse("x" * 50_000_000 if scope["path"] == "/large" else str(length))(scope, receive, send)


def _served(seconds: float, connections: int = 100) -> contextlib.AbstractContextManager[uvicorn.Server]:
    return serving(_app, http=patient(seconds, connections), ws="none", lifespan="off")


@contextlib.asynccontextmanager
async def _connected(server: uvicorn.Server) -> "contextlib.AsyncIterator[Connection]":
    reader, writer = await asyncio.open_connection(*address(server))
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def _answer(connection: Connection, data: bytes) -> bytes:
    """The status line of the answer to `data`, and its body."""
    reader, writer = connection
    writer.write(data)
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(int(line[16:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length: "))
    return head.split(b"\r\n")[0] + b" " + await reader.readexactly(length)


async def test_a_request_is_answered_and_the_connection_used_again() -> None:
    with _served(30) as server:
        async with _connected(server) as connection:
            for _ in range(2):
                assert await _answer(connection, GET) == b"HTTP/1.1 200 OK 0"


async def test_a_connection_on_which_nothing_comes_is_closed() -> None:
    with _served(0.3) as server:
        async with _connected(server) as (reader, _):
            assert await reader.read() == b""


@pytest.mark.parametrize("before", [b"", GET], ids=["first", "second"])
async def test_headers_that_do_not_end_are_refused_however_steadily_they_come(before: bytes) -> None:
    with _served(0.5) as server:
        async with _connected(server) as connection:
            if before:
                await _answer(connection, before)
            reader, writer = connection
            writer.write(b"GET / HTTP/1.1\r\n")
            while not reader.at_eof() and not reader._buffer:  # type: ignore[attr-defined]
                writer.write(b"a: b\r\n")
                await asyncio.sleep(0.05)
            assert (await reader.read()).startswith(b"HTTP/1.1 408 ")


async def test_a_body_may_come_after_the_time_for_headers() -> None:
    with _served(0.3) as server:
        async with _connected(server) as connection:
            connection[1].write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n")
            await asyncio.sleep(0.6)
            assert await _answer(connection, b"ab") == b"HTTP/1.1 200 OK 2"


async def test_a_client_that_does_not_take_its_answer_loses_the_connection() -> None:
    with _served(0.5) as server:
        async with _connected(server) as (_, writer):
            writer.transport.pause_reading()  # type: ignore[attr-defined]
            writer.write(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n")
            connections = server.server_state.connections
            await _until(lambda: len(connections) == 1)
            await _until(lambda: not connections)
            assert not connections


@pytest.mark.parametrize("path", ["/", "/early"], ids=["while the body is read", "after the answer"])
async def test_a_chunk_that_is_none_ends_the_connection_and_harms_nothing(
    path: str, caplog: pytest.LogCaptureFixture
) -> None:
    with _served(30) as server:
        async with _connected(server) as (reader, writer):
            writer.write(f"POST {path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
            if path == "/early":
                assert (await reader.readuntil(b"early")).startswith(b"HTTP/1.1 200 ")
            writer.write(b"zz\r\n")
            assert (await reader.read()).startswith(b"HTTP/1.1 400 " if path == "/" else b"")
            await _until(lambda: not server.server_state.connections)
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def test_beyond_the_most_connections_the_one_idle_for_longest_makes_room() -> None:
    with _served(30, connections=2) as server:
        async with _connected(server) as first, _connected(server) as second:
            await _answer(second, GET)
            await _answer(first, GET)
            async with _connected(server) as third:
                assert await _answer(third, GET) == b"HTTP/1.1 200 OK 0"
                with contextlib.suppress(ConnectionResetError):
                    assert await second[0].read() == b""
                assert await _answer(first, GET) == b"HTTP/1.1 200 OK 0"


async def _until(done: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not done():
            await asyncio.sleep(0.02)
