"""The doctor on the machine: device, threads, and whether the models fit into the memory."""

from pathlib import Path

import pytest

from models import device
from service.doctor import machine
from service.doctor.finding import State
from service.doctor.needed import Needed
from service.settings import Settings
from tests.service.doctor.conftest import only
from tests.support import runtimes


@pytest.mark.parametrize("settings", [Settings(device="cuda:77"), Settings(device="tpu")])
def test_a_device_that_is_not_there_fails(settings: Settings) -> None:
    finding = only(machine.computing(settings))
    assert finding.state == "fails"
    assert "MUJAZ_DEVICE" in finding.todo


def test_a_gpu_that_pytorch_does_not_see_is_warned_about(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(machine.torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(machine, "_GPU", tmp_path)
    assert only(machine.computing(Settings())).state == "warning"
    assert only(machine.computing(Settings(device="cpu"))).state == "ok"


@pytest.mark.parametrize(("asked", "state"), [(None, "ok"), (2, "ok"), (3, "warning"), (1, "warning")])
def test_threads_are_held_against_what_can_be_kept_busy(
    monkeypatch: pytest.MonkeyPatch, asked: int | None, state: State
) -> None:
    monkeypatch.setattr(device, "threads", lambda: 2)
    assert only(machine.threads(Settings(threads=asked))).state == state


@pytest.mark.parametrize(
    ("takes", "budget", "state", "todo"),
    [
        (2, 8, "ok", ""),
        (2, 1, "warning", "at least 2.0 GB"),
        (10, 12, "warning", "stop what else"),
        (20, 8, "fails", "larger machine"),
        (2, 17, "warning", "at most 15G"),
    ],
)
def test_the_models_are_held_against_the_memory(
    monkeypatch: pytest.MonkeyPatch, takes: int, budget: int, state: State, todo: str
) -> None:
    monkeypatch.setattr(machine.torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(machine, "_limit", lambda: 16 << 30)
    monkeypatch.setattr(machine, "_free", lambda: 10 << 30)
    monkeypatch.setattr(Needed, "bytes", lambda _: takes << 30)
    settings = Settings(memory=budget << 30)
    finding = only(machine.memory(settings, Needed.by(settings)))
    assert finding.state == state
    assert todo in finding.todo


def test_a_containers_limit_counts_as_its_memory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(machine, "_MEMORY_LIMITS", (tmp_path / "absent", limit))
    limit.write_text("max\n")
    whole = machine._limit()
    limit.write_text(f"{whole // 2}\n")
    assert machine._limit() == whole // 2


def test_what_the_models_take_is_known_before_they_are_loaded(root: Path) -> None:
    whole, half = (
        Needed.by(Settings(models=str(root), dtype=form, device="cpu")).bytes() for form in ("float32", "bfloat16")
    )
    with runtimes.running(root) as runtime:
        assert whole == sum(runtime.residence().bytes.values())
    assert half == whole // 2
