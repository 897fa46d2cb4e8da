"""The engine on a GPU says what it says on a CPU, with graphs and without."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from models.engine.checkpoint import read
from models.engine.graphs import Capture
from models.engine.mujaz import MujazEngine
from models.engine.pace import Pace
from models.engine.protocol import Generation
from tests.support import engines
from tests.support.engines import CPU, NETWORKS, PLENTY, ids, joining, together

pytestmark = [pytest.mark.gpu, pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU with CUDA")]
GPU = torch.device("cuda:0")


@pytest.mark.parametrize("capture", [None, lambda run: run], ids=["graphs", "no graphs"])
@pytest.mark.parametrize("name", NETWORKS)
def test_answers_are_those_of_a_cpu(name: str, capture: Capture | None, checkpoint: Callable[[str], Path]) -> None:
    draw, weights = random.Random(8), read(checkpoint(name))
    batch = engines.items(draw, 200, [engines.settings(draw, 24) for _ in range(30)])
    expected = ids(together(MujazEngine(weights, CPU, torch.float64, PLENTY), batch))
    engine = MujazEngine(weights, GPU, torch.float64, PLENTY, 24, capture=capture)
    answers = ids(joining(engine, batch, draw, cancelled=0.1))
    assert answers == {item: expected[item] for item in answers}
    engine.shrink()
    assert ids(together(engine, batch)) == expected


@pytest.mark.parametrize("name", ["marian", "mt5"])
def test_bfloat16_runs_to_the_end(name: str, checkpoint: Callable[[str], Path]) -> None:
    batch = engines.items(random.Random(9), 60, [Generation(beams, 24) for beams in (1, 4)])
    answers = ids(together(MujazEngine(read(checkpoint(name)), GPU, torch.bfloat16, PLENTY), batch))
    assert len(set(answers.values())) > 10


@pytest.mark.parametrize("name", NETWORKS)
def test_between_looks_the_host_never_waits(name: str, checkpoint: Callable[[str], Path]) -> None:
    settings = [Generation(beams, 60, min_tokens=least, no_repeat_ngram=2) for beams in (1, 4) for least in (0, 20)]
    batch = engines.items(random.Random(10), 40, settings)
    pace = Pace(look=1000, coarse=True)
    engine = MujazEngine(read(checkpoint(name)), GPU, torch.float32, PLENTY, pace=pace, capture=lambda run: run)
    engine.admit(batch[:20])
    engine.step()
    torch.cuda.set_sync_debug_mode("error")
    try:
        engine.admit(batch[20:])
        for _ in range(40):
            assert not engine.step()
    finally:
        torch.cuda.set_sync_debug_mode("default")
