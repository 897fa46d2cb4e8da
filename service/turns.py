"""How much is worked on at one time, in the order of asking: whole articles count as one, short texts as parts of one."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from service.tracing.spans import stage

ARTICLE = 4096
"""Bytes from which on a text counts as a whole article."""
_LEAST = ARTICLE // 16


class Turns:
    """Room for so many articles, or for up to sixteen times as many short texts. For one event loop."""

    def __init__(self, articles: int) -> None:
        self._room = articles * ARTICLE
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    @asynccontextmanager
    async def turn(self, size: int) -> AsyncIterator[None]:
        """A text of `size` bytes has its turn until the block ends; those who asked before have theirs first."""
        need = min(max(size, _LEAST), ARTICLE)
        await self._take(need)
        try:
            yield
        finally:
            self._give(need)

    async def _take(self, need: int) -> None:
        if not self._waiting and need <= self._room:
            self._room -= need
            return
        mine = need, asyncio.get_running_loop().create_future()
        self._waiting.append(mine)
        try:
            with stage("wait"):
                await mine[1]
        except asyncio.CancelledError:
            if not mine[1].cancelled():
                self._give(need)  # it was given while it was cancelled
            else:
                self._give(0)  # what was behind it may fit
            raise

    def _give(self, need: int) -> None:
        self._room += need
        while self._waiting and (self._waiting[0][1].cancelled() or self._waiting[0][0] <= self._room):
            size, future = self._waiting.popleft()
            if not future.cancelled():
                self._room -= size
                future.set_result(None)
