"""Characters a day: nothing above the quota is let in, and nothing that was counted gets lost on its way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.callers import ANYBODY, Caller
from service.errors import QuotaExceeded
from service.keys.quotas import Quotas
from service.keys.records import Use

NOON = 1_800_014_400.0  # 2027-01-15 12:00 UTC
CALLER = Caller("a", frozenset({"read"}), None, 100)


class Clock:
    def __init__(self, now: float = NOON) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@given(st.lists(st.integers(0, 60)))
def test_what_is_let_in_stays_within_the_quota_and_is_what_fits(sizes: list[int]) -> None:
    quotas = Quotas(Clock())
    used = 0
    for size in sizes:
        if used + size > 100:
            with pytest.raises(QuotaExceeded):
                quotas.charge(CALLER, size)
        else:
            quotas.charge(CALLER, size)
            used += size
        assert quotas.used("a").characters == used


def test_the_wait_ends_at_midnight_utc() -> None:
    clock = Clock()
    quotas = Quotas(clock)
    quotas.charge(CALLER, 100)
    with pytest.raises(QuotaExceeded) as caught:
        quotas.charge(CALLER, 1)
    assert caught.value.seconds == 12 * 60 * 60
    clock.now += caught.value.seconds - 0.5
    with pytest.raises(QuotaExceeded) as caught:
        quotas.charge(CALLER, 1)
    assert caught.value.seconds == 1
    clock.now += 0.5
    quotas.charge(CALLER, 100)


def test_what_is_refused_after_all_is_given_back_to_the_day_it_was_taken_from() -> None:
    clock = Clock()
    quotas = Quotas(clock)
    account = quotas.charge(CALLER, 100)
    quotas.refund(account, 40)
    assert quotas.used("a").characters == 60
    clock.now += 12 * 60 * 60
    quotas.refund(account, 60)
    assert quotas.used("a").characters == 0
    assert quotas.take() == {("a", "2027-01-15"): Use(characters=0)}


def test_a_key_without_a_quota_is_counted_and_never_refused() -> None:
    quotas = Quotas(Clock())
    quotas.charge(Caller("b", frozenset()), 10**12)
    assert quotas.used("b") == Use(characters=10**12)


def test_callers_without_a_key_are_not_counted() -> None:
    quotas = Quotas(Clock())
    quotas.charge(ANYBODY, 5)
    quotas.request(ANYBODY)
    assert quotas.take() == {}


def test_use_counts_before_on_and_after_its_way_to_the_database() -> None:
    quotas = Quotas(Clock())
    quotas.charge(CALLER, 10)
    quotas.request(CALLER)
    assert quotas.take() == {("a", "2027-01-15"): Use(1, 10)}
    quotas.charge(CALLER, 5)
    assert quotas.used("a") == Use(1, 15)
    quotas.carried("2027-01-15", {"a": Use(3, 30)})  # another server had 20
    assert quotas.used("a") == Use(3, 35)


def test_use_that_could_not_be_stored_goes_with_the_next() -> None:
    quotas = Quotas(Clock())
    quotas.charge(CALLER, 10)
    quotas.take()
    quotas.charge(CALLER, 5)
    quotas.kept()
    assert quotas.take() == {("a", "2027-01-15"): Use(characters=15)}


def test_yesterdays_use_is_not_todays() -> None:
    clock = Clock()
    quotas = Quotas(clock)
    quotas.carried("2027-01-15", {"a": Use(1, 99)})
    clock.now += 12 * 60 * 60
    assert quotas.used("a") == Use()
