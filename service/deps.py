"""What routes are given: the app's context, the runtime, and the work of one request under its deadline."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar, cast

from fastapi import Depends, Request

from models.batching.packing import Lane
from models.errors import Cancelled, MujazError
from models.runtime import Runtime
from service.batch import all_or_none, by, settle_all
from service.cache.recall import Cache, Recall
from service.callers import ANYBODY, Caller
from service.limits import Admission, TextLimits, check_count
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
    admission: Admission
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
    """One request's articles: let in together or not at all, each held to the request's deadline, each counted.

    A request of one article goes by the interactive lane, a list by the bulk lane; `size` is its body's, in bytes.
    """

    def __init__(self, context: Context, route: str, deadline: float, size: int) -> None:
        self.limits = context.limits
        self.most = context.settings.articles
        self._context = context
        self._route = route
        self._deadline = deadline
        self._size = size

    def recall(self) -> Recall | None:
        """What is remembered of earlier requests, as this one may use it; None where the cache is off."""
        return self._context.cache.recall() if self._context.cache else None

    async def one(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        """The answer to a request of one article. Raises what `work` raises, `Overloaded` and `DeadlineExceeded`."""
        lane = self._context.admission.lanes["interactive"]
        with closing(work), lane.enter(1, self._size) as answered:
            answer = await self._item("interactive", work)
            answered(self._size)
            return answer

    async def many(
        self, batch: Sequence[Given], make: Callable[[Given], Coroutine[Any, Any, Answer]]
    ) -> list[Answer | FailedItem]:
        """The answers to a batch, in order, errors as items. Raises `InputTooLong` for too many, and `Overloaded`."""
        with self._batch(len(batch)) as item:
            return await settle_all((getattr(given, "id", None), item(make(given))) for given in batch)

    async def all(self, batch: Sequence[Given], make: Callable[[Given], Coroutine[Any, Any, Answer]]) -> list[Answer]:
        """The answers to a batch, in order. Raises as `many` does, and the first error of an item."""
        with self._batch(len(batch)) as item:
            return await all_or_none([item(make(given)) for given in batch])

    @contextmanager
    def _batch(self, count: int) -> Iterator[Callable[[Coroutine[Any, Any, Any]], Coroutine[Any, Any, Any]]]:
        """Room for a batch; gives what one of its items is answered by."""
        check_count(count, self.most)
        share = self._size // max(1, count)
        with self._context.admission.lanes["bulk"].enter(count, self._size) as answered:

            async def item(work: Coroutine[Any, Any, Answer]) -> Answer:
                answer = await self._item("bulk", work)
                answered(share)
                return answer

            yield item

    async def _item(self, lane: Lane, work: Coroutine[Any, Any, Answer]) -> Answer:
        metrics, backlog = self._context.metrics, self._context.admission.lanes[lane]
        try:
            with closing(work):  # its turn may never come
                answer = await by(self._deadline, backlog.in_turn(work))
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


async def _work(context: InContext, request: Request) -> Work:
    return Work(context, request.scope["route"].path, request.scope["mujaz.deadline"], request.scope["mujaz.size"])


InWork = Annotated[Work, Depends(_work)]
