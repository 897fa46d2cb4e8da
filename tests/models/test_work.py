"""A request's work: its items' futures are waited for together."""

import asyncio
import threading
from concurrent.futures import Future

import pytest

from models.errors import EngineFailed
from models.work import results


def run(futures: list["Future[int]"], do: "list[tuple[int, int | Exception]]") -> "tuple[list[int], int]":
    """The results while another thread resolves the futures in the order of `do`, and how often the loop was woken for them."""

    async def waiting() -> tuple[list[int], int]:
        loop = asyncio.get_running_loop()
        woken, call = [], loop.call_soon_threadsafe

        def counted(*args: object) -> object:
            woken.append(args)
            return call(*args)

        loop.call_soon_threadsafe = counted
        task = asyncio.create_task(results(futures))
        await asyncio.sleep(0)
        thread = threading.Thread(target=resolve)
        thread.start()
        try:
            return await task, len(woken)
        finally:
            thread.join()

    def resolve() -> None:
        for number, outcome in do:
            if isinstance(outcome, Exception):
                futures[number].set_exception(outcome)
            else:
                futures[number].set_result(outcome)

    return asyncio.run(waiting())


def test_results_keep_their_order_and_wake_the_loop_once() -> None:
    futures: list[Future[int]] = [Future() for _ in range(3)]
    assert run(futures, [(2, 30), (0, 10), (1, 20)]) == ([10, 20, 30], 1)


def test_a_failure_is_raised_before_the_others_are_done() -> None:
    futures: list[Future[int]] = [Future() for _ in range(3)]
    with pytest.raises(EngineFailed, match="the second"):
        run(futures, [(0, 10), (1, EngineFailed("the second"))])
    assert not futures[2].done()


def test_what_is_done_already_is_not_waited_for() -> None:
    done: Future[int] = Future()
    done.set_result(1)
    assert asyncio.run(results([done])) == [1]


def test_a_result_that_comes_after_the_loop_has_closed_harms_nobody() -> None:
    late: Future[int] = Future()

    async def given_up() -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(results([late]), 0.01)

    asyncio.run(given_up())
    late.set_result(1)
    assert late.result() == 1
