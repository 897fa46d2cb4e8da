"""A real PostgreSQL server of the test's own, with the binaries that the system has."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

_USERS = ("postgres", "nobody")  # it refuses to run as root


def binaries() -> Path | None:
    """The folder with `initdb` and `postgres`, or None where PostgreSQL is not installed."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "postgres").exists()), None)


_GUARD = """
trap 'kill -QUIT $server' TERM
"$0" "$@" & server=$!
wait $server; wait $server
rm -r "$PWD"
"""
"""Runs the server until it is told to end, and removes its folder. (The first `wait` ends with the signal.)"""
_WITH_PARENT = ("setpriv", "--pdeathsig", "TERM")  # told to end also when the tests' process is killed; of util-linux


@contextmanager
def server() -> Iterator[str]:
    """A running server, reached over a socket in a private folder: the address of its database.

    It ends with this process, however that ends, and leaves no folder behind.
    """
    folder = binaries()
    assert folder is not None
    user = _user()
    home = Path(tempfile.mkdtemp(prefix="mujaz-pg-", dir="/tmp"))
    if user:
        shutil.chown(home, user)

    data = str(home / "data")
    init = (str(folder / "initdb"), "--auth=trust", "--username=mujaz", "--no-sync", "--pgdata", data)
    subprocess.run(init, user=user, cwd=home, check=True, stdout=subprocess.DEVNULL, timeout=60)
    command = (str(folder / "postgres"), "-D", data, "-c", "listen_addresses=", "-k", str(home))
    guarded = (*(_WITH_PARENT if shutil.which("setpriv") else ()), "sh", "-c", _GUARD, *command)
    with (home / "log").open("wb") as log:
        guard = subprocess.Popen(guarded, user=user, cwd=home, stdout=log, stderr=log, start_new_session=True)
    address = f"postgresql://mujaz@/postgres?host={home}"
    try:
        _wait(address, guard, home / "log")
        yield address
    finally:
        guard.terminate()
        guard.wait(60)


@contextmanager
def database(server: str) -> Iterator[str]:
    """A new, empty database on `server`."""
    name = f"test_{os.urandom(6).hex()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield server.replace("/postgres?", f"/{name}?")
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _wait(address: str, guard: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            psycopg.connect(address).close()
            return
        except psycopg.OperationalError:
            if guard.poll() is not None or time.monotonic() > until:
                told = log.read_text(errors="replace") if log.exists() else ""
                raise RuntimeError(f"PostgreSQL did not come up: {told}") from None
            time.sleep(0.02)


def _user() -> str | None:
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in _USERS if name in known)
