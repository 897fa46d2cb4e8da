"""Works through the queue on this server: so many articles at a time, each one's error its own result."""

import asyncio
import contextlib
import logging
import time
import uuid
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection

from models.errors import Cancelled, Overloaded
from models.glossary import Glossary
from models.runtime import Runtime
from service import briefs
from service.batch import settle
from service.cache.recall import Cache, Recall
from service.errors import NotReady, StoreUnavailable
from service.glossaries import in_force
from service.jobs import queue, records, servers
from service.jobs.events import Bell
from service.jobs.queue import Claimed
from service.limits import TextLimits
from service.logs import working_on
from service.metrics import Metrics
from service.schemas.briefs import Article, Brief, BriefOptions, FailedItem
from service.store.database import Store
from service.tracing.spans import Tracer, background, fail

logger = logging.getLogger(__name__)

ROUTE = "/v1/jobs"  # what the metrics call the work of jobs
BEAT = 3.0
"""Seconds after which a server says again that it lives."""
DEAD = 15.0
"""Seconds of silence after which it counts as dead."""

_POLL = 1.0  # seconds after which the queue is looked at again: other servers fill it, and waiting times end
_RETRY = 1.0  # seconds before something that failed for the moment is tried again,
_LONGEST = 8.0  # and at most while the database fails: each try is a trace in the log
_REMINDER = 60.0  # seconds after which it is said again that results wait for the database
_RECIPES = 32
_PASSING = frozenset(error.code for error in (Overloaded, NotReady, Cancelled, StoreUnavailable))


P = ParamSpec("P")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class _Recipe:
    options: BriefOptions
    glossary: Glossary | None


class Runner:
    """Claims articles for one server while there is room. `join`, `work`, `finish`, `leave`, in this order."""

    def __init__(
        self,
        store: Store,
        bell: Bell,
        slots: int,
        limits: TextLimits,
        metrics: Metrics,
        cache: Cache | None = None,
        patience: float = servers.PATIENCE,
        tracer: Tracer | None = None,
    ) -> None:
        """`slots` is how many articles are in flight at most; `patience` that of `servers.bury`."""
        self.server = uuid.uuid4().hex
        self._store = store
        self._bell = bell
        self._slots = slots
        self._patience = patience
        self._limits = limits
        self._metrics = metrics
        self._cache = cache
        self._tracer = tracer
        self._recipes: OrderedDict[str, _Recipe] = OrderedDict()
        self._running: dict[asyncio.Task[None], str] = {}  # with the job that the task's article belongs to
        self._wake = asyncio.Event()
        self._reminded = -_REMINDER
        self.unstored = 0
        """Articles that are computed and wait for the database."""
        self._claiming = asyncio.Lock()  # held while articles become this server's and their tasks begin
        self._closing = False

    @property
    def idle(self) -> bool:
        """Whether nothing is in flight."""
        return not self._running

    def wake(self) -> None:
        """There may be something to do."""
        self._wake.set()

    def close(self) -> None:
        """Begin nothing more."""
        self._closing = True
        self.wake()

    async def join(self) -> None:
        """Count as alive. What a file's last server left is taken up: two never have it at one time."""
        await self._bury(float("inf") if self._store.is_file else None)
        await self._store.run(servers.beat, self.server)

    async def beat(self) -> None:
        """Say that this server lives, and look who does not."""
        await self._store.run(servers.beat, self.server)
        if not self._store.is_file:
            await self._bury(None)

    async def work(self, runtime: Callable[[], Runtime]) -> None:
        """Until `close`."""
        while not self._closing:
            self._wake.clear()
            try:
                async with self._claiming:
                    await self._claim(runtime)
            except StoreUnavailable:
                pass  # the store has logged why
            except Exception:
                logger.exception("the queue of jobs could not be looked at")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), _POLL)

    async def finish(self, seconds: float) -> None:
        """Let what is in flight finish within `seconds`, then stop it."""
        self.close()
        async with self._claiming:
            tasks = list(self._running)
        if tasks:
            await asyncio.wait(tasks, timeout=seconds)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def leave(self) -> None:
        """Give back what is not finished, and count as alive no longer."""
        with contextlib.suppress(StoreUnavailable):  # it was never open, or failed: then others take over
            await self._store.run(queue.release, self.server, None)
            await self._store.run(servers.leave, self.server)

    def abandon(self, job: str) -> None:
        """Give up what is in flight of a job that was cancelled or deleted."""
        self._recipes.pop(job, None)
        for task, of in self._running.items():
            if of == job:
                task.cancel()

    async def _bury(self, seen_before: float | None) -> None:
        before = seen_before or await self._store.run(servers.clock) - DEAD
        for job in await self._store.run(servers.bury, time.time(), before, self._patience):
            self._bell.ring(job)
            self.wake()

    async def _claim(self, runtime: Callable[[], Runtime]) -> None:
        room = self._slots - len(self._running)
        if room == 0 or self._closing:
            return
        for article in await self._store.run(queue.claim, self.server, room, time.time()):
            task = asyncio.create_task(self._traced(article, runtime))
            self._running[task] = article.job
            task.add_done_callback(self._over)
            self._bell.ring(article.job)

    def _over(self, task: "asyncio.Task[None]") -> None:
        del self._running[task]
        self.wake()

    async def _traced(self, article: Claimed, runtime: Callable[[], Runtime]) -> None:
        with background(self._tracer, "article", lane="bulk", job=article.job, position=article.place[1]):
            await self._one(article, runtime)

    async def _one(self, article: Claimed, runtime: Callable[[], Runtime]) -> None:
        """Compute an article and store its result; what only failed for the moment is given back."""
        given = Article.model_validate_json(article.input)
        recall = self._cache.recall() if self._cache else None
        with working_on(article.job):
            made = await settle(given.id, self._make(article.job, given, runtime, recall))
        answer, result = (made, made.model_dump_json()) if isinstance(made, FailedItem) else made
        code = answer.error.code if isinstance(answer, FailedItem) else None
        if code:
            fail(code)
        if code in _PASSING:
            await self._insist(queue.release, self.server, article.place, time.time() + _RETRY)
            return
        keys = sorted(recall.keys) if recall else []
        if await self._insist(queue.finish, self.server, article.place, result, code, time.time(), keys):
            self._count(answer)
        elif self._cache:
            self._cache.shelf.drop(keys)  # it was deleted meanwhile, and what it left in the cache with it
        self._bell.ring(article.job)

    def _count(self, answer: Brief | FailedItem) -> None:
        if isinstance(answer, FailedItem):
            self._metrics.failed(ROUTE, answer.error.code)
        else:
            self._metrics.answered(ROUTE, "bulk", answer)

    async def _make(
        self, job: str, article: Article, runtime: Callable[[], Runtime], recall: Recall | None
    ) -> tuple[Brief, str]:
        """The brief, and the same in JSON."""
        ready = runtime()
        recipe = self._recipes.get(job) or await self._read_recipe(job, ready)
        brief = await briefs.make_brief(
            ready, article, recipe.options, recipe.glossary, lane="bulk", limits=self._limits, recall=recall
        )
        return brief, await asyncio.to_thread(brief.model_dump_json)

    async def _read_recipe(self, job: str, runtime: Runtime) -> _Recipe:
        """Raises `JobUnknown` for a job that was deleted meanwhile."""
        stored = await self._store.run(records.recipe, job)
        own = await asyncio.to_thread(in_force, stored.own, None, runtime.config.glossary)
        self._recipes[job] = _Recipe(stored.options, await asyncio.to_thread(in_force, stored.glossary, None, own))
        while len(self._recipes) > _RECIPES:
            self._recipes.popitem(last=False)
        return self._recipes[job]

    async def _insist(
        self, function: Callable[Concatenate[Connection, P], Result], *args: P.args, **kwargs: P.kwargs
    ) -> Result:
        """The same as the store's `run`, again and again while the database fails, until the server ends.

        To give up would help nobody: nothing else can be begun without the database, and what is computed would be lost.
        """
        with contextlib.suppress(StoreUnavailable):
            return await self._store.run(function, *args, **kwargs)
        self.unstored += 1
        try:
            return await self._again(lambda: self._store.run(function, *args, **kwargs))
        finally:
            self.unstored -= 1

    async def _again(self, store: Callable[[], Awaitable[Result]]) -> Result:
        pause = _RETRY
        while True:
            self._remind()
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST)
            with contextlib.suppress(StoreUnavailable):
                return await store()

    def _remind(self) -> None:
        now = time.monotonic()
        if now - self._reminded >= _REMINDER:
            self._reminded = now
            logger.error("results of jobs wait for the database", extra={"articles": self.unstored})
