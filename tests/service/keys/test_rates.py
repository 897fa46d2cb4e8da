"""Requests a minute: never more than the bucket gives, whatever the pattern, and waits that are told are true."""

from hypothesis import given
from hypothesis import strategies as st

from service.keys.rates import Bucket, Rates

SECOND = 10**9
MINUTE = 60 * SECOND
GAPS = st.lists(st.integers(0, 3 * MINUTE) | st.integers(0, SECOND), min_size=1, max_size=80)


class Clock:
    """Nanoseconds, when the test says so."""

    def __init__(self) -> None:
        self.now = 12345

    def __call__(self) -> int:
        return self.now


@given(rate=st.integers(1, 100), gaps=GAPS)
def test_no_window_has_more_than_a_full_bucket_and_what_flowed_in_meanwhile(rate: int, gaps: list[int]) -> None:
    clock = Clock()
    bucket = Bucket(rate, clock)
    taken: list[int] = []
    for gap in gaps:
        clock.now += gap
        while bucket.take() == 0:
            taken.append(clock.now)
    for first, start in enumerate(taken):
        for last in range(first, len(taken)):
            assert (last - first + 1) * MINUTE <= rate * (MINUTE + taken[last] - start)


@given(rate=st.integers(1, 100_000), gaps=GAPS)
def test_after_the_wait_that_was_told_there_is_a_token_and_a_second_before_there_was_none(
    rate: int, gaps: list[int]
) -> None:
    clock = Clock()
    bucket = Bucket(rate, clock)
    for gap in gaps:
        clock.now += gap
        for _ in range(min(rate, 50)):
            bucket.take()
    while (seconds := bucket.take()) == 0:
        pass
    told = clock.now
    clock.now = told + (seconds - 1) * SECOND
    early = bucket.take()
    assert early > 0 or seconds == 1
    clock.now = told + seconds * SECOND
    assert early == 0 or bucket.take() == 0


def test_a_steady_stream_at_the_rate_is_never_refused() -> None:
    clock = Clock()
    bucket = Bucket(7, clock)
    while bucket.take() == 0:  # the store of the idle time is gone
        pass
    for _ in range(1000):
        clock.now += -(-MINUTE // 7)
        assert bucket.take() == 0


def test_a_bucket_is_full_at_first_and_tells_what_is_left() -> None:
    clock = Clock()
    bucket = Bucket(3, clock)
    assert bucket.left() == (3, 0)
    assert [bucket.take() for _ in range(4)] == [0, 0, 0, 20]
    assert bucket.left() == (0, 60)
    clock.now += 20 * SECOND
    assert bucket.left() == (1, 40)


def test_keys_do_not_take_from_each_other() -> None:
    rates = Rates()
    assert rates.bucket("a", 1).take() == 0
    assert rates.bucket("b", 1).take() == 0
    assert rates.bucket("a", 1).take() > 0


def test_buckets_of_keys_that_are_gone_are_forgotten() -> None:
    rates = Rates()
    kept, gone = rates.bucket("a", 1), rates.bucket("b", 1)
    rates.keep({"a"})
    assert rates.bucket("a", 1) is kept
    assert rates.bucket("b", 1) is not gone
