"""One database, used from its own threads: the event loop never waits for a disk.

SQLite in WAL mode belongs to one server; PostgreSQL may be shared by several. The same statements run on both.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from alembic import command
from alembic.config import Config
from filelock import FileLock, Timeout
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from service.errors import StoreUnavailable
from service.tracing.spans import stage

logger = logging.getLogger(__name__)

_BUSY = 15_000  # milliseconds that SQLite waits for another process, such as `mujaz keys`
_THREADS = 4  # connections to PostgreSQL; SQLite has one writer anyway
_MIGRATION = 6_515_204_721  # of PostgreSQL's advisory locks the one that servers migrate under

P = ParamSpec("P")
Result = TypeVar("Result")


class Store:
    """The database at `url`; nothing is opened before `open`."""

    def __init__(self, url: str) -> None:
        """`url` begins with sqlite:/// or postgresql://. Raises ValueError for any other."""
        self._url = parsed(url)
        self._engine: Engine | None = None
        self._threads = ThreadPoolExecutor(1 if self.is_file else _THREADS, "store")
        self._ours: FileLock | None = None

    @property
    def is_file(self) -> bool:
        """Whether it is a SQLite file, which one server has for itself."""
        return self._url.get_backend_name() == "sqlite"

    @property
    def ready(self) -> bool:
        return self._engine is not None

    def open(self, *, serving: bool = False) -> None:
        """Connect and bring the tables up to date; `serving` claims a SQLite file for this server alone.

        Raises `StoreUnavailable`, which says what to do.
        """
        try:
            engine = self._file_engine(serving) if self.is_file else self._shared_engine()
            with engine.begin() as connection:
                if not self.is_file:
                    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION})
                _migrate(connection)
        except (SQLAlchemyError, OSError) as error:
            self.close()
            raise StoreUnavailable(f"The database at {self._shown()} cannot be used: {_reason(error)}") from error
        self._engine = engine

    def close(self) -> None:
        """Wait for what runs, and disconnect."""
        self._threads.shutdown()
        if self._engine:
            self._engine.dispose()
            self._engine = None
        if self._ours:
            self._ours.release()
            self._ours = None

    async def run(
        self, function: Callable[Concatenate[Connection, P], Result], *args: P.args, **kwargs: P.kwargs
    ) -> Result:
        """`function(connection, …)` in a database thread, as one transaction that is committed unless it raises.

        Once begun it is finished, also when the caller is cancelled. Raises `StoreUnavailable` when the database fails.
        """
        loop = asyncio.get_running_loop()
        with stage("store", call=getattr(function, "__name__", "")):
            return await loop.run_in_executor(self._threads, lambda: self.transact(function, *args, **kwargs))

    def transact(
        self, function: Callable[Concatenate[Connection, P], Result], *args: P.args, **kwargs: P.kwargs
    ) -> Result:
        """The same, in this thread: for commands."""
        if self._engine is None:
            raise StoreUnavailable("The database is not open yet; try again shortly.")
        try:
            with self._engine.begin() as connection:
                return function(connection, *args, **kwargs)
        except SQLAlchemyError as error:
            logger.exception("the database failed")
            raise StoreUnavailable("The database failed; the log says where.") from error

    def _shown(self) -> str:
        return str(self._url.database) if self.is_file else f"{self._url.host}, database {self._url.database}"

    def _file_engine(self, serving: bool) -> Engine:
        path = Path(self._url.database or "")
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if serving:
            self._ours = FileLock(f"{path}.lock", timeout=0, mode=0o600)
            try:
                self._ours.acquire()
            except Timeout as error:
                self._ours = None
                raise OSError("another server uses it; several need PostgreSQL (MUJAZ_DATABASE_URL)") from error
        path.touch(mode=0o600)  # SQLite gives its other files the same mode
        path.chmod(0o600)
        engine = create_engine(self._url, connect_args={"timeout": _BUSY / 1000, "check_same_thread": False})
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "begin", _on_begin)
        return engine

    def _shared_engine(self) -> Engine:
        return create_engine(self._url, pool_size=_THREADS, max_overflow=0, pool_pre_ping=True)


def parsed(url: str) -> URL:
    """The address as SQLAlchemy wants it. Raises ValueError for one that begins otherwise."""
    scheme, _, rest = url.partition("://")
    if scheme == "sqlite" and rest.startswith("/") and len(rest) > 1:
        return URL.create("sqlite", database=str(Path(rest[1:]).expanduser()))
    if scheme == "postgresql":
        return make_url(f"postgresql+psycopg://{rest}")
    raise ValueError("must begin with sqlite:/// or postgresql://")


def _on_connect(connection: Any, _: object) -> None:
    connection.isolation_level = None  # the driver's own idea of transactions would defer ours
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _on_begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")  # a reader that turns writer half-way could not wait its turn


def _migrate(connection: Connection) -> None:
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    command.upgrade(config, "head")


def _reason(error: Exception) -> str:
    """The driver's own words, first line: SQLAlchemy's would quote the statement and its values."""
    own = getattr(error, "orig", None) or error
    return (str(own).strip().splitlines() or [type(own).__name__])[0]
