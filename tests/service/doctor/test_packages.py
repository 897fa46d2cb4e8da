"""The doctor on packages: held against what is needed and what was tested."""

import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from service.doctor import packages
from service.doctor.finding import State
from tests.service.doctor.conftest import only

ROOT = Path(__file__).parents[3]


def test_the_tested_versions_are_those_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    oldest = {r.name: next(iter(r.specifier)).version for r in map(Requirement, project["dependencies"])}
    pins = re.findall(r"^([\w-]+)==(\S+)$", (ROOT / "constraints.txt").read_text(encoding="utf-8"), re.MULTILINE)
    pinned = {name.lower().replace("_", "-"): version for name, version in pins}
    assert {name: (oldest[name], pinned[name]) for name in packages.TESTED} == dict(packages.TESTED)
    assert project["requires-python"] == f">={'.'.join(map(str, packages.OLDEST_PYTHON))}"


@pytest.mark.parametrize(
    ("found", "state", "told"),
    [
        ("2.13.0", "ok", "in the versions that were tested"),
        ("2.13.0+cpu", "ok", "in the versions that were tested"),
        ("2.12.1", "warning", "torch is 2.12.1; the tests ran with 2.13.0"),
        ("3.0.0", "warning", "torch is 3.0.0"),
        ("2.9.0", "fails", "torch 2.9.0 is too old"),
        (None, "fails", "torch is not installed"),
    ],
)
def test_packages_are_held_against_what_was_tested(
    monkeypatch: pytest.MonkeyPatch, found: str | None, state: State, told: str
) -> None:
    def version(name: str) -> str:
        if found is None:
            raise metadata.PackageNotFoundError(name)
        return found

    monkeypatch.setattr(packages, "TESTED", {"torch": ("2.11", "2.13.0")})
    monkeypatch.setattr(packages.metadata, "version", version)
    finding = only(packages.packages())
    assert finding.state == state
    assert told in finding.told
    assert bool(finding.todo) == (state != "ok")


def test_an_old_python_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    assert only(packages.python()).state == "ok"
    monkeypatch.setattr(packages, "OLDEST_PYTHON", (99, 0))
    assert only(packages.python()).state == "fails"
