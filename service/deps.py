"""What routes are given: the app's context, the runtime, and the work of one request under its deadline."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, TypeVar, cast

from fastapi import Depends, Request

from models.batching.packing import Lane
from models.errors import Cancelled, MujazError
from models.runtime import Runtime
from service.batch import by, settle_all
from service.cache.recall import Cache, Recall
from service.callers import ANYBODY, Caller
from service.limits import TextLimits, check_count
from service.metrics import Metrics
from service.runtime import Startup
from service.schemas.briefs import FailedItem
from service.settings import Settings
from service.store.database import Store


@dataclass(frozen=True, slots=True)
class Context:
    """What one app is made of."""

    settings: Settings
    limits: TextLimits
    metrics: Metrics
    startup: Startup
    store: Store
    cache: Cache | None


async def _context(request: Request) -> Context:
    return cast(Context, request.app.state.context)


InContext = Annotated[Context, Depends(_context)]


async def _runtime(context: InContext) -> Runtime:
    return context.startup.runtime()


Ready = Annotated[Runtime, Depends(_runtime)]
"""The runtime; a request before it is up is answered with the reason."""


async def _caller(request: Request) -> Caller:
    return cast(Caller, request.scope.get("mujaz.caller", ANYBODY))


InCaller = Annotated[Caller, Depends(_caller)]
"""Who asks."""

Given = TypeVar("Given")
Answer = TypeVar("Answer")


class Work:
    """One request's articles: each held to the request's deadline, each counted with its outcome."""

    def __init__(self, context: Context, route: str, deadline: float) -> None:
        self.limits = context.limits
        self._context = context
        self._route = route
        self._deadline = deadline

    def recall(self) -> Recall | None:
        """What is remembered of earlier requests, as this one may use it; None where the cache is off."""
        return self._context.cache.recall() if self._context.cache else None

    async def one(self, work: Awaitable[Answer], lane: Lane = "interactive") -> Answer:
        """The answer to a request of one article. Raises what `work` raises, and `DeadlineExceeded`."""
        metrics = self._context.metrics
        try:
            answer = await by(self._deadline, work)
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
        return answer

    async def many(
        self, batch: Sequence[Given], make: Callable[[Given], Awaitable[Answer]]
    ) -> list[Answer | FailedItem]:
        """The answers to a batch, in order, errors as items. Raises `InputTooLong` for a batch of too many."""
        check_count(len(batch), self._context.settings.articles)
        return await settle_all((getattr(given, "id", None), self.one(make(given), "bulk")) for given in batch)


async def _work(context: InContext, request: Request) -> Work:
    return Work(context, request.scope["route"].path, request.scope["mujaz.deadline"])


InWork = Annotated[Work, Depends(_work)]
