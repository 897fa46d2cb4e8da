"""The doctor on folders, the database and the disk: looked at, and never made."""

import re
import sqlite3
from pathlib import Path

import pytest

from service.doctor import places
from service.doctor.needed import Needed
from service.settings import Settings
from service.store.database import Store
from tests.service.doctor.conftest import only, states


def test_weights_that_anyone_can_write_are_warned_about(root: Path) -> None:
    needed = Needed.by(Settings(models=str(root)))
    assert only(places.folders(needed)).state == "ok"
    root.chmod(0o777)
    finding = only(places.folders(needed))
    root.chmod(0o700)
    assert finding.state == "warning"
    assert finding.todo == f"chmod o-w {root}"


def test_a_database_is_looked_at_and_not_made(tmp_path: Path) -> None:
    path = tmp_path / "new" / "mujaz.db"
    disk, found = places.database(Settings(database_url=f"sqlite:///{path}"))
    assert (disk.state, found.state) == ("ok", "ok")
    assert "the first start makes it" in found.told
    assert not path.parent.exists()


def test_a_database_says_at_which_version_it_is(database_url: str) -> None:
    before = list(places.database(Settings(database_url=database_url)))[-1]
    assert "the first start makes" in before.told
    store = Store(database_url)
    store.open()
    store.close()
    after = list(places.database(Settings(database_url=database_url)))[-1]
    assert after.state == "ok"
    assert re.search(r"at version \w+(, journal wal)?$", after.told)


def test_a_database_of_a_later_mujaz_fails(tmp_path: Path) -> None:
    path = tmp_path / "mujaz.db"
    _write(path, "CREATE TABLE alembic_version (version_num TEXT)", "INSERT INTO alembic_version VALUES ('9999')")
    found = list(places.database(Settings(database_url=f"sqlite:///{path}")))[-1]
    assert (found.state, found.todo) == ("fails", "install that Mujaz")


def test_a_database_that_others_can_read_is_warned_about(tmp_path: Path) -> None:
    path = tmp_path / "mujaz.db"
    _write(path, "CREATE TABLE t (x)")
    path.chmod(0o644)
    assert "warning" in states(places.database(Settings(database_url=f"sqlite:///{path}")))
    path.chmod(0o600)
    assert states(places.database(Settings(database_url=f"sqlite:///{path}"))) == ["ok", "ok"]


def test_what_is_no_database_fails(tmp_path: Path) -> None:
    path = tmp_path / "mujaz.db"
    path.write_text("this is a text " * 100)
    path.chmod(0o600)
    assert list(places.database(Settings(database_url=f"sqlite:///{path}")))[-1].state == "fails"


def test_a_full_disk_is_warned_about(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "_ROOM", 1 << 60)
    assert next(places.database(Settings(database_url=f"sqlite:///{tmp_path}/mujaz.db"))).state == "warning"


def test_a_folder_that_cannot_be_written_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places.os, "access", lambda path, mode: False)  # root may write anywhere
    assert only(places.database(Settings(database_url=f"sqlite:///{tmp_path}/mujaz.db"))).state == "fails"


def _write(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path)
    with connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()
