"""The cache's entries: found again, bounded in bytes and time, erased when asked, and never a reason to fail."""

import pytest
from sqlalchemy import Connection, func, select

from service.cache import shelf as module
from service.cache.shelf import Entry, Shelf
from service.store.database import Store
from service.store.tables import cache
from tests.support.waiting import until

pytestmark = pytest.mark.anyio

DAY = 86_400.0


def _entries(*names: str, size: int = 10) -> dict[str, Entry]:
    return {name: Entry("sentence", name * size) for name in names}


def _held(connection: Connection) -> tuple[int, int]:
    whole = select(func.count(), func.coalesce(func.sum(cache.c.size), 0)).select_from(cache)
    return tuple(connection.execute(whole).one())


async def test_what_is_kept_is_found_before_and_after_it_is_written(store: Store) -> None:
    shelf = Shelf(store, 10_000, DAY)
    shelf.keep(_entries("a", "b"))
    assert await shelf.find(["a", "b", "c"]) == {"a": "a" * 10, "b": "b" * 10}
    await shelf.write()
    assert await Shelf(store, 10_000, DAY).find(["a", "b", "c"]) == {"a": "a" * 10, "b": "b" * 10}


async def test_the_least_recently_used_go_when_it_is_full(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(1_000_000_000_000, 2_000_000_000_000, 100))
    monkeypatch.setattr(module.time, "time", lambda: float(next(clock)))
    shelf = Shelf(store, 1_000, DAY * 10_000)
    for name in "abcdefghijklmnopqrstuvwxyz":
        shelf.keep({name: Entry("sentence", "x" * 50)})
        await shelf.write()
        await shelf.find(["a"])
    count, size = await store.run(_held)
    assert 800 <= size <= 1_000 and count == size / 50
    assert await shelf.find(["a", "b", "z"]) == {"a": "x" * 50, "z": "x" * 50}


async def test_an_entry_too_large_for_the_whole_is_not_kept(store: Store) -> None:
    shelf = Shelf(store, 1_000, DAY)
    shelf.keep({"a": Entry("brief", "x" * 51)})
    assert await shelf.find(["a"]) == {}


async def test_entries_expire(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = Shelf(store, 10_000, 60.0)
    now = module.time.time()
    shelf.keep(_entries("a"))
    await shelf.write()
    monkeypatch.setattr(module.time, "time", lambda: now + 61)
    assert await shelf.find(["a"]) == {}


async def test_the_sweep_erases_what_has_expired(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    now = module.time.time()
    for seconds in (60.0, 600.0):
        shelf = Shelf(store, 10_000, seconds)
        shelf.keep(_entries(f"{seconds}"))
        await shelf.write()
    monkeypatch.setattr(module.time, "time", lambda: now + 61)
    await module.sweep(store)
    assert (await store.run(_held))[0] == 1


async def test_what_is_kept_is_written_soon_and_at_the_end(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PAUSE", 0.01)
    shelf = Shelf(store, 10_000, DAY)

    async def written() -> bool:
        return (await store.run(_held))[0] == 1

    async with shelf.writing():
        shelf.keep(_entries("a"))
        await until(written)
        shelf.keep(_entries("b"))
    assert (await store.run(_held))[0] == 2


async def test_what_is_forgotten_is_gone_written_or_not(store: Store) -> None:
    shelf = Shelf(store, 10_000, DAY)
    shelf.keep(_entries("a"))
    await shelf.write()
    shelf.keep(_entries("b"))
    await shelf.forget(["a", "b"])
    await shelf.write()
    assert await shelf.find(["a", "b"]) == {}
    assert (await store.run(_held))[0] == 0


async def test_more_keys_than_a_statement_takes(store: Store) -> None:
    shelf = Shelf(store, 10**7, DAY)
    names = [f"key{number}" for number in range(1201)]
    shelf.keep(_entries(*names))
    await shelf.write()
    assert len(await shelf.find(names)) == 1201


async def test_a_closed_database_is_an_empty_one(database_url: str) -> None:
    shelf = Shelf(Store(database_url), 10_000, DAY)
    assert await shelf.find(["a"]) == {}
    shelf.keep(_entries("a"))
    await shelf.write()
