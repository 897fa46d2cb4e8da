"""Folders and the database: there, with room, and open to nobody else."""

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, create_engine
from sqlalchemy.exc import SQLAlchemyError

import service.store.migrations
from service.doctor.finding import Finding, fails, gigabytes, ok, warning
from service.doctor.needed import Needed
from service.settings import Settings
from service.store.database import parsed

_ROOM = (
    1 << 30
)  # bytes that should be free beside a database: what it holds until it expires, twice while it is tidied up


def folders(needed: Needed) -> Iterator[Finding]:
    """The folder of the weights: what stands in it is believed, so nobody else may write there."""
    root = needed.root
    if not root.is_dir():
        return  # that nothing is in it is said of each model
    if not os.access(root, os.R_OK | os.X_OK):
        yield fails("folder of weights", f"{root} cannot be read", f"let this user read it: chmod -R u+rX {root}")
    elif root.stat().st_mode & stat.S_IWOTH:
        yield warning("folder of weights", f"anyone can write to {root}", f"chmod o-w {root}")
    else:
        yield ok("folder of weights", f"{root}, {gigabytes(shutil.disk_usage(root).free)} free on its disk")


def database(settings: Settings) -> Iterator[Finding]:
    """Reachable, at the version of this Mujaz, and private. Only looks: it makes and changes nothing."""
    url = parsed(settings.database_url)
    if url.get_backend_name() == "sqlite":
        yield from _file(Path(str(url.database)), url)
    else:
        yield from _asked(url, f"{url.host}, database {url.database}")


def _file(path: Path, url: URL) -> Iterator[Finding]:
    folder = next(parent for parent in path.parents if parent.exists())
    target = path if path.exists() else folder
    if not os.access(target, os.R_OK | os.W_OK):
        yield fails("database", f"{target} cannot be written", "let this user write there, or set MUJAZ_DATABASE_URL")
        return
    free = shutil.disk_usage(folder).free
    if free < _ROOM:
        yield warning("disk", f"only {gigabytes(free)} free beside the database", f"make room on the disk of {folder}")
    else:
        yield ok("disk", f"{gigabytes(free)} free beside the database")
    if not path.exists():
        yield ok("database", f"{path} is not there yet; the first start makes it")
        return
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield warning(
            "database", f"others can read {path}, which holds texts", f"chmod 600 {path}; a start does so too"
        )
    yield from _asked(url.set(query={"mode": "ro", "uri": "true"}, database=f"file:{path}"), str(path))


def _asked(url: URL, shown: str) -> Iterator[Finding]:
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            yield from _version(connection, shown)
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or type(error).__name__).strip().splitlines()[0]
        yield fails("database", f"{shown} cannot be used: {reason}", "look at the address in MUJAZ_DATABASE_URL")
    finally:
        engine.dispose()


def _version(connection: Connection, shown: str) -> Iterator[Finding]:
    script = ScriptDirectory(str(Path(next(iter(service.store.migrations.__path__)))))
    known = {revision.revision for revision in script.walk_revisions()}
    current, head = MigrationContext.configure(connection).get_current_revision(), script.get_current_head()
    if current is None:
        yield ok("database", f"{shown} is empty; the first start makes its tables")
    elif current == head:
        yield ok("database", f"{shown}, at version {current}{_journal(connection)}")
    elif current in known:
        yield ok("database", f"{shown}, at version {current}; the next start brings it to {head}")
    else:
        yield fails("database", f"{shown} was written by a later Mujaz (version {current})", "install that Mujaz")


def _journal(connection: Connection) -> str:
    if connection.dialect.name != "sqlite":
        return ""
    mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
    return f", journal {mode}"
