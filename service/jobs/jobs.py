"""Jobs, put together: what the routes ask for, and the work in the background."""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace

from models.errors import Overloaded
from service.cache import shelf
from service.cache.recall import Cache
from service.errors import StoreUnavailable, WebhookRefused
from service.jobs import erasure, events, queue, records, submission
from service.jobs.events import Bell
from service.jobs.figures import NOTHING, figures
from service.jobs.runner import BEAT, Runner
from service.jobs.submission import Order, Terms
from service.limits import TextLimits, at_once
from service.metrics import Metrics
from service.runtime import Startup
from service.schemas.jobs import ENDED, Job, JobList
from service.settings import Settings
from service.store.database import Store
from service.tracing.spans import Tracer, note
from service.webhooks.deliver import Deliveries

logger = logging.getLogger(__name__)

_SWEEP = 60.0  # seconds between two looks for what has expired


class Jobs:
    """The jobs of one server: `start` with the server, `stop` before the store closes."""

    def __init__(
        self, settings: Settings, store: Store, metrics: Metrics, cache: Cache | None, tracer: Tracer | None = None
    ) -> None:
        self._settings = settings
        self._store = store
        self._terms = Terms(settings.job_queue, settings.retention)
        self._bell = Bell()
        slots = at_once(settings.job_slots, settings)
        self._runner = Runner(store, self._bell, slots, TextLimits.of(settings), metrics, cache, tracer=tracer)
        self._cache = cache
        self._webhooks = Deliveries(settings, store, metrics) if settings.webhook_hosts else None
        self._streams = 0
        self._work: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()
        self._figures = NOTHING
        metrics.watch_jobs(lambda: replace(self._figures, unstored=self._runner.unstored))

    @property
    def idle(self) -> bool:
        """Whether this server has no article in flight and no webhook on its way."""
        return self._runner.idle and (self._webhooks is None or self._webhooks.idle)

    async def submitted(self, order: Order, owner: str, key: str) -> Job | None:
        """The job that the same request, with the same `key`, has made before. Raises `KeyReused`."""
        job = await self._store.run(submission.submitted, order, owner, key)
        return await self.show(owner, job) if job else None

    async def submit(self, order: Order, owner: str, key: str | None) -> tuple[str, bool]:
        """The id of the stored job, and whether it had been submitted before.

        Raises `KeyReused`, `Overloaded`, `WebhookRefused`.
        """
        if order.webhook is not None:
            self._check(order.webhook)
        job, replayed = await self._store.run(submission.submit, order, owner, key, self._terms, time.time())
        note(job=job)
        self._runner.wake()
        return job, replayed

    async def show(self, owner: str, job: str) -> Job:
        """Raises `JobUnknown`."""
        return await self._store.run(records.show, owner, job)

    async def listed(self, owner: str, before: str | None, limit: int) -> JobList:
        """The owner's jobs, newest first."""
        return await self._store.run(records.listed, owner, before, limit)

    async def cancel(self, owner: str, job: str) -> Job:
        """End the job; the results that there are stay. Raises `JobUnknown`."""
        await self.show(owner, job)
        await self._store.run(queue.cancel, job, time.time())
        self._runner.abandon(job)
        self._bell.ring(job)
        return await self.show(owner, job)

    async def delete(self, owner: str, job: str) -> None:
        """End the job and erase all of it. Raises `JobUnknown`."""
        keys = await self._store.run(erasure.mark, owner, job)
        if self._cache:
            self._cache.shelf.drop(keys)
        self._runner.abandon(job)
        self._bell.ring(job)
        await erasure.erase(self._store, job)

    async def results(self, owner: str, job: str, after: int) -> AsyncGenerator[str, None]:
        """The results so far that follow number `after`, a line each, in the order of finishing. Raises `JobUnknown`."""
        await self.show(owner, job)
        return self._results(job, after)

    async def events(self, owner: str, job: str, after: int) -> AsyncGenerator[str, None] | None:
        """The events that follow number `after`, as they happen; None if there will be none.

        Raises `JobUnknown`, and `Overloaded` when too many are told already.
        """
        shown = await self.show(owner, job)
        if shown.state in ENDED and after >= (await self._store.run(events.last, job) or 0):
            return None
        if self._streams >= self._settings.job_streams:
            raise Overloaded(f"All {self._settings.job_streams} streams of events are taken; try again shortly.")
        return self._events(job, after)

    def start(self, startup: Startup) -> None:
        """Look after the queue as soon as the database is open, and work through it once the models are up."""
        self._work = asyncio.create_task(self._run(startup))
        self._work.add_done_callback(_told)

    def close(self) -> None:
        """Begin nothing more; streams end, so that their readers go on with another server."""
        self._closing.set()
        self._bell.ring_all()
        self._runner.close()
        if self._webhooks:
            self._webhooks.close()

    async def stop(self, seconds: float) -> None:
        """Let what is in flight finish within `seconds`, and give back the rest."""
        self.close()
        until = time.monotonic() + seconds
        await self._runner.finish(seconds)
        if self._webhooks:
            await self._webhooks.finish(max(until - time.monotonic(), 0.0))
        if self._work:
            self._work.cancel()
            await asyncio.gather(self._work, return_exceptions=True)
        await self._runner.leave()

    async def _run(self, startup: Startup) -> None:
        await startup.opened.wait()
        await self._runner.join()
        async with asyncio.TaskGroup() as group:
            group.create_task(_every(BEAT, self._beat))
            group.create_task(_every(min(_SWEEP, self._settings.retention), self._sweep))
            if self._webhooks:
                group.create_task(self._webhooks.work())
            await startup.up.wait()
            group.create_task(self._runner.work(startup.runtime))

    def _check(self, webhook: str) -> None:
        if self._webhooks is None:
            raise WebhookRefused("This server sends no webhooks; its operator can allow hosts (MUJAZ_WEBHOOK_HOSTS).")
        self._webhooks.targets.target(webhook)

    async def _beat(self) -> None:
        await self._runner.beat()
        self._figures = await self._store.run(figures, time.time())

    async def _sweep(self) -> None:
        await erasure.sweep(self._store)
        await shelf.sweep(self._store)

    async def _results(self, job: str, after: int) -> AsyncGenerator[str, None]:
        while True:
            lines, after = await self._store.run(records.results, job, after)
            if not lines:
                return
            yield "".join(lines)

    async def _events(self, job: str, after: int) -> AsyncGenerator[str, None]:
        self._streams += 1
        try:
            async with aclosing(events.stream(self._store, self._bell, self._closing, job, after)) as told:
                async for event in told:
                    yield event
        finally:
            self._streams -= 1


def _told(work: "asyncio.Task[None]") -> None:
    """It ends when it is cancelled; anything else is a fault of ours, without which jobs would go on."""
    if not work.cancelled() and (error := work.exception()):
        logger.error("the work on jobs has stopped; restart the server", exc_info=error)


async def _every(seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    """Do the work again and again; what goes wrong once may go well the next time."""
    while True:
        try:
            await work()
        except StoreUnavailable:
            pass  # the store has logged why
        except Exception:
            logger.exception("looking after the jobs failed")
        await asyncio.sleep(seconds)
