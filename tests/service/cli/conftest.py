"""`mujaz` run in this process, with a fake runtime and a fake pipeline."""

import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from service import runtime
from service.cli.main import main
from tests.support.service_fakes import FakeRuntime


@dataclass(frozen=True)
class Outcome:
    """What a command left behind."""

    code: int
    out: str
    err: str


Mujaz = Callable[..., Outcome]


@pytest.fixture
def fake_runtime(monkeypatch: pytest.MonkeyPatch) -> FakeRuntime:
    """The runtime that commands will find."""
    fake = FakeRuntime()
    monkeypatch.setattr(runtime, "make_runtime", lambda settings: fake)
    return fake


@pytest.fixture
def mujaz(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Mujaz:
    """`mujaz("brief", "-", stdin=…)`: the command's exit code and what it wrote; its database is the test's own."""
    monkeypatch.setenv("MUJAZ_DATABASE_URL", f"sqlite:///{tmp_path}/store/mujaz.db")
    for name in ("MUJAZ_MODELS", "MUJAZ_WEIGHTS"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: object, stdin: bytes = b"") -> Outcome:
        monkeypatch.setattr(sys, "argv", ["mujaz", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(stdin))))
        with pytest.raises(SystemExit) as end:
            main()
        written = capsys.readouterr()
        code = end.value.code
        return Outcome(code if isinstance(code, int) else 0, written.out, written.err)

    return run
