"""What the scheduler relies on, of every engine in `models/engine`: a new one is found here by itself."""

import importlib
import pkgutil
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

import models.engine
from models.engine.checkpoint import read
from models.engine.mujaz import MujazEngine
from models.engine.protocol import Engine, Generation, Item
from models.engine.reference import ReferenceEngine
from models.errors import EngineFailed, InputTooLong
from tests.support import engines
from tests.support.engines import CPU, PLENTY, POSITIONS, VOCABULARY, ids, joining, together

SHORT = Generation(beams=1, max_tokens=8)
BEAMS = Generation(beams=3, max_tokens=12, min_tokens=9)
Make = Callable[[int], Engine]
Open = Callable[[Path, int], Engine]

OPEN: dict[type, Open] = {
    ReferenceEngine: lambda folder, capacity: ReferenceEngine(engines.reference(folder, torch.float64), capacity),
    MujazEngine: lambda folder, capacity: MujazEngine(read(folder), CPU, torch.float64, capacity, slots=5),
}
"""How each is made of a checkpoint's folder, with room for so many tokens."""


def found() -> Iterator[type]:
    """The classes that satisfy the protocol, in the modules that define them."""
    for module in pkgutil.iter_modules(models.engine.__path__, "models.engine."):
        for value in vars(importlib.import_module(module.name)).values():
            if (
                isinstance(value, type)
                and value.__module__ == module.name
                and value is not Engine
                and issubclass(value, Engine)
            ):
                yield value


@pytest.fixture(params=sorted(found(), key=repr), ids=lambda cls: cls.__name__)
def open_engine(request: pytest.FixtureRequest) -> Open:
    return OPEN[request.param]


@pytest.fixture(params=["marian", "mt5"])
def make(request: pytest.FixtureRequest, checkpoint: Callable[[str], Path], open_engine: Open) -> Make:
    """Makes an engine of the capacity asked for, on a checkpoint of either family."""
    return lambda capacity: open_engine(checkpoint(request.param), capacity)


def some(count: int, settings: Generation = BEAMS, seed: int = 0) -> list[Item]:
    return engines.items(random.Random(seed), count, [settings], longest=20)


def test_the_engines_are_found() -> None:
    assert set(found()) == set(OPEN)


def test_an_idle_engine_is_free_and_does_nothing(make: Make) -> None:
    engine = make(5000)
    engine.admit([])
    assert (engine.free(), engine.capacity(), engine.busy(), list(engine.step())) == (5000, 5000, False, [])


def test_what_is_admitted_costs_until_it_is_handed_out(make: Make) -> None:
    engine, batch = make(PLENTY), [*some(3), *some(3, SHORT)]
    costs = {item: engine.cost(item) for item in batch}
    assert all(cost >= len(item.ids) + item.settings.max_tokens for item, cost in costs.items())
    engine.admit(batch)
    while engine.busy():
        assert engine.free() == PLENTY - sum(costs.values())
        assert engine.capacity() == PLENTY
        for done in engine.step():
            del costs[done.item]
    assert not costs
    assert engine.free() == PLENTY


def test_items_may_join_at_any_step(make: Make) -> None:
    batch = [*some(12), *some(12, SHORT, seed=1)]
    alone = make(PLENTY)
    expected = {item: together(alone, [item])[item].ids for item in batch}
    assert len(set(expected.values())) >= 8, "the model says little"
    assert ids(joining(make(PLENTY), batch, random.Random(0))) == expected


def test_two_items_are_the_same_only_if_they_are_one(make: Make) -> None:
    source = some(1)[0].ids
    batch = [Item(source, BEAMS) for _ in range(3)]
    answers = ids(together(make(PLENTY), batch))
    assert list(answers.values()) == [answers[batch[0]]] * 3


@pytest.mark.parametrize("steps", [0, 1])
def test_what_is_cancelled_leaves_at_once_and_never_comes_back(make: Make, steps: int) -> None:
    expected = ids(together(make(PLENTY), batch := some(6)))
    engine = make(PLENTY)
    engine.admit(batch)
    early = [done for _ in range(steps) for done in engine.step()]
    for item in batch[1::2]:
        engine.cancel(item)
    answers = {done.item: done for done in early} | together(engine, [])
    assert ids({item: answers[item] for item in batch[::2]}) == {item: expected[item] for item in batch[::2]}
    assert set(answers) - set(batch[::2]) == {done.item for done in early} - set(batch[::2])
    assert engine.free() == PLENTY


def test_cancelling_what_is_over_or_was_never_there_does_nothing(make: Make) -> None:
    engine, (item, never) = make(PLENTY), some(2)
    answer = together(engine, [item])[item]
    engine.cancel(item)
    engine.cancel(never)
    assert (engine.busy(), together(engine, [item])[item]) == (False, answer)


@pytest.mark.parametrize("steps", [0, 1])
def test_after_a_reset_nothing_is_left(make: Make, steps: int) -> None:
    engine, batch = make(PLENTY), some(4)
    expected = ids(together(make(PLENTY), batch))
    engine.admit(batch)
    for _ in range(steps):
        engine.step()
    engine.reset()
    assert (engine.busy(), engine.free(), list(engine.step())) == (False, PLENTY, [])
    assert ids(together(engine, batch)) == expected


def test_shrinking_halves_the_capacity_and_keeps_one_token(make: Make) -> None:
    engine, batch = make(PLENTY), some(3)
    expected = ids(together(engine, batch))
    engine.shrink()
    assert (engine.capacity(), engine.free()) == (PLENTY // 2, PLENTY // 2)
    assert ids(together(engine, batch)) == expected
    small = make(2)
    for _ in range(3):
        small.shrink()
    assert small.capacity() == 1


@pytest.mark.parametrize("wrong", [(), (10, VOCABULARY, 12), (10, -1)], ids=["empty", "too large", "negative"])
def test_ids_that_the_model_does_not_know_fail_by_themselves(make: Make, wrong: tuple[int, ...]) -> None:
    engine, good = make(PLENTY), some(4)
    expected = ids(together(make(PLENTY), good))
    faulty = Item(wrong, BEAMS)
    answers = together(engine, [*good[:2], faulty, *good[2:]])
    assert isinstance(answers.pop(faulty).error, EngineFailed)
    assert ids(answers) == expected


@pytest.mark.parametrize(("source", "most"), [(POSITIONS + 1, 8), (5, POSITIONS + 1)])
def test_more_positions_than_the_model_has_fail_by_themselves(
    open_engine: Open, checkpoint: Callable[[str], Path], source: int, most: int
) -> None:
    engine = open_engine(checkpoint("marian"), PLENTY)
    long, full = Item((10,) * source, Generation(1, most)), Item((10,) * POSITIONS, Generation(1, POSITIONS))
    answers = together(engine, [long, full])
    assert isinstance(answers[long].error, InputTooLong)
    assert answers[full].error is None


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate"), MemoryError),
        (torch.OutOfMemoryError("CUDA out of memory"), torch.OutOfMemoryError),
        (RuntimeError("something else"), RuntimeError),
    ],
    ids=["cpu", "gpu", "other"],
)
def test_a_step_without_memory_says_so_and_leaves_an_engine_that_works(
    make: Make, monkeypatch: pytest.MonkeyPatch, raised: Exception, expected: type[Exception]
) -> None:
    engine, batch = make(PLENTY), some(3)
    answers = ids(together(engine, batch))

    def embedding(*_: Any, **__: Any) -> Any:
        raise raised

    engine.admit(batch)
    with monkeypatch.context() as broken:
        broken.setattr(torch.nn.functional, "embedding", embedding)
        with pytest.raises(expected):
            engine.step()
    engine.reset()
    assert engine.free() == PLENTY
    assert ids(together(engine, batch)) == answers
