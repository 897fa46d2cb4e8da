"""A real PostgreSQL server of the test's own, with the binaries that the system has."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

_USERS = ("postgres", "nobody")  # it refuses to run as root


def binaries() -> Path | None:
    """The folder with `initdb` and `pg_ctl`, or None where PostgreSQL is not installed."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "pg_ctl").exists()), None)


@contextmanager
def server() -> Iterator[str]:
    """A running server, reached over a socket in a private folder: the address of its database."""
    folder = binaries()
    assert folder is not None
    user = _user()
    home = Path(tempfile.mkdtemp(prefix="mujaz-pg-", dir="/tmp"))
    if user:
        shutil.chown(home, user)

    def run(*command: str) -> None:
        subprocess.run(command, user=user, cwd=home, check=True, stdout=subprocess.DEVNULL, timeout=60)

    data = str(home / "data")
    run(str(folder / "initdb"), "--auth=trust", "--username=mujaz", "--no-sync", "--pgdata", data)
    options = f"-c listen_addresses='' -c unix_socket_directories={home}"
    run(str(folder / "pg_ctl"), "start", "--wait", "--silent", "-D", data, "-o", options, "-l", str(home / "log"))
    try:
        yield f"postgresql://mujaz@/postgres?host={home}"
    finally:
        run(str(folder / "pg_ctl"), "stop", "--wait", "--silent", "-D", data, "-m", "immediate")
        shutil.rmtree(home)


@contextmanager
def database(server: str) -> Iterator[str]:
    """A new, empty database on `server`."""
    name = f"test_{os.urandom(6).hex()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield server.replace("/postgres?", f"/{name}?")
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _user() -> str | None:
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in _USERS if name in known)
