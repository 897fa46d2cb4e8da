"""The store: what is committed stays, what fails leaves nothing, and nobody else can read or share the file."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, func, insert, select

from service.errors import StoreUnavailable
from service.store import tables
from service.store.database import Store


def _add(connection: Connection, name: str) -> None:
    connection.execute(insert(tables.servers).values(id=name, seen=1.0))


def _count(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(tables.servers)).scalar_one()


@pytest.mark.anyio
async def test_what_is_committed_is_there_after_opening_again(store: Store, database_url: str) -> None:
    await store.run(_add, "a")
    store.close()
    again = Store(database_url)
    again.open(serving=True)
    assert await again.run(_count) == 1
    again.close()


@pytest.mark.anyio
async def test_what_raises_leaves_nothing_behind(store: Store) -> None:
    def half(connection: Connection) -> None:
        _add(connection, "a")
        raise LookupError

    with pytest.raises(LookupError):
        await store.run(half)
    assert await store.run(_count) == 0


@pytest.mark.anyio
async def test_a_failing_statement_is_told_without_its_values(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    await store.run(_add, "secret")
    with pytest.raises(StoreUnavailable) as caught:
        await store.run(_add, "secret")
    assert "secret" not in str(caught.value)


def test_migrations_make_exactly_the_tables(store: Store) -> None:
    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), tables.metadata))

    assert store.transact(differences) == []


@pytest.mark.anyio
async def test_before_it_is_open_it_says_so(database_url: str) -> None:
    with pytest.raises(StoreUnavailable, match="not open"):
        await Store(database_url).run(_count)


def test_a_file_is_for_its_owner_only(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/deep/mujaz.db")
    store.open(serving=True)
    store.transact(_add, "a")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "deep").iterdir()}
    store.close()
    assert set(modes.values()) == {0o600} and {"mujaz.db", "mujaz.db-wal"} <= modes.keys()
    assert stat.S_IMODE((tmp_path / "deep").stat().st_mode) == 0o700


def test_a_second_server_is_refused_a_file(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/mujaz.db"
    first, command = Store(url), Store(url)
    first.open(serving=True)
    command.open()  # `mujaz keys` may work beside a server
    other = f"from service.store.database import Store; Store({url!r}).open(serving=True)"
    refused = subprocess.run([sys.executable, "-c", other], capture_output=True, text=True, env={**os.environ})
    assert "another server uses it" in refused.stderr
    for store in (first, command):
        store.close()


def test_a_killed_server_leaves_no_lock(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/mujaz.db"
    dying = f"import os; from service.store.database import Store; Store({url!r}).open(serving=True); os._exit(9)"
    subprocess.run([sys.executable, "-c", dying], check=False)
    store = Store(url)
    store.open(serving=True)
    store.close()


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    path = tmp_path / "mujaz.db"
    path.write_text("something else" * 100)
    with pytest.raises(StoreUnavailable, match="not a database"):
        Store(f"sqlite:///{path}").open(serving=True)


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite://", "postgres", "sqlite:///"])
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match="must begin with"):
        Store(url)


def test_a_password_is_not_told(tmp_path: Path) -> None:
    store = Store("postgresql://me:hunter2@127.0.0.1:1/none")
    with pytest.raises(StoreUnavailable) as caught:
        store.open()
    assert "hunter2" not in str(caught.value) and "127.0.0.1" in str(caught.value)
