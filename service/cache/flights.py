"""One computation for identical work in flight: who comes second waits for the first.

The idea is Go's `singleflight`; here a waiter takes over when the one that computes gives up, be it by an error or a
disconnect, so that nobody fails for another's sake.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar, cast

from models.batching.packing import Lane

Value = TypeVar("Value")
Make = Callable[[Sequence[str]], Awaitable[Mapping[str, Value]]]

_GIVEN_UP = object()


class Flights:
    """Keys whose values are being computed. For one event loop."""

    def __init__(self) -> None:
        self._running: dict[tuple[Lane, str], asyncio.Future[Any]] = {}

    def __len__(self) -> int:
        return len(self._running)

    async def gather(
        self,
        keys: Sequence[str],
        lane: Lane,
        make: Make[Value],
        joined: Callable[[int], None] = lambda _: None,
    ) -> dict[str, Value]:
        """The value of each of `keys`, no two alike; `make` is asked for those that nobody else computes.

        `joined` is told how many are another's. Raises what `make` raises.
        """
        got: dict[str, Value] = {}
        wanted = list(keys)
        while wanted:
            others = {key: flight for key in wanted if (flight := self._find(key, lane))}
            own = [key for key in wanted if key not in others]
            joined(len(others))
            if own:  # first: two that wait for each other have both landed their own
                got.update(await self._fly(own, lane, make))
            for key, flight in others.items():
                value = await asyncio.shield(flight)
                if value is not _GIVEN_UP:
                    got[key] = cast(Value, value)
            wanted = [key for key in wanted if key not in got]
        return got

    def _find(self, key: str, lane: Lane) -> "asyncio.Future[Any] | None":
        """A reader does not wait for bulk work; bulk work may well wait for a reader's."""
        lanes: tuple[Lane, ...] = ("interactive",) if lane == "interactive" else ("bulk", "interactive")
        return next((flight for lane in lanes if (flight := self._running.get((lane, key)))), None)

    async def _fly(self, keys: Sequence[str], lane: Lane, make: Make[Value]) -> Mapping[str, Value]:
        flights = {(lane, key): asyncio.get_running_loop().create_future() for key in keys}
        self._running.update(flights)
        values: Mapping[str, Value] = {}
        try:
            values = await make(keys)
        finally:
            for (_, key), flight in flights.items():
                flight.set_result(values.get(key, _GIVEN_UP))
            for place in flights:
                del self._running[place]
        return values
