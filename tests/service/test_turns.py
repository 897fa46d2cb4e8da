"""Turns: never more at one time than there is room for, in the order of asking, and nothing is lost when somebody gives up."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.turns import ARTICLE, Turns

pytestmark = pytest.mark.anyio


class Desk:
    """Takes turns for texts of the given sizes, and notes who has one."""

    def __init__(self, articles: int) -> None:
        self.turns = Turns(articles)
        self.begun: list[int] = []
        self.going: set[int] = set()
        self.ends: dict[int, asyncio.Event] = {}

    async def work(self, number: int, size: int) -> None:
        self.ends[number] = asyncio.Event()
        async with self.turns.turn(size):
            self.begun.append(number)
            self.going.add(number)
            try:
                await self.ends[number].wait()
            finally:
                self.going.remove(number)

    async def begin(self, sizes: Sequence[int]) -> list["asyncio.Task[None]"]:
        tasks = [asyncio.ensure_future(self.work(number, size)) for number, size in enumerate(sizes)]
        await asyncio.sleep(0)
        return tasks


async def test_whole_articles_take_turns_in_order() -> None:
    desk = Desk(2)
    tasks = await desk.begin([ARTICLE, 10 * ARTICLE, ARTICLE, ARTICLE])
    assert desk.begun == [0, 1]
    for number in range(4):
        desk.ends[number].set()
    await asyncio.gather(*tasks)
    assert desk.begun == [0, 1, 2, 3]


async def test_short_texts_are_worked_on_together() -> None:
    desk = Desk(1)
    tasks = await desk.begin([50] * 20)
    assert len(desk.going) == 16
    for number in range(20):
        desk.ends[number].set()
    await asyncio.gather(*tasks)


async def test_who_waits_and_gives_up_does_not_hold_up_those_behind() -> None:
    desk = Desk(1)
    tasks = await desk.begin([ARTICLE // 2, ARTICLE, 50])
    assert desk.begun == [0]
    tasks[1].cancel()
    await asyncio.sleep(0.01)
    assert desk.begun == [0, 2]
    for number in (0, 2):
        desk.ends[number].set()
    await asyncio.gather(*tasks, return_exceptions=True)


@given(
    articles=st.integers(1, 3),
    sizes=st.lists(st.integers(0, 2 * ARTICLE), min_size=1, max_size=30),
    gone=st.sets(st.integers(0, 29)),
)
def test_all_who_stay_have_their_turn_and_the_room_is_kept(articles: int, sizes: list[int], gone: set[int]) -> None:
    async def run() -> None:
        desk = Desk(articles)
        tasks = await desk.begin(sizes)
        for number, task in enumerate(tasks):
            if number in gone:
                task.cancel()
        while not all(task.done() for task in tasks):
            assert sum(min(max(sizes[number], ARTICLE // 16), ARTICLE) for number in desk.going) <= articles * ARTICLE
            for number in list(desk.going)[:1]:
                desk.ends[number].set()
            await asyncio.sleep(0)
        assert set(range(len(sizes))) - gone <= set(desk.begun)
        async with asyncio.timeout(1), desk.turns.turn(ARTICLE):
            pass  # all the room is there again

    asyncio.run(run())
