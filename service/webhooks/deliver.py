"""Delivers what is due: at least once, a few at a time, again and again until a receiver has it or the time for it is over."""

import asyncio
import contextlib
import logging
import random
import ssl
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import h11
from sqlalchemy import Connection

from service.errors import JobUnknown, StoreUnavailable, WebhookRefused
from service.jobs import records, servers
from service.metrics import Metrics
from service.schemas.jobs import JobEvent
from service.settings import Settings
from service.store.database import Store
from service.version import VERSION
from service.webhooks import outbox, signing
from service.webhooks.outbox import Taken
from service.webhooks.post import post
from service.webhooks.targets import Targets, addresses

logger = logging.getLogger(__name__)

_SLOTS = 8  # events on their way at one time
_GONE = 410  # the receiver wants no more


@dataclass(frozen=True, slots=True)
class Pace:
    """In seconds: what one try may take, when an event is taken up again after a crash, the first pause between tries and the
    longest, and how often due events are looked for. The lease is longer than a try, so two servers do not try at one time."""

    timeout: float = 15.0
    lease: float = 60.0
    first: float = 5.0
    longest: float = 3600.0
    poll: float = 1.0

    def pause(self, tries: int) -> float:
        """After the `tries`th failure: four times as long each time, a quarter more or less by chance, so that what failed
        together does not come again together."""
        return float(min(self.first * 4 ** min(tries - 1, 20), self.longest) * random.uniform(0.75, 1.25))


class Deliveries:
    """The webhooks of one server: `work` until `close`, then `finish`."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        metrics: Metrics,
        pace: Pace | None = None,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        """`trust` holds the certificates that count, otherwise the system's. Raises `SettingsError` where there is no secret."""
        signing.check(settings)
        self.targets = Targets(settings.webhook_hosts)
        self._secret = settings.webhook_secret
        self._retry = settings.webhook_retry
        self._store = store
        self._metrics = metrics
        self._pace = pace or Pace()
        self._trust = trust or ssl.create_default_context()
        self._threads = ThreadPoolExecutor(_SLOTS, "webhooks")  # for names: one that hangs keeps nobody else waiting
        self._running: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._closing = False

    @property
    def idle(self) -> bool:
        """Whether nothing is on its way."""
        return not self._running

    async def work(self) -> None:
        """Until `close`."""
        while not self._closing:
            self._wake.clear()
            try:
                await self._take()
            except StoreUnavailable:
                pass  # the store has logged why
            except Exception:
                logger.exception("webhooks could not be taken")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), self._pace.poll)

    def close(self) -> None:
        """Begin nothing more."""
        self._closing = True
        self._wake.set()

    async def finish(self, seconds: float) -> None:
        """Let what is on its way arrive within `seconds`. The rest is due again when its lease is over."""
        self.close()
        tasks = list(self._running)
        if tasks:
            await asyncio.wait(tasks, timeout=seconds)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _take(self) -> None:
        room = _SLOTS - len(self._running)
        if room == 0:
            return
        for taken, body in await self._store.run(_take, room, self._pace.lease):
            task = asyncio.create_task(self._one(taken, body))
            self._running.add(task)
            task.add_done_callback(self._over)

    def _over(self, task: "asyncio.Task[None]") -> None:
        self._running.discard(task)
        self._wake.set()

    async def _one(self, taken: Taken, body: bytes) -> None:
        told: dict[str, object] = {"job": taken.job, "tries": taken.tries}
        status: int | None = None
        try:
            async with asyncio.timeout(self._pace.timeout):
                status = await self._send(taken, body)
            told["status"] = status
        except (OSError, WebhookRefused, h11.RemoteProtocolError) as error:  # TimeoutError is an OSError
            told["code"] = error.code if isinstance(error, WebhookRefused) else type(error).__name__
        except Exception:
            logger.exception("a webhook could not be sent", extra=told)
        with contextlib.suppress(StoreUnavailable):  # then it is due again when its lease is over
            await self._settle(taken, status, told)

    async def _send(self, taken: Taken, body: bytes) -> int:
        target = self.targets.target(taken.url)
        now = int(time.time())
        secret = signing.secret_of(self._secret, taken.owner)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": f"Mujaz/{VERSION}",
            "webhook-id": taken.event,
            "webhook-timestamp": str(now),
            "webhook-signature": signing.signature(secret, taken.event, now, body),
        }
        return await post(target, await addresses(target, self._threads), headers, body, self._trust)

    async def _settle(self, taken: Taken, status: int | None, told: dict[str, object]) -> None:
        if status is not None and 200 <= status < 300:
            await self._store.run(outbox.settle, taken, "delivered", status)
            self._metrics.webhook("delivered")
            return
        due = await self._store.run(servers.clock) + self._pace.pause(taken.tries)
        if status == _GONE or due > taken.ended + self._retry:
            await self._store.run(outbox.settle, taken, "given_up", status)
            self._metrics.webhook("given_up")
            logger.warning("a webhook is given up", extra=told)
            return
        await self._store.run(outbox.again, taken, due, status)
        self._metrics.webhook("failed")
        logger.info("a webhook was not delivered", extra=told)


def _take(connection: Connection, room: int, lease: float) -> list[tuple[Taken, bytes]]:
    """What is due, with its bodies, which are the same at every try; nothing of a job that is deleted at the same moment."""
    bodies: list[tuple[Taken, bytes]] = []
    for event in outbox.take(connection, room, servers.clock(connection), lease):
        with contextlib.suppress(JobUnknown):
            bodies.append((event, _body(connection, event)))
    return bodies


def _body(connection: Connection, taken: Taken) -> bytes:
    """What is told: no text of an article, and none of a brief."""
    job = records.show(connection, taken.owner, taken.job)
    plain = job.model_dump(exclude={"webhook"})
    told = {"id": taken.event, "type": f"job.{job.state}", "created": job.finished, "job": plain}
    return JobEvent.model_validate(told).model_dump_json().encode()
