"""Many pieces of work at one time, where each one's failure is its own."""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Iterable
from typing import TypeVar

from models.errors import DeadlineExceeded, MujazError
from service.errors import failed
from service.schemas.briefs import FailedItem

logger = logging.getLogger(__name__)

Answer = TypeVar("Answer")


async def by(deadline: float, work: Awaitable[Answer]) -> Answer:
    """The answer of `work`, which is cancelled at `deadline`, a time of the running loop. Raises `DeadlineExceeded`."""
    try:
        async with asyncio.timeout_at(deadline):
            return await work
    except TimeoutError as error:
        raise DeadlineExceeded("The answer was not ready within the deadline of the request.") from error


async def settle(item_id: str | None, work: Awaitable[Answer]) -> Answer | FailedItem:
    """The answer of `work`, or its error as an item; only cancellation gets through."""
    try:
        return await work
    except MujazError as error:
        return failed(item_id, error)
    except Exception:
        logger.exception("item failed")
        return failed(item_id, MujazError("This item failed inside Mujaz; the others are not affected."))


async def settle_all(items: Iterable[tuple[str | None, Awaitable[Answer]]]) -> list[Answer | FailedItem]:
    """All answers in order; cancelling this cancels every one of them."""
    return list(await asyncio.gather(*(settle(item_id, work) for item_id, work in items)))


async def all_or_none(items: Iterable[Awaitable[Answer]]) -> list[Answer]:
    """All answers in order; the first failure ends the others and is raised."""
    tasks = [asyncio.ensure_future(item) for item in items]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def in_order(items: Iterable[Awaitable[Answer]], window: int) -> AsyncIterator[Answer]:
    """The answers as they come, in order; at most `window` pieces of work are taken from `items` ahead of them."""
    running: deque[asyncio.Future[Answer]] = deque()
    source = iter(items)
    try:
        while True:
            while len(running) < window and (work := next(source, None)) is not None:
                running.append(asyncio.ensure_future(work))
            if not running:
                return
            yield await running[0]
            running.popleft()
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
