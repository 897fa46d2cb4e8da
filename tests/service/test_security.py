"""What a sender writes where it does not belong reaches no header and no log line, and nothing is fetched on anyone's behalf."""

import io
import json
import logging
import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from starlette.types import Message

from models.text.html import extract
from service import logs
from service.app import create_app
from service.settings import Settings
from tests.service.conftest import Serve
from tests.support.service_fakes import FakeBriefs, FakeRuntime

INJECTED = "x\r\nSet-Cookie: stolen=1\r\n\r\n2026-01-01 error injected"


@pytest.fixture(params=["text", "json"])
def log(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """What the service logs, in both forms."""
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    stream = io.StringIO()
    logs.configure("info", request.param, stream)
    yield stream
    root.setLevel(level)
    root.handlers[:] = handlers


def assert_clean(answer: httpx.Response, log: io.StringIO) -> None:
    """No header is the sender's, every log line is one of ours."""
    assert "set-cookie" not in answer.headers
    assert "stolen" not in str(answer.headers)
    assert "injected" not in log.getvalue() and "stolen" not in log.getvalue()
    ours = [line for line in log.getvalue().splitlines() if "request" in line or "ready" in line]
    assert ours == log.getvalue().splitlines()


@pytest.mark.anyio
@pytest.mark.parametrize(
    "given", [INJECTED.encode(), b"a\nb", b"a\rb", b"a b", b"\xff\xfe", b"x" * 65, b"../x", b"", b"\x00", "نص".encode()]
)
async def test_a_request_id_is_taken_only_if_it_is_plain(given: bytes, log: io.StringIO, pipeline: FakeBriefs) -> None:
    """Straight to the app, as a server that lets such a header through would hand it on."""
    app = create_app(Settings(), lambda _: FakeRuntime())
    sent: list[Message] = []
    scope: dict[str, Any] = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": "/healthz", "raw_path": b"/healthz", "query_string": b"", "root_path": "",
        "headers": [(b"x-request-id", given)], "client": ("127.0.0.1", 1), "server": ("test", 80),
    }  # fmt: skip

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    async with app.router.lifespan_context(app):
        await app(scope, receive, send)
    head = next(message for message in sent if message["type"] == "http.response.start")
    answer = httpx.Response(head["status"], headers=head["headers"])
    assert len(answer.headers["x-request-id"]) == 32
    assert_clean(answer, log)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"articles": [{"id": INJECTED[:200], "text": "نص"}]}, 200),
        ({"text": "نص", INJECTED: 1}, 422),
        ({"articles": [{"text": "نص", INJECTED: 1}]}, 422),
        ({"text": "نص", "route": INJECTED}, 422),
        ({"text": "نص", "source": INJECTED}, 422),
        ({"text": "نص", "glossary": {INJECTED: ""}}, 422),
        ({"text": INJECTED}, 200),
    ],
    ids=["an id", "a key", "a key inside", "a route", "a language", "a glossary term", "a text"],
)
async def test_what_a_body_says_stays_in_the_body(body: object, status: int, serve: Serve, log: io.StringIO) -> None:
    async with serve() as client:
        answer = await client.post("/v1/brief", json=body)
    assert answer.status_code == status
    if status != 200:
        assert "stolen" not in answer.text
    assert_clean(answer, log)


@pytest.mark.anyio
@pytest.mark.parametrize(
    "path", ["/%0d%0aSet-Cookie:%20stolen=1", "/..%2f..%2fetc%2fpasswd", "/v1/stolen%00", "//injected/"]
)
async def test_paths_lead_nowhere_and_are_not_logged(path: str, serve: Serve, log: io.StringIO) -> None:
    async with serve() as client:
        answer = await client.get(path)
    assert answer.status_code == 404
    assert_clean(answer, log)
    assert "passwd" not in answer.text


@pytest.mark.anyio
async def test_a_bad_method_or_type_of_content_is_answered_without_its_words(serve: Serve, log: io.StringIO) -> None:
    async with serve() as client:
        answer = await client.post("/v1/brief", content=b"{}", headers={"Content-Type": "text/stolen; x=injected"})
        other = await client.request("STOLEN", "/v1/brief")
    assert (answer.status_code, other.status_code) == (415, 405)
    assert "stolen" not in answer.text
    assert_clean(answer, log)


def test_a_page_is_read_without_asking_anyone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither by Python, whose sockets are watched, nor by libxml2, which would come to the server that is named."""
    asked: list[object] = []

    def refused(*where: object, **_: object) -> None:
        asked.append(where)
        raise OSError("the network is closed")

    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        place = f"http://127.0.0.1:{server.getsockname()[1]}/x"
        for name in ("getaddrinfo", "create_connection"):
            monkeypatch.setattr(socket, name, refused)
        monkeypatch.setattr(socket.socket, "connect", refused)
        for head in ("", f'<!DOCTYPE html SYSTEM "{place}">', f'<!DOCTYPE html [<!ENTITY e SYSTEM "{place}">]>'):
            page = (
                f'{head}<html xmlns:xi="http://www.w3.org/2001/XInclude"><head><base href="{place}"><link rel="stylesheet" '
                f'href="{place}"><link rel="canonical" href="{place}"><meta http-equiv="refresh" content="0;url={place}">'
                f'<meta property="og:url" content="{place}"><script src="{place}"></script></head><body>'
                f'<p>The minister said that the talks would go on in the capital tomorrow. &e;</p><img src="{place}">'
                f'<iframe src="{place}"></iframe><object data="{place}"></object><xi:include href="{place}"/>'
                f'<a href="{place}">read on</a></body></html>'
            )
            assert "The minister said" in extract(page).text
        monkeypatch.undo()
        with pytest.raises(TimeoutError):
            server.accept()
    assert asked == []


def test_a_log_line_of_ours_is_one_line(log: io.StringIO) -> None:
    """Each form escapes or keeps out what would begin another."""
    logging.getLogger("mujaz").info("event", extra={"route": "/v1/brief", "code": "x"})
    (line,) = log.getvalue().splitlines()
    if line.startswith("{"):
        assert json.loads(line)["event"] == "event"
