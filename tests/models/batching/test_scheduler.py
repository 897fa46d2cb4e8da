"""The scheduler: one compute thread, many requesters, fair turns, and an end at which nobody is left waiting."""

import gc
import random
import threading
import time
import weakref
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any, cast

import pytest

from models.batching.packing import Lane
from models.batching.queue import Ids
from models.batching.scheduler import Scheduler
from models.errors import Cancelled, DeadlineExceeded, EngineFailed, InputTooLong, Overloaded
from tests.support.fake_engine import FakeEngine, item

SOON = 5.0
"""Seconds within which anything here is answered, on the slowest machine."""


@pytest.fixture
def scheduler() -> Iterator[Scheduler]:
    with Scheduler(max_items=1000, max_tokens=10_000) as scheduler:
        yield scheduler


def busy_engine(scheduler: Scheduler, **settings: int) -> tuple[FakeEngine, Future[Ids]]:
    """An engine in the middle of a step, which ends when the test says `engine.open.set()`."""
    engine = FakeEngine(**settings)
    engine.open.clear()
    [first] = scheduler.submit(engine, [item(0)])
    assert engine.stepping.wait(SOON)
    return engine, first


def test_futures_come_in_the_order_of_the_items(scheduler: Scheduler) -> None:
    futures = scheduler.submit(FakeEngine(), [item(1, 2), item(3), item(4, 5, 6)])
    assert [f.result(SOON) for f in futures] == [(2, 1), (3,), (6, 5, 4)]


def test_no_items_need_no_work(scheduler: Scheduler) -> None:
    assert scheduler.submit(FakeEngine(), []) == []


def test_one_item_may_be_submitted_twice(scheduler: Scheduler) -> None:
    twice = item(1, 2)
    assert [f.result(SOON) for f in scheduler.submit(FakeEngine(), [twice, twice])] == [(2, 1), (2, 1)]


def test_all_engines_are_stepped_by_one_thread(scheduler: Scheduler) -> None:
    threads = set()
    engines = [FakeEngine(steps=3) for _ in range(3)]
    for engine in engines:
        engine.fail = lambda admitted: threads.add(threading.current_thread().name)
    wait([f for engine in engines for f in scheduler.submit(engine, [item(1)])], SOON)
    assert threads == {"compute"}


def test_engines_take_turns(scheduler: Scheduler) -> None:
    blocked, _ = busy_engine(scheduler)
    order: list[str] = []
    futures = []
    for name in ("a", "b", "c"):
        engine = FakeEngine(steps=3)
        engine.fail = lambda admitted, name=name: order.append(name)
        futures += scheduler.submit(engine, [item(1)])
    blocked.open.set()
    wait(futures, SOON)
    assert order == ["a", "b", "c"] * 3


def test_interactive_overtakes_bulk(scheduler: Scheduler) -> None:
    engine, _ = busy_engine(scheduler, capacity=2)
    scheduler.submit(engine, [item(10), item(11)], lane="bulk")
    last = scheduler.submit(engine, [item(20), item(21)])
    engine.open.set()
    wait(last, SOON)
    assert engine.admissions[1] == [(20,), (21,)]


def test_bulk_progresses_under_constant_interactive_load(scheduler: Scheduler) -> None:
    engine = FakeEngine(capacity=4)
    stop = threading.Event()

    def keep_asking(future: Future[Ids] | None = None) -> None:
        if not stop.is_set():  # always 50 waiting: each answer is followed by the next question
            scheduler.submit(engine, [item(1)])[0].add_done_callback(keep_asking)

    for _ in range(50):
        keep_asking()
    bulk = scheduler.submit(engine, [item(2) for _ in range(100)], lane="bulk")
    unfinished = wait(bulk, SOON).not_done
    stop.set()
    assert not unfinished


def test_engines_with_readers_go_before_engines_with_bulk_only(scheduler: Scheduler) -> None:
    blocked, _ = busy_engine(scheduler)
    order: list[str] = []
    futures = []
    for name, lane in (("bulk", "bulk"), ("reader", "interactive")):
        engine = FakeEngine(steps=2)
        engine.fail = lambda admitted, name=name: order.append(name)
        futures += scheduler.submit(engine, [item(1)], lane=cast(Lane, lane))
    blocked.open.set()
    wait(futures, SOON)
    assert order[0] == "reader"
    assert sorted(order) == ["bulk"] * 2 + ["reader"] * 2


def test_bulk_in_an_engine_of_its_own_progresses_under_constant_interactive_load(scheduler: Scheduler) -> None:
    readers, bulk = FakeEngine(capacity=4), FakeEngine(capacity=4, steps=3)
    stop = threading.Event()

    def keep_asking(future: Future[Ids] | None = None) -> None:
        if not stop.is_set():
            scheduler.submit(readers, [item(1)])[0].add_done_callback(keep_asking)

    for _ in range(50):
        keep_asking()
    unfinished = wait(scheduler.submit(bulk, [item(2) for _ in range(100)], lane="bulk"), SOON).not_done
    stop.set()
    assert not unfinished


def test_an_item_dearer_than_the_capacity_is_refused_with_its_group(scheduler: Scheduler) -> None:
    engine = FakeEngine(capacity=3)
    with pytest.raises(InputTooLong, match="needs 4 tokens of memory; 3 fit"):
        scheduler.submit(engine, [item(1), item(1, 2, 3, 4)])
    assert engine.admissions == []


def test_a_full_queue_refuses_before_anything_is_queued() -> None:
    with Scheduler(max_items=2, max_tokens=100) as scheduler:
        engine, _ = busy_engine(scheduler)
        scheduler.submit(engine, [item(1)])
        with pytest.raises(Overloaded):
            scheduler.submit(engine, [item(2), item(3)])
        assert scheduler.stats().waiting["interactive"] == 1
        scheduler.submit(FakeEngine(), [item(4), item(5)])  # another engine has a queue of its own
        engine.open.set()


def test_expired_items_of_every_engine_are_answered_as_soon_as_the_running_step_ends(scheduler: Scheduler) -> None:
    running, first = busy_engine(scheduler, steps=2)
    slow, waiting = FakeEngine(), FakeEngine()
    slow.open.clear()
    [next_in_turn] = scheduler.submit(slow, [item(1)])
    late = [
        scheduler.submit(engine, [item(2)], deadline=time.monotonic() + 0.01)[0] for engine in (running, slow, waiting)
    ]
    time.sleep(0.02)
    running.open.set()
    for future in late:
        assert isinstance(future.exception(SOON), DeadlineExceeded)
    slow.open.set()
    assert [first.result(SOON), next_in_turn.result(SOON)] == [(0,), (1,)]
    assert waiting.admissions == []


def test_what_is_cancelled_in_flight_frees_its_place(scheduler: Scheduler) -> None:
    engine, first = busy_engine(scheduler, capacity=1, steps=2)
    [second] = scheduler.submit(engine, [item(1)])
    assert first.cancel()
    engine.open.set()
    assert second.result(SOON) == (1,)


def test_closing_finishes_what_was_accepted(scheduler: Scheduler) -> None:
    futures = scheduler.submit(FakeEngine(capacity=2, steps=3), [item(i) for i in range(20)])
    scheduler.close(drain=True)
    assert [f.result(0) for f in futures] == [(i,) for i in range(20)]


def test_closing_without_draining_answers_everyone(scheduler: Scheduler) -> None:
    engine, first = busy_engine(scheduler, capacity=1, steps=2)
    futures = [first, *scheduler.submit(engine, [item(1)]), *scheduler.submit(FakeEngine(), [item(2)], lane="bulk")]
    closing = threading.Thread(target=scheduler.close, args=(False,))
    closing.start()
    time.sleep(0.01)
    engine.open.set()
    closing.join(SOON)
    assert {type(f.exception(0)) for f in futures} == {Cancelled}


def test_after_closing_nothing_is_accepted_and_closing_again_does_nothing(scheduler: Scheduler) -> None:
    scheduler.close()
    scheduler.close(drain=False)
    with pytest.raises(Overloaded):
        scheduler.submit(FakeEngine(), [item(1)])


def test_an_engine_past_repair_does_not_harm_another(scheduler: Scheduler, monkeypatch: pytest.MonkeyPatch) -> None:
    broken, first = busy_engine(scheduler, steps=2)

    def fail() -> None:
        raise SystemExit

    monkeypatch.setattr(broken, "reset", fail)
    broken.fail = lambda admitted: ValueError()
    [other] = scheduler.submit(FakeEngine(), [item(1)])
    broken.open.set()
    assert isinstance(first.exception(SOON), EngineFailed)
    assert other.result(SOON) == (1,)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_if_the_compute_thread_dies_everyone_is_answered_and_nothing_more_accepted(
    scheduler: Scheduler, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, first = busy_engine(scheduler, steps=2)
    waiting = scheduler.submit(engine, [item(1)], lane="bulk")

    def mistake() -> bool:
        raise ZeroDivisionError

    monkeypatch.setattr(scheduler, "_turn", mistake)
    engine.open.set()
    assert {type(f.exception(SOON)) for f in [first, *waiting]} == {Cancelled}
    with pytest.raises(Overloaded):
        scheduler.submit(engine, [item(2)])


def test_the_figures(scheduler: Scheduler) -> None:
    engine, first = busy_engine(scheduler)
    scheduler.submit(engine, [item(1), item(2)], lane="bulk")
    time.sleep(0.01)
    stats = scheduler.stats()
    assert stats.waiting == {"interactive": 0, "bulk": 2}
    assert stats.oldest_seconds["bulk"] >= 0.01 > stats.oldest_seconds["interactive"] == 0
    assert stats.in_flight == 1
    engine.open.set()
    first.result(SOON)
    engine.fail = lambda admitted: ValueError()
    wait(scheduler.submit(engine, [item(3)]), SOON)
    scheduler.close()
    stats = scheduler.stats()
    assert (sum(stats.waiting.values()), stats.in_flight) == (0, 0)
    assert stats.failures["engine_failed"] >= 1
    assert stats.tokens >= 1
    assert stats.efforts["interactive"].steps == 1  # the step that failed gave nothing


class Watched(threading.Condition):
    """A condition that counts who went to wait on it, and who sleeps there now."""

    def __init__(self, lock: Any = None) -> None:
        super().__init__(lock)
        self.waits = self.asleep = 0

    def wait(self, timeout: float | None = None) -> bool:
        self.waits, self.asleep = self.waits + 1, self.asleep + 1
        try:
            return super().wait(timeout)
        finally:
            self.asleep -= 1


def test_an_idle_thread_sleeps_until_it_is_woken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading, "Condition", Watched)
    with Scheduler(max_items=10, max_tokens=1000) as scheduler:
        changed = scheduler._changed
        assert isinstance(changed, Watched)
        monkeypatch.undo()
        scheduler.submit(FakeEngine(), [item(1)])[0].result(SOON)
        for _ in range(1000):  # the compute thread needs a moment to go to sleep
            if changed.asleep:
                break
            time.sleep(0.01)
        waits = changed.waits
        time.sleep(0.2)
        assert (changed.asleep, changed.waits) == (1, waits)


def test_an_idle_engine_is_not_kept_in_memory(scheduler: Scheduler) -> None:
    engine = FakeEngine()
    scheduler.submit(engine, [item(1)])[0].result(SOON)
    forgotten = weakref.ref(engine)
    del engine
    for _ in range(100):  # the compute thread needs a moment to go to sleep
        gc.collect()
        if forgotten() is None:
            break
        time.sleep(0.01)
    assert forgotten() is None, "the scheduler still holds the engine"


def test_many_threads_at_once_each_get_every_answer() -> None:
    engines = [FakeEngine(capacity=40, steps=steps) for steps in (1, 2, 3)]
    for engine in engines:  # token 13 cannot be decoded; every other batch is out of memory above 20 tokens
        engine.fail = lambda admitted: (
            ValueError()
            if any(13 in one.ids for one in admitted)
            else MemoryError()
            if sum(len(one.ids) for one in admitted) > 20
            else None
        )

    def ask(seed: int) -> int:
        draw = random.Random(seed)
        kept = 0
        for _ in range(30):
            group = [item(*draw.choices(range(40), k=draw.randint(1, 6))) for _ in range(draw.randint(1, 5))]
            lane: Lane = draw.choice(["interactive", "bulk"])
            deadline = time.monotonic() + 0.005 if draw.random() < 0.1 else None
            try:
                futures = shared.submit(draw.choice(engines), group, lane=lane, deadline=deadline)
            except Overloaded:
                time.sleep(0.002)
                continue
            for one, future in zip(group, futures, strict=True):
                if draw.random() < 0.1 and future.cancel():
                    continue
                error = future.exception(SOON)
                if error is None:
                    assert future.result() == one.ids[::-1]
                else:
                    assert isinstance(error, DeadlineExceeded) or (13 in one.ids and isinstance(error, EngineFailed))
                kept += 1
        return kept

    with Scheduler(max_items=60, max_tokens=200) as shared, ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(ask, range(16))) > 0
