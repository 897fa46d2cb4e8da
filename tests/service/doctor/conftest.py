"""What the doctor's tests share. What can be wrong is found and comes with what to do; what is well is said in one line."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.doctor.finding import Finding, State
from service.doctor.needed import Needed
from service.settings import Settings
from tests.support import runtimes


def only(findings: Iterator[Finding]) -> Finding:
    (finding,) = findings
    return finding


def states(findings: Iterator[Finding]) -> list[State]:
    return [finding.state for finding in findings]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights of the default models, tiny and random, without locks."""
    return runtimes.write(tmp_path_factory.mktemp("weights"), *ids())


def ids() -> list[str]:
    return [entry.id for entry in Needed.by(Settings()).entries()]
