"""How a server ends: it takes in nothing more, finishes what it has for a while, and gives back or refuses the rest."""

import asyncio
import logging
import time
from collections.abc import Callable
from types import FrameType

import uvicorn

logger = logging.getLogger(__name__)

_CLOSING = 2  # seconds that uvicorn waits for connections on which nothing is in work any more


class Drain:
    """Whether the server is ending, and how long what it has may still take. Used on the event loop only."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until: float | None = None
        self.ended = asyncio.Event()
        """Set when time is up: what is still in work is answered with a refusal."""

    @property
    def begun(self) -> bool:
        return self._until is not None

    def begin(self) -> None:
        """Nothing new from now on."""
        self._until = time.monotonic() + self._seconds

    def remaining(self) -> float:
        """Seconds that are left."""
        return self._seconds if self._until is None else max(self._until - time.monotonic(), 0.0)

    def end(self) -> None:
        """Time is up."""
        self._until = time.monotonic()
        self.ended.set()


class Server(uvicorn.Server):
    """uvicorn's server. The first SIGTERM or SIGINT begins the drain, during which it still answers; a second ends that."""

    def __init__(
        self, config: uvicorn.Config, drain: Drain, close: Callable[[], None], idle: Callable[[], bool]
    ) -> None:
        """`close` is told that the drain begins; `idle` says that nothing is left to be done."""
        config.timeout_graceful_shutdown = _CLOSING
        super().__init__(config)
        self._drain = drain
        self._close = close
        self._idle = idle
        self._signals = 0

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Only counts: `on_tick` acts, on the event loop."""
        self._signals += 1
        self.force_exit = self.should_exit  # a signal after the drain

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second."""
        if self._signals and not self._drain.begun:
            logger.info("draining; a second signal ends at once")
            self._drain.begin()
            self._close()
        if self._drain.begun and (self._signals > 1 or self._idle() or not self._drain.remaining()):
            self._drain.end()
            self.should_exit = True
        return await super().on_tick(counter)
