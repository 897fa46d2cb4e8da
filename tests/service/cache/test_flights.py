"""One computation for identical work in flight; and nobody fails for another's sake."""

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from models.batching.packing import Lane
from service.cache.flights import Flights

pytestmark = pytest.mark.anyio


class Kitchen:
    """Makes values when told to; remembers what was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.open = asyncio.Event()
        self.failing = False

    async def make(self, keys: Sequence[str]) -> Mapping[str, str]:
        self.asked += keys
        await self.open.wait()
        if self.failing:
            raise LookupError
        return {key: key.upper() for key in keys}


async def _gather(
    flights: Flights, kitchen: Kitchen, keys: str, lane: Lane = "interactive"
) -> "asyncio.Task[dict[str, str]]":
    task = asyncio.ensure_future(flights.gather(list(keys), lane, kitchen.make))
    await asyncio.sleep(0)
    return task


async def test_what_two_want_is_made_once() -> None:
    flights, kitchen = Flights(), Kitchen()
    first, second = await _gather(flights, kitchen, "abc"), await _gather(flights, kitchen, "bcd")
    kitchen.open.set()
    assert await first == {"a": "A", "b": "B", "c": "C"}
    assert await second == {"b": "B", "c": "C", "d": "D"}
    assert sorted(kitchen.asked) == ["a", "b", "c", "d"]
    assert len(flights) == 0


async def test_two_that_want_each_others_do_not_wait_for_ever() -> None:
    flights, kitchen = Flights(), Kitchen()
    tasks = [await _gather(flights, kitchen, keys) for keys in ("ab", "bc", "ca")]
    kitchen.open.set()
    async with asyncio.timeout(5):
        assert [sorted(found) for found in await asyncio.gather(*tasks)] == [["a", "b"], ["b", "c"], ["a", "c"]]


async def test_who_waits_takes_over_when_the_maker_is_cancelled() -> None:
    flights, kitchen = Flights(), Kitchen()
    first, second = await _gather(flights, kitchen, "a"), await _gather(flights, kitchen, "a")
    first.cancel()
    kitchen.open.set()
    assert await second == {"a": "A"}
    assert kitchen.asked == ["a", "a"]


async def test_a_makers_error_is_its_own() -> None:
    flights, kitchen, healthy = Flights(), Kitchen(), Kitchen()
    kitchen.failing = True
    first, second = await _gather(flights, kitchen, "a"), await _gather(flights, healthy, "a")
    kitchen.open.set()
    healthy.open.set()
    with pytest.raises(LookupError):
        await first
    assert await second == {"a": "A"}


async def test_who_waits_may_leave() -> None:
    flights, kitchen = Flights(), Kitchen()
    first, second = await _gather(flights, kitchen, "a"), await _gather(flights, kitchen, "a")
    second.cancel()
    kitchen.open.set()
    assert await first == {"a": "A"}


@pytest.mark.parametrize(("waiting", "made"), [("interactive", 2), ("bulk", 1)])
async def test_a_reader_does_not_wait_for_bulk_work(waiting: Lane, made: int) -> None:
    flights, kitchen = Flights(), Kitchen()
    running: Lane = "bulk" if waiting == "interactive" else "interactive"
    tasks = [await _gather(flights, kitchen, "a", running), await _gather(flights, kitchen, "a", waiting)]
    kitchen.open.set()
    await asyncio.gather(*tasks)
    assert len(kitchen.asked) == made
