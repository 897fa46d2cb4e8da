"""The queue: bounded, all or nothing, and left through one door only."""

import concurrent.futures
import math
import time

import pytest

from models.batching.packing import Lane
from models.batching.queue import Entry, Queue
from models.errors import DeadlineExceeded, EngineFailed, InputTooLong, Overloaded
from tests.support.fake_engine import item


def entry(cost: int = 1, lane: Lane = "interactive", deadline: float = math.inf, submitted: float = 0.0) -> Entry:
    return Entry(item(*range(cost)), cost, lane, submitted, deadline)


def test_a_group_that_finds_no_room_leaves_nothing_behind() -> None:
    queue = Queue(max_items=3, max_tokens=100)
    queue.put([entry(), entry()])
    with pytest.raises(Overloaded):
        queue.put([entry(), entry()])
    assert len(queue) == 2
    queue.put([entry()])


def test_tokens_are_limited_over_both_lanes_together() -> None:
    queue = Queue(max_items=10, max_tokens=10)
    queue.put([entry(6)])
    with pytest.raises(Overloaded):
        queue.put([entry(5, "bulk")])
    queue.put([entry(4, "bulk")])


@pytest.mark.parametrize("group", [[entry(), entry(), entry()], [entry(11)]])
def test_a_group_that_could_never_wait_is_told_the_limits(group: list[Entry]) -> None:
    with pytest.raises(InputTooLong, match="at most 2 items and 10 tokens"):
        Queue(max_items=2, max_tokens=10).put(group)


def test_what_is_taken_makes_room() -> None:
    queue = Queue(max_items=2, max_tokens=10)
    group = [entry(5), entry(5)]
    queue.put(group)
    assert queue.take(free=10) == group
    queue.put([entry(5), entry(5)])


def test_a_cancelled_entry_leaves_at_once_and_those_who_wait_for_it_are_told() -> None:
    queue = Queue(max_items=1, max_tokens=10)
    cancelled = entry()
    queue.put([cancelled])
    assert cancelled.future.cancel()
    queue.put([entry()])
    done, _ = concurrent.futures.wait([cancelled.future], timeout=1)
    assert done == {cancelled.future}


def test_expired_entries_and_those_that_fit_no_longer_come_out_with_the_reason() -> None:
    now = time.monotonic()
    queue = Queue(max_items=9, max_tokens=99)
    late, large, fine = entry(deadline=now - 1), entry(9, "bulk"), entry(8, deadline=now + 1)
    queue.put([late, large, fine])
    reasons = {e: type(why) for e, why in queue.take_over(now, capacity=8)}
    assert reasons == {late: DeadlineExceeded, large: EngineFailed}
    assert queue.take_all() == [fine]
    assert len(queue) == 0


def test_nothing_is_overlooked_that_comes_after_a_look_or_when_the_engine_shrinks() -> None:
    queue = Queue(max_items=9, max_tokens=99)
    first, second = entry(5, deadline=20.0), entry(3, "bulk", deadline=30.0)
    queue.put([first, second])
    assert queue.take_over(10.0, capacity=8) == []
    sooner = entry(1, deadline=12.0)
    queue.put([sooner])
    assert [e for e, _ in queue.take_over(15.0, capacity=8)] == [sooner]
    assert [e for e, _ in queue.take_over(15.0, capacity=4)] == [first]
    assert [e for e, _ in queue.take_over(30.0, capacity=4)] == [second]


def test_however_many_wait_all_leave_the_oldest_first() -> None:
    queue = Queue(max_items=2000, max_tokens=10_000)
    group = [entry(1 + i % 3, "bulk") for i in range(1000)]
    queue.put(group)
    left = list(group)
    while left:
        batch = queue.take(free=30)
        assert batch[0] is left[0]
        left = [e for e in left if e not in set(batch)]
    assert len(queue) == 0


def test_depth_and_waiting_time_are_told_by_lane() -> None:
    queue = Queue(max_items=9, max_tokens=99)
    queue.put([entry(lane="bulk", submitted=1.0), entry(lane="bulk", submitted=2.0)])
    assert queue.depth() == {"interactive": 0, "bulk": 2}
    assert queue.waited(now=5.0) == {"interactive": 0.0, "bulk": 4.0}


def test_a_callback_that_fails_does_not_reach_the_one_who_answers() -> None:
    def explode(_: object) -> None:
        raise SystemExit

    answered = entry()
    answered.future.add_done_callback(explode)
    assert answered.answer((1, 2))
    assert answered.future.result() == (1, 2)
