"""Who may do what: decided from memory, which follows the database of either kind."""

import asyncio
import time
from collections.abc import Callable

import pytest

from models.errors import MujazError
from service.callers import ANYBODY
from service.errors import (
    KeyInvalid,
    KeyMissing,
    NotReady,
    QuotaExceeded,
    RateExceeded,
    ScopeMissing,
    StoreUnavailable,
)
from service.keys import access as module
from service.keys import records, tokens
from service.keys.access import Access
from service.keys.records import Use
from service.store.database import Store
from tests.service.keys.conftest import Add
from tests.support.waiting import until

pytestmark = pytest.mark.anyio


async def known(store: Store, now: Callable[[], float] = time.time) -> Access:
    access = Access(store, required=True, now=now)
    await access.refresh()
    return access


def id_of(written: str) -> str:
    token = tokens.parse(written)
    assert token is not None
    return token.id


async def test_a_key_is_identified_with_its_scopes_quota_and_glossary(store: Store, add: Add) -> None:
    key = add(scopes=frozenset({"read", "jobs"}), quota=9, glossary="القاهرة\tEl Qahira")
    caller = await (await known(store)).identify(key, "jobs")
    assert (caller.id, caller.scopes, caller.quota) == (id_of(key), {"read", "jobs"}, 9)
    assert caller.glossary is not None
    assert [entry.target for entry in caller.glossary.entries] == ["El Qahira"]


async def test_no_key_and_no_right_key_are_told_apart(store: Store, add: Add) -> None:
    access, key = await known(store), add()
    with pytest.raises(KeyMissing):
        await access.identify("", "read")
    for wrong in ("secret", tokens.mint().written(), key[:-1] + ("0" if key[-1] != "0" else "1")):
        with pytest.raises(KeyInvalid):
            await access.identify(wrong, "read")


async def test_an_unknown_id_and_a_wrong_secret_are_compared_alike_and_answered_alike(
    store: Store, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = add()
    access = await known(store)
    compared: list[tuple[int, int]] = []
    genuine = tokens.hmac.compare_digest

    def noted(one: str, other: str) -> bool:
        compared.append((len(one), len(other)))
        return genuine(one, other)

    monkeypatch.setattr(tokens.hmac, "compare_digest", noted)
    wrong = f"mjz_{id_of(key)}_{tokens.mint().secret}"
    said = []
    for given in (wrong, tokens.mint().written()):
        with pytest.raises(KeyInvalid) as caught:
            await access.identify(given, "read")
        said.append(str(caught.value))
    assert compared == [(64, 64), (64, 64)]
    assert said[0] == said[1]


async def test_a_key_is_added_and_revoked_beside_a_running_server(store: Store, add: Add) -> None:
    access = Access(store, required=True)
    async with access.beating():
        key = add()
        await until(lambda: answers(access, key, None))
        store.transact(records.revoke, id_of(key), time.time())
        await until(lambda: answers(access, key, KeyInvalid))
        assert await answers(access, key, KeyInvalid)


async def test_a_key_expires_to_the_second_without_a_look_at_the_database(store: Store, add: Add) -> None:
    now = 100.0
    key = add(expires=200.0)
    access = await known(store, lambda: now)
    assert await answers(access, key, None)
    now = 200.0
    assert await answers(access, key, KeyInvalid)


async def test_a_key_is_for_its_scopes_only(store: Store, add: Add) -> None:
    key = add(scopes=frozenset({"admin"}))
    access = await known(store)
    assert (await access.identify(key, "admin")).id
    for scope in ("read", "jobs"):
        with pytest.raises(ScopeMissing) as caught:
            await access.identify(key, scope)
        assert caught.value.scope == scope


async def test_a_key_has_its_rate(store: Store, add: Add) -> None:
    slow, free = add(rate=2), add()
    access = await known(store)
    for _ in range(2):
        await access.identify(slow, "read")
    with pytest.raises(RateExceeded) as caught:
        await access.identify(slow, "read")
    assert 29 <= caught.value.seconds <= 30
    for _ in range(50):
        await access.identify(free, "read")


async def test_a_new_look_at_the_database_does_not_refill_the_bucket(store: Store, add: Add) -> None:
    slow = add(rate=1)
    access = await known(store)
    await access.identify(slow, "read")
    await access.refresh()
    with pytest.raises(RateExceeded):
        await access.identify(slow, "read")


async def test_servers_on_one_database_know_what_the_others_let_in(store: Store, add: Add) -> None:
    key = add(quota=100)
    one, two = await known(store), await known(store)
    here, there = await one.identify(key, "read"), await two.identify(key, "read")
    one.quotas.charge(here, 60)
    two.quotas.charge(there, 30)
    await one.refresh()
    await two.refresh()
    await one.refresh()
    assert one.quotas.used(here.id) == two.quotas.used(here.id) == Use(2, 90)
    for access in (one, two):
        with pytest.raises(QuotaExceeded):
            access.quotas.charge(here, 11)


async def test_what_was_used_is_stored_when_the_server_ends(store: Store, add: Add) -> None:
    key = add()
    access = Access(store, required=True)
    async with access.beating():
        await until(lambda: answers(access, key, None))
        access.quotas.charge(await access.identify(key, "read"), 7)
    stored = store.transact(records.used, access.quotas.day())[id_of(key)]
    assert stored.characters == 7
    assert stored.requests >= 2


async def test_before_keys_are_known_the_client_is_asked_to_come_again(store: Store, add: Add) -> None:
    with pytest.raises(NotReady):
        await Access(store, required=True).identify(add(), "read")


async def test_a_database_that_fails_loses_no_use_and_keys_stay_known_for_a_minute(
    store: Store, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = add()
    access = await known(store)
    access.quotas.charge(await access.identify(key, "read"), 7)

    async def fails(*_: object) -> None:
        raise StoreUnavailable("down")

    with monkeypatch.context() as patch:
        patch.setattr(store, "run", fails)
        with pytest.raises(StoreUnavailable):
            await access.refresh()
    assert await answers(access, key, None)
    later = time.monotonic() + 61
    with monkeypatch.context() as patch:
        patch.setattr(module.time, "monotonic", lambda: later)
        assert await answers(access, key, StoreUnavailable)
    await access.refresh()
    assert store.transact(records.used, access.quotas.day())[id_of(key)] == Use(2, 7)


async def test_a_beat_that_fails_is_not_the_last(store: Store, add: Add, monkeypatch: pytest.MonkeyPatch) -> None:
    access = Access(store, required=True)
    failed = 0

    async def fails() -> None:
        nonlocal failed
        failed += 1
        raise RuntimeError("a mistake of ours") if failed == 1 else StoreUnavailable("down")

    async def twice() -> bool:
        return failed >= 2

    with monkeypatch.context() as patch:
        patch.setattr(access, "refresh", fails)
        async with access.beating():
            await until(twice)
            patch.undo()
            key = add()
            await until(lambda: answers(access, key, None))
            assert await answers(access, key, None)


async def test_that_there_is_no_key_is_said_once(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    access = await known(store)
    await access.refresh()
    assert [record.message for record in caplog.records] == [
        "an API key is required and there is none: make one with `mujaz keys add NAME`"
    ]


async def test_where_keys_are_not_required_everybody_may_do_everything() -> None:
    access = Access(Store("sqlite:////nowhere/mujaz.db"), required=False)
    async with access.beating():
        assert await access.identify("whatever", "admin") is ANYBODY


async def answers(access: Access, key: str, expected: type[MujazError] | None) -> bool:
    await asyncio.sleep(0)
    try:
        await access.identify(key, "read")
    except MujazError as error:
        return type(error) is expected
    return expected is None
