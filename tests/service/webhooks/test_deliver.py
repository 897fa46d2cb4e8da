"""Delivery to a real HTTP server: signed, at least once, bounded, and nowhere that it was not allowed to go."""

import asyncio
import socket
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook

from service.errors import JobUnknown
from service.jobs import queue, records
from service.jobs.submission import submit
from service.limits import Admission
from service.metrics import Metrics
from service.runtime import Startup
from service.schemas.jobs import Job
from service.settings import Settings
from service.store.database import Store
from service.webhooks import signing
from service.webhooks.deliver import Deliveries, Pace
from tests.support.jobs import TERMS, order
from tests.support.receiver import Receiver, receiving
from tests.support.service_fakes import FakeRuntime
from tests.support.waiting import until

pytestmark = pytest.mark.anyio

FIXTURES = Path(__file__).parents[2] / "fixtures" / "webhooks"
SECRET = b"s" * 32
QUICK = Pace(timeout=5.0, first=0.01, longest=0.01, poll=0.01)


class Sender:
    """One server's deliveries, and what its metrics count."""

    def __init__(self, store: Store, hosts: set[str], pace: Pace, trust: ssl.SSLContext | None, retry: float) -> None:
        settings = Settings(webhook_hosts=frozenset(hosts), webhook_secret=SECRET, webhook_retry=retry)
        startup = Startup(settings, store, lambda _: FakeRuntime(), lambda: None)
        self.metrics = Metrics(settings, Admission.of(settings), startup)
        self.deliveries = Deliveries(settings, store, self.metrics, pace, trust)

    def counted(self, outcome: str) -> float:
        return self.metrics.registry.get_sample_value("mujaz_webhooks_total", {"outcome": outcome}) or 0.0


@asynccontextmanager
async def sending(
    store: Store, *hosts: str, pace: Pace = QUICK, trust: ssl.SSLContext | None = None, retry: float = 3600.0
) -> AsyncIterator[Sender]:
    sender = Sender(store, set(hosts), pace, trust, retry)
    working = asyncio.create_task(sender.deliveries.work())
    try:
        yield sender
    finally:
        await sender.deliveries.finish(0)
        await working


def ended(store: Store, url: str, owner: str = "", ago: float = 0.0) -> str:
    """A job that was cancelled `ago` seconds ago, with its end to be told at `url`."""
    now = time.time() - ago
    job = store.transact(submit, order(2, bad=1, webhook=url), owner, None, TERMS, now)[0]
    store.transact(queue.cancel, job, now)
    return job


async def delivered(sender: Sender, times: int = 1) -> None:
    async def done() -> bool:
        return sender.counted("delivered") == times

    await until(done)


async def failed(sender: Sender, outcome: str = "failed") -> None:
    async def done() -> bool:
        return sender.counted(outcome) > 0

    await until(done)


@pytest.mark.parametrize("owner", ["", "0123456789ab"])
async def test_the_end_of_a_job_is_told_so_that_its_owner_can_verify_it(
    store: Store, receiver: Receiver, owner: str
) -> None:
    job = ended(store, f"http://{receiver.host}/hook?a=b", owner)
    async with sending(store, receiver.host) as sender:
        await delivered(sender)
    ((path, headers, body),) = receiver.received
    event = Webhook(signing.written(signing.secret_of(SECRET, owner))).verify(body, headers)
    assert (path, headers["Content-Type"], headers["Host"]) == ("/hook?a=b", "application/json", receiver.host)
    assert (event["type"], event["id"]) == ("job.cancelled", headers["webhook-id"])
    assert event["created"] == event["job"]["finished"] and event["job"]["id"] == job
    assert event["job"]["articles"]["cancelled"] == 1
    assert "text 0" not in body.decode()


async def test_what_fails_is_tried_again_with_the_same_id_and_body(store: Store, receiver: Receiver) -> None:
    receiver.answers += [500, 404, 429, lambda _: None]
    ended(store, f"http://{receiver.host}/")
    async with sending(store, receiver.host) as sender:
        await delivered(sender)
        assert sender.counted("failed") == 4
    assert len(receiver.received) == 5
    assert len({(headers["webhook-id"], body) for _, headers, body in receiver.received}) == 1


@pytest.mark.parametrize("status", [301, 307])
async def test_redirects_are_not_followed(store: Store, receiver: Receiver, status: int) -> None:
    receiver.answers += [status]
    ended(store, f"http://{receiver.host}/here")
    async with sending(store, receiver.host) as sender:
        await delivered(sender)
    assert [path for path, _, _ in receiver.received] == ["/here", "/here"]


def _drip(handler: BaseHTTPRequestHandler) -> None:
    """An answer whose head never ends, a little at a time."""
    assert isinstance(handler.server, Receiver)
    with suppress(OSError):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while not handler.server.over.wait(0.02):
            handler.wfile.write(b"X: y\r\n")


def _flood(handler: BaseHTTPRequestHandler) -> None:
    """A head without end, at once."""
    with suppress(OSError):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1_000_000)


def _babble(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"what is this?\r\n\r\n")


async def test_who_never_answers_is_left_when_the_time_is_over(store: Store, receiver: Receiver) -> None:
    receiver.answers += [receiver.hang, _drip]
    ended(store, f"http://{receiver.host}/")
    async with sending(store, receiver.host, pace=replace(QUICK, timeout=0.3)) as sender:
        await delivered(sender)
    assert len(receiver.received) == 3


@pytest.mark.parametrize("answer", [_flood, _babble])
async def test_what_is_no_answer_is_a_failure(store: Store, receiver: Receiver, answer: object) -> None:
    receiver.answers.append(answer)  # type: ignore[arg-type]
    ended(store, f"http://{receiver.host}/")
    async with sending(store, receiver.host) as sender:
        await delivered(sender)
        assert sender.counted("failed") == 1


async def test_the_body_of_an_answer_is_not_waited_for(store: Store, receiver: Receiver) -> None:
    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        receiver.hang(handler)

    receiver.answers.append(endless)
    ended(store, f"http://{receiver.host}/")
    async with sending(store, receiver.host) as sender:
        await delivered(sender)
    assert len(receiver.received) == 1


async def test_one_who_hangs_does_not_keep_the_others_waiting(store: Store, receiver: Receiver) -> None:
    with receiving() as dead:
        dead.answers += [dead.hang] * 5
        for _ in range(5):
            ended(store, f"http://{dead.host}/")
        ended(store, f"http://{receiver.host}/")
        async with sending(store, receiver.host, dead.host, pace=replace(QUICK, timeout=30.0)) as sender:
            await delivered(sender)
    assert len(receiver.received) == 1


async def test_a_job_deleted_while_its_event_is_taken_and_a_fault_of_ours_keep_nobody_else_waiting(
    store: Store, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults: list[Exception] = [JobUnknown("It was deleted."), RuntimeError("ours")]
    show = records.show

    def failing(*args: Any) -> Job:
        if faults:
            raise faults.pop(0)
        return show(*args)

    monkeypatch.setattr(records, "show", failing)
    for _ in range(3):
        ended(store, f"http://{receiver.host}/")
    async with sending(store, receiver.host, pace=replace(QUICK, lease=0.5)) as sender:
        await delivered(sender, 3)
    assert len(receiver.received) == 3


async def test_a_receiver_that_is_gone_is_told_no_more(store: Store, receiver: Receiver) -> None:
    receiver.answers += [410]
    ended(store, f"http://{receiver.host}/")
    async with sending(store, receiver.host) as sender:
        await failed(sender, "given_up")
    assert len(receiver.received) == 1


async def test_after_its_time_an_event_is_given_up_and_logged_without_the_address(
    store: Store, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "service")
    receiver.answers += [500] * 9
    job = ended(store, f"http://{receiver.host}/token-in-path", ago=70.0)
    async with sending(store, receiver.host, retry=60.0) as sender:
        await failed(sender, "given_up")
    (line,) = [record for record in caplog.records if record.message == "a webhook is given up"]
    assert (line.job, line.tries, line.status) == (job, 1, 500)  # type: ignore[attr-defined]
    assert not [
        record for record in caplog.records if receiver.host in str(vars(record)) or "token" in str(vars(record))
    ]


async def test_a_host_that_is_no_longer_allowed_or_leads_inside_is_not_asked(
    store: Store, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = receiver.server_port
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(0, 0, 0, "", ("127.0.0.1", port))])
    ended(store, f"http://{receiver.host}/")
    ended(store, f"https://rebound.example.org:{port}/")
    async with sending(store, f"rebound.example.org:{port}") as sender:

        async def both() -> bool:
            return sender.counted("failed") >= 2

        await until(both)
    assert receiver.received == []


async def test_certificates_must_be_valid(store: Store) -> None:
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(FIXTURES / "certificate.pem", FIXTURES / "key.pem")
    with receiving(served) as receiver:
        ended(store, f"https://{receiver.host}/")
        async with sending(store, receiver.host) as sender:
            await failed(sender)
        assert receiver.received == []
        trust = ssl.create_default_context(cafile=str(FIXTURES / "certificate.pem"))
        async with sending(store, receiver.host, trust=trust) as sender:
            await delivered(sender)


async def test_two_servers_deliver_everything_once(store: Store, receiver: Receiver) -> None:
    for _ in range(30):
        ended(store, f"http://{receiver.host}/")
    async with sending(store, receiver.host) as one, sending(store, receiver.host) as other:

        async def all_there() -> bool:
            return one.counted("delivered") + other.counted("delivered") == 30

        await until(all_there)
    assert len({headers["webhook-id"] for _, headers, _ in receiver.received}) == len(receiver.received) == 30


async def test_pauses_grow_differ_and_are_bounded() -> None:
    pace = Pace()
    for tries, middle in ((1, 5.0), (2, 20.0), (3, 80.0), (9, 3600.0), (10_000, 3600.0)):
        pauses = {pace.pause(tries) for _ in range(50)}
        assert len(pauses) > 1
        assert all(0.75 * middle <= pause <= 1.25 * middle for pause in pauses)
    assert pace.lease > 2 * pace.timeout
