"""`mujaz serve`: how it ends; the routes themselves are tested elsewhere."""

import socket
from collections.abc import Iterator

import pytest

from models.errors import WeightsMissing
from service import logs, runtime
from service.settings import table
from tests.service.cli.conftest import Mujaz
from tests.support.service_fakes import FakeRuntime


@pytest.fixture(autouse=True)
def _logs_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The logging of the test run stays as it is."""
    monkeypatch.setattr(logs, "configure", lambda *_: None)
    monkeypatch.setattr(logs, "catch_strays", lambda: None)


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that is in use."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_missing_weights_end_the_server_with_3(mujaz: Mujaz, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = FakeRuntime(failure=WeightsMissing("Not here: pull, sample or folder."))
    monkeypatch.setattr(runtime, "make_runtime", lambda settings: missing)
    done = mujaz("serve", "--port", 0)
    assert done.code == 3
    assert done.err == "mujaz: Not here: pull, sample or folder.\n"


@pytest.mark.usefixtures("fake_runtime")
def test_an_address_that_cannot_be_had_is_wrong_usage(mujaz: Mujaz, taken: int) -> None:
    assert mujaz("serve", "--port", taken).code == 2


def test_help_lists_every_setting(mujaz: Mujaz) -> None:
    shown = mujaz("serve", "--help").out
    for name, _, _ in table():
        assert name in shown
