"""A `mujaz serve` of its own, and clients that keep their connection."""

import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.errors import EngineFailed

_ROOT = Path(__file__).parents[2]  # where `python -m` finds the packages
_START = 120.0  # seconds that a server may take to be ready
_TIMEOUT = 600.0  # seconds for one answer


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: its port on loopback and its process."""

    port: int
    pid: int

    def cpu_seconds(self) -> float:
        """CPU time of the whole process so far; 0 where Linux's /proc is missing."""
        return _cpu_seconds(Path(f"/proc/{self.pid}/stat"))

    def event_loop_seconds(self) -> float:
        """CPU time of its main thread so far, which runs the event loop."""
        return _cpu_seconds(Path(f"/proc/{self.pid}/task/{self.pid}/stat"))


class Client:
    """One connection to a server on loopback."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT)

    def get(self, path: str) -> int:
        """The status of the answer."""
        self._connection.request("GET", path)
        answer = self._connection.getresponse()
        answer.read()
        return answer.status

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """The JSON of the answer. Raises `EngineFailed` if it is a refusal."""
        return json.loads(self.send(path, json.dumps(body).encode()))

    def send(self, path: str, body: bytes) -> bytes:
        """The same, JSON as it is sent."""
        self._connection.request("POST", path, body, {"Content-Type": "application/json"})
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status != http.client.OK:
            raise EngineFailed(f"The server answered {answer.status}: {content[:200].decode(errors='replace')}")
        return content

    def close(self) -> None:
        self._connection.close()


@contextmanager
def served(settings: Mapping[str, object]) -> Iterator[Server]:
    """A server with these settings over those of the environment, once it is ready; stopped at the end.

    Raises `EngineFailed` if it does not come up.
    """
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = int(taken.getsockname()[1])
    folder = tempfile.TemporaryDirectory(prefix="mujaz-")  # no job or cache of another server has a part in it
    own = {
        "host": "127.0.0.1",
        "port": port,
        "log_level": "warning",
        "cache": "off",  # what is measured is computed
        "database_url": f"sqlite:///{folder.name}/mujaz.db",
    } | dict(settings)
    variables = [f"MUJAZ_{name.upper()}={value}" for name, value in own.items() if value is not None]
    # `env` becomes the server, so the process started here is the server itself.
    process = subprocess.Popen(["env", *variables, sys.executable, "-m", "service", "serve"], cwd=_ROOT)
    try:
        _await(port, process)
        yield Server(port, process.pid)
    finally:
        process.terminate()
        process.wait()
        folder.cleanup()


def _await(port: int, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + _START
    while process.poll() is None and time.monotonic() < until:
        client = Client(port)
        try:
            if client.get("/readyz") == http.client.OK:
                return
        except OSError:
            pass  # it does not listen yet
        finally:
            client.close()
        time.sleep(0.05)
    raise EngineFailed(f"The server did not come up within {_START:.0f} s (exit code {process.poll()}).")


def _cpu_seconds(path: Path) -> float:
    try:
        fields = path.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    except OSError:  # not Linux
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
