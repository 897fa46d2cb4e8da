"""The benchmark's networks, made so tiny that each system runs them in milliseconds."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
import torch

from models.benchmark.workloads import NETWORKS
from tests.support.checkpoints import TINY_MARIAN, TINY_MT5


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """xlsum and opus-mt in tiny shapes, so also for what reads the table of networks."""
    marian = TINY_MARIAN | {"max_position_embeddings": 128}
    monkeypatch.setitem(NETWORKS, "xlsum", replace(NETWORKS["xlsum"], shape=TINY_MT5, source=12, target=6))
    monkeypatch.setitem(NETWORKS, "opus-mt", replace(NETWORKS["opus-mt"], shape=marian, source=8, target=6))


@pytest.fixture(autouse=True)
def _small_numbers_as_before() -> Iterator[None]:
    """The benchmark's processes take tiny numbers for zero; here they share one with other tests."""
    yield
    torch.set_flush_denormal(False)
