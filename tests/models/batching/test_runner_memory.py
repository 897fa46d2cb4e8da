"""When memory runs out the budget is halved and all goes on; what failed holds none of it."""

import gc
import weakref
from collections.abc import Sequence

import pytest
import torch

from models.engine.protocol import Finished, Item
from models.errors import EngineFailed
from tests.support.bench import Bench, outcome, poisoned_by, raises
from tests.support.fake_engine import FakeEngine, item


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
