"""The same sentences through the engine alone, through the runtime, and through HTTP with more and more clients.

All run with the sample models and otherwise with the settings of the environment, the engine here and the service in a process of
its own, never both at one time. Everything is warmed up first. What is compared is measured by turns, so that a machine that
becomes slower or faster meanwhile does so for both.
"""

import asyncio
import itertools
import json
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from queue import Empty, SimpleQueue
from threading import Event

from models.benchmark.workloads import articles
from models.errors import EngineFailed
from models.runtime import Runtime
from service import settings
from service.benchmark.server import Client, Server, served
from service.runtime import opened

CLIENTS = (1, 8, 64)
REQUEST = 4
"""Sentences in one request."""
_ALONE = 32  # sentences for one client, who is slow: each request waits for the last
_WARM = 64  # sentences to warm up with, in as many requests at one time as are measured later
_WRITERS = 16  # clients with bulk work beside a reader: twice as many sentences as the engine has slots
_PATH = "/v1/translate"
_BLOCKS = 2  # in so many parts the briefs are asked for, by turns idle and beside bulk work

Say = Callable[[str], None]
"""Takes a line on what is being done."""


@dataclass(frozen=True, slots=True)
class Throughput:
    """Sentences/s of one way in, and CPU seconds in each second: the server's, of these its event loop's, and the clients'.

    Medians of `rounds`, the rates of the single measurements in the order in which they were made.
    """

    name: str
    rate: float
    server: float | None = None
    event_loop: float | None = None
    clients: float | None = None
    rounds: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Waiting:
    """How long a reader waited for a brief, in milliseconds, and how many sentences/s of bulk work were done meanwhile."""

    name: str
    median: float
    p95: float
    bulk: float | None = None


@dataclass(frozen=True, slots=True)
class ServiceResult:
    """What `measure` found, `throughput` from the engine outwards; `sentences` and `briefs` say how many there were."""

    sentences: int
    briefs: int
    throughput: list[Throughput] = field(default_factory=list)
    waiting: list[Waiting] = field(default_factory=list)


def measure(
    threads: int | None,
    say: Say,
    *,
    clients: Sequence[int] = CLIENTS,
    sentences: int = 256,
    briefs: int = 40,
    rounds: int = 3,
) -> ServiceResult:
    """Measure with `threads` compute threads, the engine and the most clients `rounds` times, the ways between them once.

    Raises `EngineFailed` if the server fails or refuses.
    """
    texts = list(itertools.islice(itertools.cycle(s for article in articles() for s in article), sentences))
    chosen = settings.read(models="sample", threads=threads)
    with opened(chosen) as runtime, served({"models": "sample", "threads": threads}) as server:
        say("warming up")
        _engine(runtime, texts[:_WARM])
        _through_http(server, texts[:_WARM], max(clients))
        ways = {"engine": partial(_engine, runtime, texts), "runtime": partial(_runtime, runtime, texts, max(clients))}
        for number in clients:
            some = texts if number > 1 else texts[:_ALONE]
            ways[f"HTTP, {number} clients"] = partial(_through_http, server, some, number)
        compared = ["engine", f"HTTP, {max(clients)} clients"]
        found: dict[str, list[Throughput]] = {name: [] for name in ways}
        for turn in range(rounds):
            for name in compared if turn else ways:
                say(f"{name}, {turn + 1} of {rounds}" if name in compared else name)
                found[name].append(ways[name]())
        throughput = [_median(measured) for measured in found.values()]
        return ServiceResult(sentences, briefs, throughput, _waiting(server, texts, briefs, say))


def _median(measured: Sequence[Throughput]) -> Throughput:
    """The one in the middle, with the rates of all."""
    middle = sorted(measured, key=lambda one: one.rate)[(len(measured) - 1) // 2]
    return replace(middle, rounds=tuple(one.rate for one in measured))


def _engine(runtime: Runtime, texts: Sequence[str]) -> Throughput:
    """The texts' items, all queued at one time."""

    async def seconds() -> float:
        work = runtime.work("bulk")
        async with runtime.translator("ar", "en") as translator:
            asked = (text for chunk in _requests(texts) for text in dict.fromkeys(chunk))
            items = [task.item for text in asked for task in translator.tasks(text)]
            started = time.perf_counter()
            futures = work.scheduler.submit(translator.model.bulk, items, lane="bulk")
            await asyncio.gather(*map(asyncio.wrap_future, futures))
            return time.perf_counter() - started

    return Throughput("engine", len(texts) / asyncio.run(seconds()))


def _runtime(runtime: Runtime, texts: Sequence[str], requests: int) -> Throughput:
    """The texts as `requests` requests at one time, each as a route would handle it."""

    async def seconds() -> float:
        async with runtime.translator("ar", "en") as translator:
            waiting = asyncio.Semaphore(requests)

            async def one(chunk: Sequence[str]) -> None:
                async with waiting:
                    await translator.translate(chunk, runtime.work("bulk"))

            started = time.perf_counter()
            await asyncio.gather(*map(one, _requests(texts)))
            return time.perf_counter() - started

    return Throughput("runtime", len(texts) / asyncio.run(seconds()))


def _through_http(server: Server, texts: Sequence[str], clients: int) -> Throughput:
    """All texts in requests of `REQUEST`, each client sending its next as soon as the last is answered.

    The clients have the server's cores to share: what they send is written before, and what they got is read afterwards.
    """
    waiting: SimpleQueue[bytes] = SimpleQueue()
    for chunk in _requests(texts):
        waiting.put(_body(chunk))
    answers: list[bytes] = []

    def work(_: int) -> None:
        client = Client(server.port)
        try:
            while True:
                answers.append(client.send(_PATH, waiting.get_nowait()))
        except Empty:
            client.close()

    before = (server.cpu_seconds(), server.event_loop_seconds(), time.process_time())
    started = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(work, range(clients)))
    seconds = time.perf_counter() - started
    after = (server.cpu_seconds(), server.event_loop_seconds(), time.process_time())
    own, loop, others = ((now - then) / seconds for then, now in zip(before, after, strict=True))
    for answer in answers:
        _check(answer)
    return Throughput(f"HTTP, {clients} clients", len(texts) / seconds, own, loop, others)


def _waiting(server: Server, texts: Sequence[str], briefs: int, say: Say) -> list[Waiting]:
    """The same briefs, one after the other, while the server is idle and while it has bulk work."""
    told = list(itertools.islice(itertools.cycle(articles()), briefs))
    idle: list[float] = []
    beside: list[float] = []
    done = seconds = 0.0
    for block in range(_BLOCKS):
        some = told[block * briefs // _BLOCKS : (block + 1) * briefs // _BLOCKS]
        say(f"briefs for a reader, idle and beside bulk work, {block + 1} of {_BLOCKS}")
        idle += _read(server, some)
        with _bulk(server, texts) as written:
            started, before = time.perf_counter(), written()
            beside += _read(server, some)
            seconds += time.perf_counter() - started
            done += written() - before
    return [_row("idle", idle), replace(_row("beside bulk work", beside), bulk=done / seconds)]


def _row(name: str, times: Sequence[float]) -> Waiting:
    return Waiting(name, statistics.median(times), sorted(times)[int(0.95 * len(times))])


def _read(server: Server, told: Sequence[Sequence[str]]) -> list[float]:
    """The milliseconds that each article's brief takes, asked for one after the other."""
    client = Client(server.port)
    times: list[float] = []
    for sentences in told:
        started = time.perf_counter()
        client.post("/v1/brief", {"text": "\n".join(sentences), "source": "ar"})
        times.append(1e3 * (time.perf_counter() - started))
    client.close()
    return times


@contextmanager
def _bulk(server: Server, texts: Sequence[str]) -> Iterator[Callable[[], int]]:
    """Clients that send texts, over and over, until the block ends; it begins when each has had its first answer, and is given
    a function that tells how many sentences have been answered."""
    over, answered = Event(), [0] * _WRITERS

    def work(number: int) -> None:
        client = Client(server.port)
        for chunk in itertools.cycle(_requests([*texts[number:], *texts[:number]])):
            _check(client.send(_PATH, _body(chunk)))
            answered[number] += len(chunk)
            if over.is_set():
                break
        client.close()

    with ThreadPoolExecutor(_WRITERS) as pool:
        running = [pool.submit(work, number) for number in range(_WRITERS)]
        try:
            while not all(answered) and not any(future.done() for future in running):  # done is who was refused
                time.sleep(0.01)
            yield lambda: sum(answered)
        finally:
            over.set()
    for future in running:
        future.result()  # a refusal is raised here


def _body(texts: Sequence[str]) -> bytes:
    return json.dumps({"text": list(texts), "source": "ar"}).encode()


def _check(content: bytes) -> None:
    for answer in json.loads(content)["translations"]:
        if "error" in answer:
            raise EngineFailed(f"The server could not translate a sentence: {answer['error']['message']}")


def _requests(texts: Sequence[str]) -> list[Sequence[str]]:
    return [texts[start : start + REQUEST] for start in range(0, len(texts), REQUEST)]
