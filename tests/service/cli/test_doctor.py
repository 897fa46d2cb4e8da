"""`mujaz doctor`: a line per finding, and an exit code that says whether anything fails."""

import json
from pathlib import Path

import pytest

from service import logs
from service.doctor import examine
from service.doctor.finding import Finding, fails, ok, warning
from tests.service.cli.conftest import Mujaz


@pytest.fixture(autouse=True)
def _logs_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "configure", lambda *_: None)


def _found(monkeypatch: pytest.MonkeyPatch, *findings: Finding) -> None:
    monkeypatch.setattr(examine, "examine", lambda settings: iter(findings))


def test_each_finding_has_its_line_and_what_to_do_below(mujaz: Mujaz, monkeypatch: pytest.MonkeyPatch) -> None:
    _found(monkeypatch, ok("python", "3.11"), warning("disk", "nearly full", "make room"))
    done = mujaz("doctor")
    assert done.out == "ok       python: 3.11\nwarning  disk: nearly full\n         → make room\n"
    assert done.code == 0


def test_what_fails_gives_1(mujaz: Mujaz, monkeypatch: pytest.MonkeyPatch) -> None:
    _found(monkeypatch, fails("weights", "missing", "pull them"), ok("python", "3.11"))
    assert mujaz("doctor").code == 1


def test_json_is_an_object_per_line(mujaz: Mujaz, monkeypatch: pytest.MonkeyPatch) -> None:
    _found(monkeypatch, ok("python", "3.11"), fails("weights", "missing", "pull them"))
    done = mujaz("doctor", "--format", "json")
    assert [json.loads(line) for line in done.out.splitlines()] == [
        {"check": "python", "state": "ok", "told": "3.11", "todo": ""},
        {"check": "weights", "state": "fails", "told": "missing", "todo": "pull them"},
    ]
    assert done.code == 1


def test_settings_that_cannot_be_read_are_a_finding(mujaz: Mujaz, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MUJAZ_POORT", "1")
    done = mujaz("doctor")
    assert done.out.startswith("fails    settings: unknown settings: MUJAZ_POORT")
    assert done.code == 1


def test_an_empty_machine_is_told_all_that_is_missing(
    mujaz: Mujaz, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MUJAZ_WEIGHTS", str(tmp_path))
    monkeypatch.setenv("MUJAZ_DATABASE_URL", f"sqlite:///{tmp_path}/mujaz.db")
    done = mujaz("doctor")
    assert done.code == 1
    assert "mujaz models pull" in done.out
