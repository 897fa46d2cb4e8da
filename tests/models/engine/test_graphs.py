"""A step that is captured and replayed says what the step itself says. What is captured here is what PyTorch does on a CPU."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from models.engine.attention import View
from models.engine.checkpoint import read
from models.engine.graphs import Graphs, Run
from models.engine.mujaz import MujazEngine
from models.engine.network import Network, Precision
from models.engine.pace import Pace
from models.engine.past import Past
from tests.support import engines
from tests.support.engines import CPU, NETWORKS, PLENTY, ids, joining, together


class Recorder(TorchDispatchMode):
    """In place of a CUDA graph: repeats the operations it has seen on the very tensors it saw them on, and no other code."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[Any, Any, Any, Any]] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        self.calls.append((func, args, kwargs or {}, result))
        return result

    def replay(self) -> None:
        for func, args, kwargs, result in self.calls:
            for before, now in zip(tree_leaves(result), tree_leaves(func(*args, **kwargs)), strict=True):
                if before.data_ptr() != now.data_ptr():  # else it is a view, or was changed in place
                    before.copy_(now)


class Captures:
    """Captures with recorders, and counts."""

    def __init__(self) -> None:
        self.captured = self.replayed = 0

    def __call__(self, run: Run) -> Run:
        recorder = Recorder()
        with recorder:
            run()
        self.captured += 1

        def replay() -> None:
            self.replayed += 1
            recorder.replay()

        return replay


def graphed(folder: Path, captures: Captures, slots: int = 24) -> MujazEngine:
    pace = Pace(look=3, coarse=True)
    return MujazEngine(read(folder), CPU, torch.float64, PLENTY, slots, pace=pace, capture=captures)


@pytest.mark.parametrize("name", NETWORKS)
def test_graphs_change_no_answer(name: str, checkpoint: Callable[[str], Path]) -> None:
    """Items join and leave, slots move, pools come, grow and go."""
    draw, captures = random.Random(5), Captures()
    batch = engines.items(draw, 150, [engines.settings(draw, 30) for _ in range(20)])
    expected = ids(together(MujazEngine(read(checkpoint(name)), CPU, torch.float64, PLENTY), batch))
    engine = graphed(checkpoint(name), captures)
    answers = ids(joining(engine, batch, draw, cancelled=0.1))
    assert answers == {item: expected[item] for item in answers}
    engine.reset()
    assert ids(joining(engine, batch, draw)) == expected
    assert captures.captured > 10
    assert captures.replayed > 200


class Steps:
    """Steps of a network for so many slots that have just begun, the same inputs each time."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.past = Past(network, 2, Pace())
        shape = network.shape
        size = (2, 8, shape.heads, 5, shape.head_width)
        self.sources = [torch.randn(size, dtype=torch.float64) for _ in range(shape.decoder_layers)]

    def inputs(self, slots: int) -> tuple[Tensor, Tensor, list[View]]:
        for slot in range(8):
            self.past.clear(slot)
        positions = torch.zeros(slots, dtype=torch.long)
        view = View(slots, 2, self.past.pages(slots, slots, positions), self.sources, None)
        return torch.arange(2 * slots), positions.repeat_interleave(2), [view]


@pytest.fixture
def steps(checkpoint: Callable[[str], Path]) -> Steps:
    return Steps(Network(read(checkpoint("mt5")), CPU, Precision(torch.float64, torch.float64)))


def test_a_shape_is_captured_once_it_has_occurred_often_and_only_once(steps: Steps) -> None:
    captures = Captures()
    graphs = Graphs(steps.network.step, captures)
    for _ in range(10):
        torch.testing.assert_close(graphs(*steps.inputs(3)), steps.network.step(*steps.inputs(3)))
    assert (captures.captured, captures.replayed) == (1, 6)


def test_no_more_shapes_are_kept_than_may_be(steps: Steps) -> None:
    captures = Captures()
    graphs = Graphs(steps.network.step, captures, most=2)

    def often(slots: int) -> int:
        """How many captures another five steps took."""
        before = captures.captured
        for _ in range(5):
            torch.testing.assert_close(graphs(*steps.inputs(slots)), steps.network.step(*steps.inputs(slots)))
        return captures.captured - before

    assert [often(slots) for slots in (1, 2, 1, 3, 1, 2)] == [1, 1, 0, 1, 0, 1]


def test_stores_laid_out_anew_have_graphs_of_their_own(steps: Steps) -> None:
    captures = Captures()
    graphs = Graphs(steps.network.step, captures)
    for _ in range(5):
        graphs(*steps.inputs(2))
    steps.sources = [torch.randn_like(layer) for layer in steps.sources]
    torch.testing.assert_close(graphs(*steps.inputs(2)), steps.network.step(*steps.inputs(2)))
    assert (captures.captured, captures.replayed) == (1, 1)


def test_what_is_forgotten_is_captured_anew(steps: Steps) -> None:
    captures = Captures()
    graphs = Graphs(steps.network.step, captures)
    for _ in range(2):
        for _ in range(5):
            graphs(*steps.inputs(2))
        graphs.forget()
    assert (captures.captured, captures.replayed) == (2, 2)
