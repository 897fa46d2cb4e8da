"""The same sentences through the engine alone, through the runtime, and through HTTP with more and more clients.

All run with the sample models and otherwise with the settings of the environment; before each figure everything is run once.
"""

import asyncio
import itertools
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Event

from models.batching.scheduler import Scheduler
from models.benchmark.workloads import articles
from models.engine.protocol import Item
from models.errors import EngineFailed
from models.runtime import Runtime
from models.work import Model, Work
from service import settings
from service.benchmark.server import Client, Server, served
from service.runtime import opened

CLIENTS = (1, 8, 64)
_REQUEST = 8  # sentences in one request
_WRITERS = 8  # clients with bulk work beside a reader

Say = Callable[[str], None]
"""Takes a line on what is being done."""


@dataclass(frozen=True, slots=True)
class Throughput:
    """Sentences/s of one way in, and CPU seconds in each second: the server's, of these its event loop's, and the clients'."""

    name: str
    rate: float
    server: float | None = None
    event_loop: float | None = None
    clients: float | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """How long a reader waited for a brief, in milliseconds."""

    name: str
    median: float
    p95: float


@dataclass(frozen=True, slots=True)
class ServiceResult:
    """What `measure` found, `throughput` from the engine outwards; `sentences` and `briefs` say how many there were."""

    sentences: int
    briefs: int
    throughput: list[Throughput] = field(default_factory=list)
    waiting: list[Waiting] = field(default_factory=list)


def measure(
    threads: int | None, say: Say, *, clients: Sequence[int] = CLIENTS, sentences: int = 1024, briefs: int = 40
) -> ServiceResult:
    """Measure with `threads` compute threads. Raises `EngineFailed` if the server fails or refuses."""
    texts = list(itertools.islice(itertools.cycle(s for article in articles() for s in article), sentences))
    result = ServiceResult(sentences, briefs)
    with opened(settings.read(models="sample", threads=threads)) as runtime:
        say("the engine, without text")
        result.throughput.append(Throughput("engine", sentences / asyncio.run(_engine(runtime, texts))))
        say("the runtime, without HTTP")
        result.throughput.append(Throughput("runtime", sentences / asyncio.run(_runtime(runtime, texts, max(clients)))))
    with served({"models": "sample", "threads": threads}) as server:
        _through_http(server, texts, max(clients))
        for number in clients:
            say(f"HTTP, {number} clients")
            result.throughput.append(_through_http(server, texts, number))
        say("briefs for a reader, the server idle")
        result.waiting.append(_waiting(server, "idle", briefs))
        say(f"briefs for a reader, beside {_WRITERS} clients with bulk work")
        with _bulk(server, texts):
            result.waiting.append(_waiting(server, "beside bulk work", briefs))
    return result


class _Collecting(Work):
    """Work that keeps the items it is to decode instead of decoding them."""

    def __init__(self, scheduler: Scheduler, threads: Executor) -> None:
        super().__init__(scheduler, threads)
        self.items: list[Item] = []

    async def decode(self, model: Model, items: Sequence[Item]) -> list[str]:
        self.items += items
        return [""] * len(items)


async def _engine(runtime: Runtime, texts: Sequence[str]) -> float:
    """Seconds for the texts' items, all queued at one time."""
    work = runtime.work("bulk")
    collecting = _Collecting(work.scheduler, work.threads)
    async with runtime.translator("ar", "en") as translator:
        for chunk in _requests(texts):
            await translator.translate(chunk, collecting)

        async def once() -> None:
            futures = work.scheduler.submit(translator.model.bulk, collecting.items, lane="bulk")
            await asyncio.gather(*map(asyncio.wrap_future, futures))

        return await _second_time(once)


async def _runtime(runtime: Runtime, texts: Sequence[str], requests: int) -> float:
    """Seconds for the texts as `requests` requests at one time, each as a route would handle it."""
    async with runtime.translator("ar", "en") as translator:
        waiting = asyncio.Semaphore(requests)

        async def one(chunk: Sequence[str]) -> None:
            async with waiting:
                await translator.translate(chunk, runtime.work("bulk"))

        async def once() -> None:
            await asyncio.gather(*map(one, _requests(texts)))

        return await _second_time(once)


async def _second_time(once: Callable[[], Awaitable[None]]) -> float:
    """Seconds of the second run: the first warms up."""
    await once()
    started = time.perf_counter()
    await once()
    return time.perf_counter() - started


def _through_http(server: Server, texts: Sequence[str], clients: int) -> Throughput:
    """All texts in requests of `_REQUEST`, each client sending its next as soon as the last is answered."""
    waiting: SimpleQueue[Sequence[str]] = SimpleQueue()
    for chunk in _requests(texts):
        waiting.put(chunk)

    def work(_: int) -> None:
        client = Client(server.port)
        try:
            while True:
                _translate(client, waiting.get_nowait())
        except Empty:
            client.close()

    before = (server.cpu_seconds(), server.event_loop_seconds(), time.process_time())
    started = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(work, range(clients)))
    seconds = time.perf_counter() - started
    after = (server.cpu_seconds(), server.event_loop_seconds(), time.process_time())
    shares = [(now - then) / seconds for then, now in zip(before, after, strict=True)]
    return Throughput(f"HTTP, {clients} clients", len(texts) / seconds, *shares)


@contextmanager
def _bulk(server: Server, texts: Sequence[str]) -> Iterator[None]:
    """Clients that send texts, over and over, until the block ends."""
    over = Event()

    def work(number: int) -> None:
        client = Client(server.port)
        for chunk in itertools.cycle(_requests(texts[number:])):
            if over.is_set():
                break
            _translate(client, chunk)
        client.close()

    with ThreadPoolExecutor(_WRITERS) as pool:
        running = [pool.submit(work, number) for number in range(_WRITERS)]
        try:
            yield
        finally:
            over.set()
    for future in running:
        future.result()  # a refusal is raised here


def _waiting(server: Server, name: str, briefs: int) -> Waiting:
    """The times of `briefs` briefs, one after the other."""
    client = Client(server.port)
    times: list[float] = []
    for sentences in itertools.islice(itertools.cycle(articles()), briefs):
        started = time.perf_counter()
        client.post("/v1/brief", {"text": "\n".join(sentences), "source": "ar"})
        times.append(1e3 * (time.perf_counter() - started))
    client.close()
    return Waiting(name, statistics.median(times), sorted(times)[int(0.95 * len(times))])


def _translate(client: Client, texts: Sequence[str]) -> None:
    answers = client.post("/v1/translate", {"text": list(texts), "source": "ar"})["translations"]
    for answer in answers:
        if "error" in answer:
            raise EngineFailed(f"The server could not translate a sentence: {answer['error']['message']}")


def _requests(texts: Sequence[str]) -> list[Sequence[str]]:
    return [texts[start : start + _REQUEST] for start in range(0, len(texts), _REQUEST)]
