"""One answer for every item, whatever the engine does. No threads here: each turn is called by hand."""

import gc
import logging
import math
import time
import weakref
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextvars import ContextVar, copy_context

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models.batching.packing import Lane
from models.batching.queue import Entry, Ids, Queue
from models.batching.runner import Runner, Tally
from models.engine.protocol import Finished, Item
from models.errors import DeadlineExceeded, EngineFailed, NoProse
from tests.support.fake_engine import FakeEngine, item

Script = Callable[[Sequence[Item]], Sequence[Finished]]


class Bench:
    """A runner on a fake engine, and the futures of what it was given."""

    def __init__(self, engine: FakeEngine) -> None:
        self.engine = engine
        self.tally = Tally()
        self.runner = Runner(engine, Queue(1000, 10_000), self.tally)

    def give(self, *items: Item, lane: Lane = "interactive", deadline: float = math.inf) -> list[Future[Ids]]:
        entries = [Entry(one, self.engine.cost(one), lane, time.monotonic(), deadline) for one in items]
        self.runner.queue.put(entries)
        return [entry.future for entry in entries]

    def turn(self) -> None:
        self.runner.drop()
        self.runner.advance()

    def finish(self) -> None:
        for _ in range(500):
            if not self.runner.working():
                return
            self.turn()
        raise AssertionError("the runner does not come to an end")


def outcome(future: Future[Ids]) -> object:
    assert future.done(), "an item was left without an answer"
    error = future.exception()
    return type(error) if error else future.result()


def raises(error: BaseException) -> Script:
    def step(_: Sequence[Item]) -> Sequence[Finished]:
        raise error

    return step


def poisoned_by(token: int, error: Callable[[], BaseException]) -> Callable[[Sequence[Item]], BaseException | None]:
    return lambda admitted: error() if any(token in one.ids for one in admitted) else None


def test_items_are_answered_with_their_own_ids() -> None:
    bench = Bench(FakeEngine())
    futures = bench.give(item(1, 2), item(3, 4), item(1, 2))
    bench.finish()
    assert [outcome(f) for f in futures] == [(2, 1), (4, 3), (2, 1)]
    assert bench.tally.tokens == 6


def test_steps_are_summed_up_per_lane_with_how_full_they_were() -> None:
    bench = Bench(FakeEngine(steps=2, capacity=8))
    bench.give(item(1, 2), item(3, 4), lane="bulk")  # each costs 2
    bench.finish()
    effort = bench.tally.efforts["bulk"]
    assert (effort.steps, effort.sequences, effort.fill) == (2, 4, 1.0)
    assert effort.seconds > 0
    assert bench.tally.efforts["interactive"].steps == 0


def test_what_is_logged_of_an_item_that_failed_alone_is_logged_in_its_requesters_context() -> None:
    request: ContextVar[str] = ContextVar("request", default="-")
    seen: list[tuple[str, str]] = []

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            seen.append((record.getMessage(), request.get()))

    bench = Bench(FakeEngine())
    bench.engine.fail = poisoned_by(2, ValueError)
    logger, handler = logging.getLogger("models.batching.runner"), Handler()
    logger.addHandler(handler)
    try:
        for name, tokens in (("first", 1), ("second", 2)):
            context = copy_context()
            context.run(request.set, name)
            bench.runner.queue.put([Entry(item(tokens), 1, "bulk", time.monotonic(), context=context)])
        request.set("not asked")
        bench.finish()
    finally:
        logger.removeHandler(handler)
    assert seen == [("A batch of 2 failed.", "-"), ("A batch of 1 failed.", "second")]


def test_waiting_items_join_between_the_steps_of_others() -> None:
    bench = Bench(FakeEngine(steps=3))
    early = bench.give(item(1))
    bench.turn()
    late = bench.give(item(2))
    bench.turn()
    assert [one.ids for one in bench.engine.admitted] == [(1,), (2,)]
    bench.finish()
    assert [outcome(f) for f in early + late] == [(1,), (2,)]


def test_the_lane_is_interactive_until_every_reader_is_answered() -> None:
    bench = Bench(FakeEngine(capacity=1))
    bench.engine.fail = poisoned_by(2, ValueError)
    bench.give(item(1), lane="bulk")
    assert bench.runner.lane() == "bulk"
    [reader] = bench.give(item(2))
    while not reader.done():  # it waits, is decoded, and fails
        assert bench.runner.lane() == "interactive"
        bench.turn()
    assert bench.runner.lane() == "bulk"


def test_an_error_of_one_item_is_its_own() -> None:
    bench = Bench(FakeEngine())
    futures = bench.give(item(1), item(2))
    bench.engine.script.append(
        lambda admitted: [Finished(admitted[0], error=NoProse("x")), Finished(admitted[1], (9,))]
    )
    bench.finish()
    assert [outcome(f) for f in futures] == [NoProse, (9,)]
    assert bench.tally.failures == {"no_prose": 1}


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, GeneratorExit, StopIteration])
@pytest.mark.parametrize("count", [2, 7, 16])
def test_a_failing_batch_is_halved_until_only_the_culprit_fails(error: type[BaseException], count: int) -> None:
    for culprit in range(count):
        bench = Bench(FakeEngine())
        bench.engine.fail = poisoned_by(culprit, error)
        futures = bench.give(*map(item, range(count)))
        bench.finish()
        assert [outcome(f) for f in futures] == [EngineFailed if i == culprit else (i,) for i in range(count)]
        assert isinstance(getattr(futures[culprit].exception(), "__cause__", None), error)


def test_several_culprits_are_all_found() -> None:
    bench = Bench(FakeEngine())
    bench.engine.fail = lambda admitted: ValueError() if any(one.ids[0] % 3 == 0 for one in admitted) else None
    futures = bench.give(*map(item, range(20)))
    bench.finish()
    assert [outcome(f) for f in futures] == [EngineFailed if i % 3 == 0 else (i,) for i in range(20)]


def test_a_failure_that_passes_costs_a_batch_nothing() -> None:
    bench = Bench(FakeEngine())
    bench.engine.script.append(raises(RuntimeError()))
    futures = bench.give(item(1), item(2))
    bench.finish()
    assert [outcome(f) for f in futures] == [(1,), (2,)]


def test_nobody_joins_a_group_of_suspects() -> None:
    bench = Bench(FakeEngine(steps=2))
    bench.engine.fail = poisoned_by(0, ValueError)
    suspects = bench.give(item(0), item(1))
    bench.turn()
    innocent = bench.give(item(2))
    bench.finish()
    assert [outcome(f) for f in suspects + innocent] == [EngineFailed, (1,), (2,)]
    assert bench.engine.admissions == [[(0,), (1,)], [(0,)], [(1,)], [(2,)]]


def test_a_failure_to_admit_is_treated_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(FakeEngine())
    admit = bench.engine.admit

    def refuse(items: Sequence[Item]) -> None:
        if any(one.ids == (5,) for one in items):
            raise ValueError
        admit(items)

    monkeypatch.setattr(bench.engine, "admit", refuse)
    futures = bench.give(*map(item, range(8)))
    bench.finish()
    assert [outcome(f) for f in futures] == [EngineFailed if i == 5 else (i,) for i in range(8)]


STRANGE: dict[str, Script] = {
    "too few": lambda admitted: [Finished(one, (7,)) for one in admitted[1:]],
    "none": lambda admitted: [],
    "unknown": lambda admitted: [Finished(item(99), (7,)), *(Finished(one, (7,)) for one in admitted)],
    "twice": lambda admitted: [Finished(one, (7,)) for one in admitted] * 2,
    "no ids": lambda admitted: [Finished(one, None) for one in admitted],
    "not answers": lambda admitted: [object()],
    "nothing": lambda admitted: None,
}


@pytest.mark.parametrize("script", STRANGE.values(), ids=STRANGE.keys())
def test_each_item_has_one_answer_when_the_engine_hands_back_the_wrong_ones(
    script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench(FakeEngine())
    monkeypatch.setattr(bench.engine, "step", lambda: script(_taken(bench.engine)))
    answers: list[Future[Ids]] = []
    futures = bench.give(item(1), item(2), item(3))
    for future in futures:
        future.add_done_callback(answers.append)
    bench.finish()
    assert sorted(map(id, answers)) == sorted(map(id, futures))
    assert {outcome(f) for f in futures} <= {(7,), EngineFailed}


def _taken(engine: FakeEngine) -> list[Item]:
    """What was admitted; the engine forgets it, as if it were all done."""
    admitted = engine.admitted
    engine.reset()
    return admitted


@pytest.mark.parametrize("method", ["capacity", "free", "busy", "reset", "cancel", "shrink", "step", "admit"])
@pytest.mark.parametrize("error", [RuntimeError, SystemExit])
def test_an_engine_past_repair_still_means_an_answer(
    method: str, error: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench(FakeEngine(steps=3))
    futures = bench.give(item(1), item(2), deadline=time.monotonic() + 60)
    bench.turn()
    futures += bench.give(item(3))
    bench.engine.script.extend([raises(MemoryError())] * 2)

    def broken(*_: object) -> None:
        raise error

    monkeypatch.setattr(bench.engine, method, broken)
    futures[0].cancel()
    bench.finish()
    assert all(f.done() for f in futures)


@pytest.mark.parametrize("error", [MemoryError, torch.OutOfMemoryError])
def test_out_of_memory_halves_the_budget_and_goes_on(error: type[BaseException]) -> None:
    bench = Bench(FakeEngine(capacity=64))
    bench.engine.fail = lambda admitted: error() if sum(len(one.ids) for one in admitted) > 20 else None
    futures = bench.give(*(item(i, i) for i in range(30)))
    bench.finish()
    assert [outcome(f) for f in futures] == [(i, i) for i in range(30)]
    assert bench.engine.capacity() == 16


def test_after_a_shrink_no_more_is_admitted_than_fits() -> None:
    bench = Bench(FakeEngine(capacity=64))
    bench.engine.script.append(raises(MemoryError()))
    futures = bench.give(*(item(*[i] * 20) for i in range(3)))
    bench.finish()
    assert [outcome(f) for f in futures] == [(i,) * 20 for i in range(3)]
    assert [len(admitted) for admitted in bench.engine.admissions] == [3, 1, 1, 1]  # two together need 40 of 32


def test_an_item_that_alone_does_not_fit_is_told_the_limit_and_spares_its_like() -> None:
    bench = Bench(FakeEngine(capacity=64))
    bench.engine.fail = poisoned_by(0, MemoryError)
    futures = bench.give(*(item(i, i, i, i) for i in range(10)))
    bench.finish()
    assert [outcome(f) for f in futures] == [EngineFailed] + [(i,) * 4 for i in range(1, 10)]
    assert str(bench.engine.capacity()) in str(futures[0].exception())
    assert bench.engine.capacity() >= 4


def test_what_waits_and_no_longer_fits_after_a_shrink_is_told_the_limit() -> None:
    bench = Bench(FakeEngine(capacity=64))
    bench.engine.script.append(raises(MemoryError()))
    small, large = bench.give(item(1, 1)), bench.give(item(*range(40)), lane="bulk")
    bench.finish()
    assert [outcome(small[0]), outcome(large[0])] == [(1, 1), EngineFailed]
    assert "32 fit" in str(large[0].exception())


def test_a_shrink_without_effect_does_not_go_round_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(FakeEngine())
    monkeypatch.setattr(bench.engine, "shrink", lambda: None)
    bench.engine.fail = lambda admitted: MemoryError()
    futures = bench.give(item(1), item(2))
    bench.finish()
    assert [outcome(f) for f in futures] == [EngineFailed, EngineFailed]


def test_the_error_of_a_failed_step_holds_none_of_its_tensors() -> None:
    bench = Bench(FakeEngine())
    tensors: list[weakref.ref[torch.Tensor]] = []

    def compute() -> None:
        tensor = torch.zeros(1)
        tensors.append(weakref.ref(tensor))
        raise RuntimeError

    def step(_: Sequence[Item]) -> Sequence[Finished]:
        try:
            compute()
        except RuntimeError as error:
            raise ValueError from error
        return []

    bench.engine.script.append(step)
    futures = bench.give(item(1))
    bench.finish()
    gc.collect()
    assert outcome(futures[0]) is EngineFailed
    assert tensors[0]() is None


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


behaviours = st.sampled_from(
    [*STRANGE.values(), raises(ValueError()), raises(SystemExit()), raises(MemoryError()), lambda admitted: []]
)


@settings(deadline=None)  # many turns an example, on a machine that may be busy
@given(
    st.lists(st.integers(1, 12), min_size=1, max_size=20),
    st.lists(behaviours, max_size=30),
    st.sets(st.integers(0, 19)),
    st.integers(1, 3),
)
def test_any_engine_answers_every_item_exactly_once(
    lengths: list[int], script: list[Script], cancelled: set[int], steps: int
) -> None:
    bench = Bench(FakeEngine(capacity=30, steps=steps))
    bench.engine.script.extend(script)
    futures = bench.give(*(item(*[i] * n) for i, n in enumerate(lengths)))
    answers: list[Future[Ids]] = []
    for future in futures:
        future.add_done_callback(answers.append)
    bench.turn()
    for i in cancelled & set(range(len(futures))):
        futures[i].cancel()
    bench.finish()
    assert sorted(map(id, answers)) == sorted(map(id, futures))
