"""What routes are given: the app's context, the runtime, and the work of one request under its deadline."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar, cast

from fastapi import Depends, Request

from models.batching.packing import Lane
from models.errors import Cancelled, MujazError
from models.runtime import Runtime
from service.backlog import Answered
from service.batch import all_or_none, by, settle_all
from service.cache.recall import Cache, Recall
from service.callers import ANYBODY, CALLER, Caller
from service.compat.files import Files
from service.drain import Drain
from service.errors import KeyMissing, ShuttingDown
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
    files: Files
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

Given = TypeVar("Given")
Answer = TypeVar("Answer")
Make = Callable[[Given, Recall | None], Coroutine[Any, Any, Answer]]
"""Makes an answer, with what is remembered of earlier requests as it may use it; None where the cache is off."""


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
        self._backlogs = context.admission.backlogs(self._route)
        self._deadline: float = request.scope["mujaz.deadline"]
        self._size: int = request.scope["mujaz.size"]  # bytes of the body

    async def one(self, given: Given, make: Make[Given, Answer]) -> Answer:
        """The answer to a request of one article or text.

        Raises what `make` raises, `DeadlineExceeded`, and before any work `QuotaExceeded` and `Overloaded`.
        """
        with self._backlogs["interactive"].enter(1, self._size) as answered:
            account = self._charge([given])
            with self._refunding(account, given):
                return await self._item("interactive", self._size, given, make, answered)

    async def many(self, batch: Sequence[Given], make: Make[Given, Answer]) -> list[Answer | FailedItem]:
        """The answers to a batch, in order, errors as items.

        Raises before any work `InputTooLong` for too many, `QuotaExceeded` and `Overloaded`.
        """
        with self._batch(batch, make) as (account, item):

            async def own(given: Given) -> Answer:
                with self._refunding(account, given):
                    return await item(given)

            return await settle_all((getattr(given, "id", None), own(given)) for given in batch)

    async def all(self, batch: Sequence[Given], make: Make[Given, Answer]) -> list[Answer]:
        """The answers to a batch, in order. Raises as `many` does, and the first error of an item; a refusal is not charged."""
        with self._batch(batch, make) as (account, item), self._refunding(account, batch):
            return await all_or_none([item(given) for given in batch])

    @contextmanager
    def _batch(
        self, batch: Sequence[Given], make: Make[Given, Answer]
    ) -> Iterator[tuple[Account, Callable[[Given], Coroutine[Any, Any, Answer]]]]:
        """Room for a batch; gives where it was charged, and what one of its items is answered by."""
        check_count(len(batch), self.most)
        share = self._size // max(1, len(batch))
        with self._backlogs["bulk"].enter(len(batch), self._size) as answered:
            yield self._charge(batch), lambda given: self._item("bulk", share, given, make, answered)

    async def _item(self, lane: Lane, size: int, given: Given, make: Make[Given, Answer], answered: Answered) -> Answer:
        metrics, cache = self._context.metrics, self._context.cache
        recall = cache.recall() if cache else None
        try:
            with stage("article", lane=lane):
                answer = await by(self._deadline, self._backlogs[lane].in_turn(size, lambda: make(given, recall)))
        except MujazError as error:
            metrics.failed(self._route, error.code)
            raise
        except asyncio.CancelledError:
            metrics.failed(self._route, Cancelled.code)
            raise
        except Exception:
            metrics.failed(self._route, MujazError.code)
            raise
        metrics.answered(self._route, lane, answer)
        answered(size, computed=recall is None or not recall.spared)
        return answer

    def _charge(self, batch: Sequence[object]) -> Account:
        """Count what is sent. Raises `QuotaExceeded`."""
        caller = caller_of(self._context, self._request)
        return self._context.access.quotas.charge(caller, characters(batch))

    def _refunding(self, account: Account, given: object) -> AbstractContextManager[None]:
        return self._context.access.quotas.refunding(account, characters(given))


async def _work(context: InContext, request: Request) -> Work:
    return Work(context, request)


InWork = Annotated[Work, Depends(_work)]
