"""Many pieces of work at one time: order, failures of one's own, cancellation."""

import asyncio

import pytest

from models.errors import DeadlineExceeded, EmptyText
from service.batch import by, in_order, settle_all
from service.schemas.briefs import FailedItem

pytestmark = pytest.mark.anyio


async def _after(seconds: float, value: int) -> int:
    await asyncio.sleep(seconds)
    return value


async def _fail(error: Exception) -> int:
    raise error


async def test_answers_keep_the_order_of_the_items() -> None:
    assert await settle_all([("a", _after(0.02, 1)), ("b", _after(0, 2))]) == [1, 2]


async def test_one_failure_is_its_own_and_a_mistake_of_ours_is_not_quoted() -> None:
    first, second, third = await settle_all(
        [("a", _fail(EmptyText("Empty."))), ("b", _after(0, 2)), ("c", _fail(RuntimeError("secret")))]
    )
    assert isinstance(first, FailedItem) and first.error.code == "empty_text"
    assert second == 2
    assert isinstance(third, FailedItem) and third.error.code == "internal" and "secret" not in third.error.message


async def test_work_beyond_the_deadline_is_cancelled_and_says_so() -> None:
    work = asyncio.ensure_future(_after(10, 1))
    with pytest.raises(DeadlineExceeded):
        await by(asyncio.get_running_loop().time() + 0.01, work)
    assert work.cancelled()


async def test_in_order_looks_no_further_ahead_than_its_window() -> None:
    taken = []

    def source():
        for number in range(10):
            taken.append(number)
            yield _after(0.01 * (number % 3), number)

    seen = []
    async for answer in in_order(source(), window=3):
        seen.append(answer)
        assert len(taken) <= len(seen) + 2
    assert seen == list(range(10))


async def test_in_order_cancels_what_runs_when_it_is_left() -> None:
    works = [asyncio.ensure_future(_after(delay, 0)) for delay in (0, 10, 10)]
    answers = in_order(works, window=3)
    assert await anext(answers) == 0
    await answers.aclose()
    assert [work.cancelled() for work in works] == [False, True, True]
