"""What the machine is and can do."""

import pytest
import torch

from models.benchmark import machine


def test_hardware_and_versions_are_told() -> None:
    told = machine.hardware(torch.device("cpu"))
    assert told["cpu"] and told["threads"] >= 1 and told["memory_bytes"] > 2**28
    assert told["gpu"] is None
    versions = machine.versions("1.2.3")
    assert versions["mujaz"] == "1.2.3"
    assert versions["torch"] == torch.__version__
    assert machine.installed("no-such-distribution") is None


def test_every_peak_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_SECONDS", 0.01)
    monkeypatch.setattr(machine, "_ROWS", 32)
    monkeypatch.setattr(machine, "_WIDTH", 64)
    rates = machine.peaks("cpu", 1)
    assert set(rates) == {"int8", "bfloat16", "float32", "bandwidth"}
    assert all(rate > 1e6 for rate in rates.values())
