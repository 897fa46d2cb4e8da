"""What is cancelled, or too late, leaves: from the queue and from the engine."""

import time

from models.errors import DeadlineExceeded
from tests.support.bench import Bench, outcome
from tests.support.fake_engine import FakeEngine, item


def test_what_is_cancelled_while_it_waits_is_never_admitted() -> None:
    bench = Bench(FakeEngine())
    futures = bench.give(item(1), item(2))
    futures[0].cancel()
    bench.finish()
    assert bench.engine.admissions == [[(2,)]]


def test_what_is_cancelled_in_flight_leaves_before_the_next_step() -> None:
    bench = Bench(FakeEngine(steps=5))
    futures = bench.give(item(1), item(2))
    bench.turn()
    assert futures[0].cancel()
    bench.turn()
    assert [one.ids for one in bench.engine.admitted] == [(2,)]
    bench.finish()
    assert outcome(futures[1]) == (2,)


def test_when_all_in_flight_is_cancelled_the_engine_is_empty_and_the_runner_idle() -> None:
    bench = Bench(FakeEngine(steps=5))
    futures = bench.give(item(1))
    bench.turn()
    futures[0].cancel()
    bench.runner.drop()
    assert not bench.engine.busy()
    assert not bench.runner.working()


def test_deadlines_are_answered_in_the_queue_and_in_flight() -> None:
    bench = Bench(FakeEngine(capacity=1, steps=10_000))
    soon = time.monotonic() + 0.02
    futures = bench.give(item(1), item(2), deadline=soon)
    bench.turn()
    time.sleep(0.03)
    bench.finish()
    assert [outcome(f) for f in futures] == [DeadlineExceeded, DeadlineExceeded]
    assert bench.engine.admissions == [[(1,)]]
    assert bench.tally.failures == {"deadline_exceeded": 2}
