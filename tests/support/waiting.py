"""Waiting for what another task or server does."""

import asyncio
from collections.abc import Awaitable, Callable


async def until(done: Callable[[], Awaitable[bool]]) -> None:
    """Wait until `done` says so; a test that waits in vain fails."""
    async with asyncio.timeout(10):
        while not await done():
            await asyncio.sleep(0.005)
