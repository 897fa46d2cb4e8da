"""Servers in processes of their own that may be killed at any moment and started again on the same database."""

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[2]
_WAIT = 600.0  # seconds for a server to do what it is waited for


@dataclass(slots=True)
class Process:
    """One `mujaz serve` with the sample models on a database, and what it has taken to come up, in seconds, each time."""

    database_url: str
    settings: dict[str, object] = field(default_factory=dict)
    accepting: list[float] = field(default_factory=list)
    ready: list[float] = field(default_factory=list)
    url: str = ""
    _process: "subprocess.Popen[bytes] | None" = None

    def __enter__(self) -> "Process":
        return self

    def __exit__(self, *_: object) -> None:
        self.terminate()

    def start(self, *, wait_ready: bool = True) -> None:
        """Start it, wait until it answers, and until its models are up if that is wanted; the seconds are kept."""
        port = _free_port()
        self.url = f"http://127.0.0.1:{port}"
        given = {"models": "sample", "port": port, "database_url": self.database_url, "log_level": "warning"}
        own = {f"MUJAZ_{name.upper()}": str(value) for name, value in (given | self.settings).items()}
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("MUJAZ_")}
        started = time.monotonic()
        command = [sys.executable, "-m", "service", "serve"]
        self._process = subprocess.Popen(command, cwd=ROOT, env=inherited | own)
        self.await_status("/v1/jobs", started, self.accepting)
        if wait_ready:
            self.await_status("/readyz", started, self.ready)

    def await_status(self, path: str, started: float, kept: list[float]) -> None:
        """Wait until `path` is answered with 200, and keep the seconds since `started`."""
        while time.monotonic() - started < _WAIT:
            try:
                if httpx.get(f"{self.url}{path}", timeout=5).status_code == 200:
                    kept.append(time.monotonic() - started)
                    return
            except httpx.TransportError:
                pass
            if not self.alive:
                break
            time.sleep(0.02)
        raise RuntimeError(f"the server did not come up: {self._process}")

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """`kill -9`."""
        self._end(signal.SIGKILL)

    def terminate(self) -> None:
        """SIGTERM, and wait until it has ended in order."""
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self._process and self._process.poll() is None:
            self._process.send_signal(how)
            self._process.wait(_WAIT)


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
