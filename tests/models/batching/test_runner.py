"""One answer for every item, whatever the engine does. No threads here: each turn is called by hand."""

import logging
import time
from collections.abc import Sequence
from concurrent.futures import Future
from contextvars import ContextVar, copy_context

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.batching.queue import Entry, Ids
from models.engine.protocol import Finished, Item
from models.errors import EngineFailed, NoProse
from tests.support.bench import Bench, Script, outcome, poisoned_by, raises
from tests.support.fake_engine import FakeEngine, item


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
