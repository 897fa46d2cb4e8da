"""Keys and their use in the database, of either kind."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from service.keys import records, tokens
from service.keys.records import Use
from service.store.database import Store
from tests.service.keys.conftest import Add


def _id(written: str) -> str:
    token = tokens.parse(written)
    assert token is not None
    return token.id


def test_a_key_is_found_as_it_was_added(store: Store, add: Add) -> None:
    written = add(
        name="مكتب", scopes=frozenset({"read", "jobs"}), rate=60, quota=5 * 10**9, expires=99.5, glossary="a\tb"
    )
    (key,) = store.transact(records.every)
    assert (key.id, key.name, key.scopes) == (_id(written), "مكتب", {"read", "jobs"})
    assert (key.rate, key.quota, key.glossary, key.expires, key.revoked) == (60, 5 * 10**9, True, 99.5, None)


def test_no_secret_is_in_the_database(store: Store, add: Add) -> None:
    token = tokens.parse(add())
    assert token is not None
    (row,) = store.transact(lambda connection: connection.execute(text("SELECT * FROM keys")).all())
    assert token.id in row
    assert token.secret not in str(row)


def test_revoked_and_expired_keys_are_not_valid(store: Store, add: Add) -> None:
    good, late, never = _id(add(expires=200.0)), _id(add(expires=100.0)), _id(add())
    assert store.transact(records.revoke, never, 50.0)
    assert [key.id for key in store.transact(records.valid, 100.0)] == [good]
    assert {key.id for key in store.transact(records.every)} == {good, late, never}


def test_a_key_is_revoked_once_and_unknown_ones_are_told(store: Store, add: Add) -> None:
    key = _id(add())
    assert store.transact(records.revoke, key, 50.0)
    assert store.transact(records.revoke, key, 60.0)
    assert [found.revoked for found in store.transact(records.every)] == [50.0]
    assert not store.transact(records.revoke, "nobody", 50.0)


def test_use_adds_up_by_day(store: Store, add: Add) -> None:
    key = _id(add())
    store.transact(records.count, {(key, "2026-01-01"): Use(1, 10), (key, "2026-01-02"): Use(1, 5)})
    store.transact(records.count, {(key, "2026-01-01"): Use(2, -3)})
    assert store.transact(records.used, "2026-01-01") == {key: Use(3, 7)}
    assert store.transact(records.used, "2026-01-03") == {}


def test_more_characters_than_32_bits_hold_are_counted(store: Store, add: Add) -> None:
    key = _id(add())
    for _ in range(2):
        store.transact(records.count, {(key, "2026-01-01"): Use(1, 2**31)})
    assert store.transact(records.used, "2026-01-01") == {key: Use(2, 2**32)}


def test_use_of_a_key_that_was_deleted_by_hand_is_dropped(store: Store, add: Add) -> None:
    key = _id(add())
    store.transact(records.count, {(key, "2026-01-01"): Use(1, 1), ("gone", "2026-01-01"): Use(1, 1)})
    assert store.transact(records.used, "2026-01-01") == {key: Use(1, 1)}


def test_servers_that_count_at_the_same_time_add_up(store: Store, add: Add, database_url: str) -> None:
    ids = [_id(add()) for _ in range(3)]
    other = Store(database_url)
    other.open()
    try:
        with ThreadPoolExecutor(8) as pool:
            for number in range(200):
                mine = {(key, "2026-01-01"): Use(1, 10) for key in (ids if number % 4 < 2 else reversed(ids))}
                pool.submit((store if number % 2 else other).transact, records.count, mine)
    finally:
        other.close()
    assert store.transact(records.used, "2026-01-01") == {key: Use(200, 2000) for key in ids}


@pytest.mark.anyio
async def test_the_glossary_of_a_key(store: Store, add: Add) -> None:
    with_one, without = _id(add(glossary="القاهرة\tEl Qahira")), _id(add())
    glossary = await records.glossary_of(store, with_one)
    assert glossary is not None
    assert [entry.target for entry in glossary.entries] == ["El Qahira"]
    assert await records.glossary_of(store, without) is None
    assert await records.glossary_of(store, "nobody") is None
