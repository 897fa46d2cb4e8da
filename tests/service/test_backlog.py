"""A lane lets in as much work as it does in its time, at the rate that it has shown."""

import asyncio

import pytest

from models.errors import Overloaded
from service.backlog import Backlog
from service.limits import Admission


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def _shown(clock: Clock, rate: int, seconds: float = 3.0) -> Backlog:
    """A lane of at least four articles that has been seen to do `rate` bytes/s, and has nothing in work."""
    lane = Backlog(seconds, at_once=4, clock=clock)
    with lane.enter(4, 4 * rate) as answered:
        for _ in range(3):
            clock.now += 1
            answered(rate)
    return lane


def test_everything_is_let_in_while_the_rate_is_not_known(clock: Clock) -> None:
    lane = Backlog(1.0, at_once=4, clock=clock)
    with lane.enter(1000, 10**9):
        assert not lane.full()


def test_a_lane_is_full_when_the_work_ahead_takes_longer_than_its_time(clock: Clock) -> None:
    lane = _shown(clock, rate=100, seconds=3.0)
    with lane.enter(5, 300):
        assert not lane.full()
        with lane.enter(1, 1):
            assert lane.full()
            with pytest.raises(Overloaded), lane.enter(1, 1):
                pass
        assert not lane.full()


def test_what_was_answered_is_no_longer_ahead(clock: Clock) -> None:
    lane = _shown(clock, rate=100, seconds=1.0)
    with lane.enter(4, 400) as answered:
        assert lane.full()
        answered(300)
        assert not lane.full()


def test_what_was_known_already_is_no_longer_ahead_and_no_sign_of_speed(clock: Clock) -> None:
    lane = _shown(clock, rate=100, seconds=1.0)
    with lane.enter(4, 10_000) as answered:
        for _ in range(9):
            clock.now += 1
            answered(1000, computed=False)
            answered(100)
        assert not lane.full()  # 100 bytes are left
    with lane.enter(4, 101):
        assert lane.full()


def test_few_articles_are_let_in_however_large(clock: Clock) -> None:
    lane = _shown(clock, rate=100)
    with lane.enter(3, 10**6):
        assert not lane.full()


def test_a_server_with_little_to_do_is_not_taken_for_a_slow_one(clock: Clock) -> None:
    lane = _shown(clock, rate=100, seconds=3.0)
    with lane.enter(1, 10) as answered:
        clock.now += 60
        answered(10)
    with lane.enter(5, 250):
        assert not lane.full()


def test_a_lane_that_becomes_faster_takes_more(clock: Clock) -> None:
    lane = _shown(clock, rate=100, seconds=1.0)
    with lane.enter(4, 10_000) as answered:
        for _ in range(9):
            clock.now += 1
            answered(1000)
    with lane.enter(4, 500):
        assert not lane.full()


def test_work_that_failed_leaves_the_lane_and_is_no_sign_of_speed(clock: Clock) -> None:
    lane = _shown(clock, rate=100, seconds=1.0)

    def fail() -> None:
        with lane.enter(4, 10**6):
            clock.now += 2
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with lane.enter(4, 101):
        assert lane.full()


@pytest.mark.anyio
async def test_articles_beyond_those_worked_on_at_one_time_wait_for_their_turn() -> None:
    lane, release, begun = Backlog(1.0, at_once=2), asyncio.Event(), []

    async def work(number: int) -> None:
        begun.append(number)
        await release.wait()

    tasks = [asyncio.create_task(lane.in_turn(10_000, lambda number=number: work(number))) for number in range(5)]
    await asyncio.sleep(0)
    assert begun == list(range(2))
    release.set()
    await asyncio.gather(*tasks)
    assert begun == list(range(5))


def test_a_request_is_refused_unread_only_when_every_lane_is_full(clock: Clock) -> None:
    lanes = {"interactive": _shown(clock, 100), "bulk": _shown(clock, 100)}
    admission = Admission(9, 9, lanes, _shown(clock, 100))
    with lanes["interactive"].enter(4, 1000):
        admission.check("/v1/brief")
        with lanes["bulk"].enter(4, 1000):
            with pytest.raises(Overloaded, match="take too long"):
                admission.check("/v1/brief")
            admission.check("/v1/detect")


def test_what_is_only_read_has_a_backlog_of_its_own(clock: Clock) -> None:
    lanes, reading = {"interactive": _shown(clock, 100), "bulk": _shown(clock, 100)}, _shown(clock, 100)
    admission = Admission(9, 9, lanes, reading)
    with reading.enter(4, 1000):
        admission.check("/v1/brief")
        for path in ("/v1/detect", "/detect"):
            with pytest.raises(Overloaded, match="take too long"):
                admission.check(path)
