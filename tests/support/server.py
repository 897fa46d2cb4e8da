"""A real `mujaz serve` in a process of its own."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import httpx

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Server:
    """Where it listens, its process, and the seconds from its start until it was ready."""

    url: str
    pid: int
    seconds_to_ready: float

    def resident_mb(self) -> float:
        """Resident memory now, in MB (Linux)."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@contextmanager
def served(stderr: IO[bytes] | None = None, **settings: object) -> Iterator[Server]:
    """A server with the sample models and these settings, once it is ready; stopped at the end.

    What it writes to standard error goes to `stderr`, if that is given.
    """
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MUJAZ_")}
    folder = tempfile.TemporaryDirectory(prefix="mujaz-")
    given = {"models": "sample", "port": port, "database_url": f"sqlite:///{folder.name}/mujaz.db", **settings}
    own = {f"MUJAZ_{name.upper()}": str(value) for name, value in given.items()}
    started = time.monotonic()
    process = subprocess.Popen([sys.executable, "-m", "service", "serve"], cwd=ROOT, env=inherited | own, stderr=stderr)
    url = f"http://127.0.0.1:{port}"
    try:
        while not _ready(url):
            if process.poll() is not None or time.monotonic() - started > 120:
                raise RuntimeError(f"the server did not come up: exit code {process.poll()}")
            time.sleep(0.02)
        yield Server(url, process.pid, time.monotonic() - started)
    finally:
        process.terminate()
        process.wait(60)
        folder.cleanup()


def _ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", timeout=5).status_code == 200
    except httpx.TransportError:
        return False
