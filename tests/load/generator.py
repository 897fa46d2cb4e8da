"""Requests sent at their time whether or not others were answered: bytes made beforehand, a connection each."""

import asyncio
import json
import os
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from tests.load.common import article

Lane = Literal["interactive", "bulk"]

BULK_EVERY = 8
"""Of so many requests one is a batch."""
BATCH = 4
"""Articles in a batch."""


@dataclass(frozen=True, slots=True)
class Sending:
    """A request as bytes, and how many articles it asks for briefs of."""

    lane: Lane
    articles: int
    data: bytes


@dataclass(slots=True)
class Outcome:
    """What became of a request. Times are seconds on the generator's clock; `status` 0 means that no answer came.

    `done` counts the articles that got their brief; `told` says whether a refusal says when to come back.
    """

    lane: Lane
    sent: float
    articles: int
    ended: float = 0.0
    status: int = 0
    done: int = 0
    told: bool = True

    @property
    def seconds(self) -> float:
        return self.ended - self.sent


def sendings(first: int = 0) -> Iterator[Sending]:
    """Requests without end: single articles, and every `BULK_EVERY`th a batch; no two share a sentence."""
    number = first
    while True:
        number += 1
        if number % BULK_EVERY:
            yield _sending("interactive", 1, {"text": article(number * BATCH)})
        else:
            texts = [article(number * BATCH + place) for place in range(BATCH)]
            yield _sending("bulk", BATCH, {"articles": [{"text": text} for text in texts]})


def _sending(lane: Lane, articles: int, body: object) -> Sending:
    content = json.dumps(body, ensure_ascii=False).encode()
    head = f"POST /v1/brief HTTP/1.1\r\nHost: mujaz\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n"
    return Sending(lane, articles, f"{head}Connection: close\r\n\r\n".encode() + content)


def arrivals(rate: float, seconds: float, seed: int) -> list[float]:
    """Moments in `seconds`, as independent clients come: exponential gaps of `1 / rate` on average."""
    draw, moments, at = random.Random(seed), [], 0.0
    while (at := at + draw.expovariate(rate)) < seconds:
        moments.append(at)
    return moments


class _Exchange(asyncio.Protocol):
    """One connection: sends its request, keeps the answer until the server closes."""

    def __init__(self, data: bytes, ended: "asyncio.Future[bytes]") -> None:
        self._data = data
        self._answer = bytearray()
        self._ended = ended

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(self._data)

    def data_received(self, data: bytes) -> None:
        self._answer += data

    def connection_lost(self, error: Exception | None) -> None:
        if not self._ended.done():
            self._ended.set_result(bytes(self._answer))


async def exchange(port: int, sending: Sending, outcome: Outcome) -> None:
    """Send one request and note what came of it."""
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[bytes] = loop.create_future()
    try:
        await loop.create_connection(lambda: _Exchange(sending.data, ended), "127.0.0.1", port)
        answer = await ended
    except OSError:
        answer = b""
    outcome.ended = time.perf_counter()
    _note(outcome, answer)


def _note(outcome: Outcome, answer: bytes) -> None:
    """Only whole answers count."""
    head, _, content = answer.partition(b"\r\n\r\n")
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line)
    if not head or len(content) != int(fields.get(b"content-length", b"-1")):
        return
    outcome.status = int(head[9:12])
    if outcome.status == 200:
        outcome.done = outcome.articles - content.count(b'"error":{')
    elif outcome.status in (429, 503):
        outcome.told = b"retry-after" in fields


async def open_loop(port: int, moments: Sequence[float], requests: Sequence[Sending]) -> list[Outcome]:
    """Send every request at its moment; returns when all have ended."""
    began = time.perf_counter()
    outcomes: list[Outcome] = []
    tasks: list[asyncio.Task[None]] = []
    for at, sending in zip(moments, requests, strict=True):
        if (ahead := began + at - time.perf_counter()) > 0:
            await asyncio.sleep(ahead)
        outcomes.append(Outcome(sending.lane, time.perf_counter(), sending.articles))
        tasks.append(asyncio.create_task(exchange(port, sending, outcomes[-1])))
    await asyncio.gather(*tasks)
    return outcomes


async def closed_loop(port: int, clients: int, seconds: float, requests: Iterator[Sending]) -> list[Outcome]:
    """So many clients, each of which sends its next request when the last was answered, for `seconds`.

    Who is refused waits a second, as `Retry-After` says.
    """
    until = time.perf_counter() + seconds
    outcomes: list[Outcome] = []

    async def client() -> None:
        while time.perf_counter() < until:
            sending = next(requests)
            outcomes.append(outcome := Outcome(sending.lane, time.perf_counter(), sending.articles))
            await exchange(port, sending, outcome)
            if outcome.status != 200:
                await asyncio.sleep(1.0)

    await asyncio.gather(*(client() for _ in range(clients)))
    return outcomes


def cpu_of(work: Callable[[], list[Outcome]]) -> tuple[list[Outcome], float, float]:
    """What `work` gives, the seconds it took, and the CPU seconds that this process spent on it."""
    began, busy = time.perf_counter(), sum(os.times()[:2])
    outcomes = work()
    return outcomes, time.perf_counter() - began, sum(os.times()[:2]) - busy
