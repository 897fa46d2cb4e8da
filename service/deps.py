"""What routes are given: the app's context, the runtime, and the work of one request under its deadline."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, TypeVar, cast

from fastapi import Depends, Request

from models.errors import MujazError
from models.runtime import Runtime
from service.batch import by, settle_all
from service.callers import ANYBODY, CALLER, Caller
from service.errors import KeyMissing, row
from service.keys.access import Access
from service.keys.quotas import Account
from service.limits import TextLimits, check_count
from service.metrics import Metrics
from service.runtime import Startup
from service.schemas.briefs import Article, FailedItem
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
    access: Access


async def _context(request: Request) -> Context:
    return cast(Context, request.app.state.context)


InContext = Annotated[Context, Depends(_context)]


async def _runtime(context: InContext) -> Runtime:
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

_REFUSED = (413, 422, 503)  # statuses of items on which no work was spent

Given = TypeVar("Given")
Answer = TypeVar("Answer")


class Work:
    """One request's articles: each counted against the caller's quota, held to the request's deadline, and counted with
    its outcome."""

    def __init__(self, context: Context, request: Request) -> None:
        self.limits = context.limits
        self._context = context
        self._request = request
        self._route: str = request.scope["route"].path
        self._deadline: float = request.scope["mujaz.deadline"]

    async def one(self, given: Given, make: Callable[[Given], Awaitable[Answer]]) -> Answer:
        """The answer to a request of one article or text.

        Raises what `make` raises, `QuotaExceeded` before that, and `DeadlineExceeded`.
        """
        account = self._charge(_characters(given))
        return await self._made(given, make, account)

    async def many(
        self, batch: Sequence[Given], make: Callable[[Given], Awaitable[Answer]]
    ) -> list[Answer | FailedItem]:
        """The answers to a batch, in order, errors as items. Raises `InputTooLong` for a batch of too many, and
        `QuotaExceeded`."""
        check_count(len(batch), self._context.settings.articles)
        account = self._charge(sum(map(_characters, batch)))
        return await settle_all((getattr(given, "id", None), self._made(given, make, account)) for given in batch)

    async def _made(self, given: Given, make: Callable[[Given], Awaitable[Answer]], account: Account) -> Answer:
        try:
            answer = await by(self._deadline, make(given))
        except MujazError as error:
            self._context.metrics.item(self._route, error.code, {})
            if row(error).status in _REFUSED:
                self._context.access.quotas.refund(account, _characters(given))
            raise
        self._context.metrics.item(self._route, "ok", getattr(answer, "timing_ms", {}))
        return answer

    def _charge(self, characters: int) -> Account:
        return self._context.access.quotas.charge(caller_of(self._context, self._request), characters)


def _characters(given: object) -> int:
    """What an article, a text or a list of texts is charged for: characters as they were sent, markup and title included."""
    match given:
        case str():
            return len(given)
        case Article():
            return sum(len(part) for part in (given.title, given.text, given.html) if part)
        case Sequence():
            return sum(map(_characters, given))
    raise TypeError(type(given))


async def _work(context: InContext, request: Request) -> Work:
    return Work(context, request)


InWork = Annotated[Work, Depends(_work)]
