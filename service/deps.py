"""What routes are given: the app's context, the runtime, and the work of one request under its deadline."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar, cast

from fastapi import Depends, Request

from models.batching.packing import Lane
from models.errors import Cancelled, MujazError
from models.runtime import Runtime
from service.batch import all_or_none, by, settle_all
from service.cache.recall import Cache, Recall
from service.callers import ANYBODY, CALLER, Caller
from service.drain import Drain
from service.errors import KeyMissing, ShuttingDown, row
from service.jobs.jobs import Jobs
from service.keys.access import Access
from service.keys.quotas import Account, characters
from service.limits import Admission, TextLimits, check_count
from service.metrics import Metrics
from service.runtime import Startup
from service.schemas.briefs import FailedItem
from service.settings import Settings
from service.store.database import Store
from service.tracing.spans import stage


@dataclass(frozen=True, slots=True)
class Context:
    """What one app is made of."""

    settings: Settings
    limits: TextLimits
    admission: Admission
    metrics: Metrics
    startup: Startup
    store: Store
    cache: Cache | None
    access: Access
    jobs: Jobs
    drain: Drain

    def idle(self) -> bool:
        """Whether no request and no article of a job is in work."""
        return self.jobs.idle and not self.admission.in_flight


async def _context(request: Request) -> Context:
    return cast(Context, request.app.state.context)


InContext = Annotated[Context, Depends(_context)]


async def _runtime(context: InContext) -> Runtime:
    if context.drain.begun:
        raise ShuttingDown("The server is being stopped.")
    return context.startup.runtime()


Ready = Annotated[Runtime, Depends(_runtime)]
"""The runtime; a request before it is up is answered with the reason."""


def caller_of(context: Context, request: Request) -> Caller:
    """Who asks. Raises `KeyMissing` where a key is required and nobody has looked at it."""
    caller: Caller | None = request.scope.get(CALLER)
    if caller is None and context.access.required:
        raise KeyMissing("An API key is needed.")
    return caller or ANYBODY


async def _caller(context: InContext, request: Request) -> Caller:
    return caller_of(context, request)


InCaller = Annotated[Caller, Depends(_caller)]
"""Who asks."""

_REFUSED = (400, 413, 422, 503)  # statuses of items on which no work was spent

Given = TypeVar("Given")
Answer = TypeVar("Answer")
Make = Callable[[Given], Coroutine[Any, Any, Answer]]


class Work:
    """One request's articles: counted against the caller's quota, let in together or not at all, held to the deadline, counted.

    A request of one article goes by the interactive lane, a list by the bulk lane.
    """

    def __init__(self, context: Context, request: Request) -> None:
        self.limits = context.limits
        self.most = context.settings.articles
        self._context = context
        self._request = request
        self._route: str = request.scope["route"].path
        self._deadline: float = request.scope["mujaz.deadline"]
        self._size: int = request.scope["mujaz.size"]  # bytes of the body

    def recall(self) -> Recall | None:
        """What is remembered of earlier requests, as this one may use it; None where the cache is off."""
        return self._context.cache.recall() if self._context.cache else None

    async def one(self, given: Given, make: Make[Given, Answer]) -> Answer:
        """The answer to a request of one article or text.

        Raises what `make` raises, `DeadlineExceeded`, and before any work `QuotaExceeded` and `Overloaded`.
        """
        with self._context.admission.lanes["interactive"].enter(1, self._size) as answered:
            account = self._charge([given])
            answer = await self._item("interactive", account, self._size, given, make)
            answered(self._size)
            return answer

    async def many(self, batch: Sequence[Given], make: Make[Given, Answer]) -> list[Answer | FailedItem]:
        """The answers to a batch, in order, errors as items.

        Raises before any work `InputTooLong` for too many, `QuotaExceeded` and `Overloaded`.
        """
        with self._batch(batch, make) as item:
            return await settle_all((getattr(given, "id", None), item(given)) for given in batch)

    async def all(self, batch: Sequence[Given], make: Make[Given, Answer]) -> list[Answer]:
        """The answers to a batch, in order. Raises as `many` does, and the first error of an item."""
        with self._batch(batch, make) as item:
            return await all_or_none([item(given) for given in batch])

    @contextmanager
    def _batch(self, batch: Sequence[Given], make: Make[Given, Answer]) -> Iterator[Make[Given, Answer]]:
        """Room for a batch; gives what one of its items is answered by."""
        check_count(len(batch), self.most)
        share = self._size // max(1, len(batch))
        with self._context.admission.lanes["bulk"].enter(len(batch), self._size) as answered:
            account = self._charge(batch)

            async def item(given: Given) -> Answer:
                answer = await self._item("bulk", account, share, given, make)
                answered(share)
                return answer

            yield item

    async def _item(self, lane: Lane, account: Account, size: int, given: Given, make: Make[Given, Answer]) -> Answer:
        metrics, backlog = self._context.metrics, self._context.admission.lanes[lane]
        try:
            with stage("article", lane=lane):
                answer = await by(self._deadline, backlog.in_turn(size, lambda: make(given)))
        except MujazError as error:
            metrics.failed(self._route, error.code)
            if row(error).status in _REFUSED:
                self._context.access.quotas.refund(account, characters(given))
            raise
        except asyncio.CancelledError:
            metrics.failed(self._route, Cancelled.code)
            raise
        except Exception:
            metrics.failed(self._route, MujazError.code)
            raise
        metrics.answered(self._route, lane, answer)
        return answer

    def _charge(self, batch: Sequence[object]) -> Account:
        """Count what is sent. Raises `QuotaExceeded`."""
        caller = caller_of(self._context, self._request)
        return self._context.access.quotas.charge(caller, sum(map(characters, batch)))


async def _work(context: InContext, request: Request) -> Work:
    return Work(context, request)


InWork = Annotated[Work, Depends(_work)]
