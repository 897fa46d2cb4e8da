"""Servers that die: what they had in flight is computed again, a killer is found, and an innocent article is never blamed."""

import contextlib
import random
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select

from service.jobs import queue, records, servers
from service.store import tables
from service.store.database import Store
from tests.support.jobs import check, submit

NOW = float("inf")


def die(store: Store, now: float, patience: float = 10.0) -> None:
    """Every server dies, and s is there anew."""
    store.transact(servers.bury, now, NOW, patience)
    store.transact(servers.beat, "s")


def tries(connection: Connection) -> list[int]:
    return list(connection.execute(select(tables.articles.c.tries).order_by(tables.articles.c.position)).scalars())


def begun(store: Store, now: float, room: int = 9) -> list[int]:
    return [article.position for article in store.transact(queue.claim, "s", room, now)]


@pytest.fixture
def job(store: Store) -> str:
    """A job of four articles, of which 0 and 1 were in flight when the server died."""
    store.transact(servers.beat, "s")
    made = store.transact(submit, 4)
    begun(store, 1.0, 2)
    die(store, 2.0)
    return made


def test_suspects_are_computed_one_by_one_with_nothing_beside_them(store: Store, job: str) -> None:
    for suspect in (0, 1):
        assert begun(store, 3.0) == [suspect]
        assert begun(store, 3.0) == []
        store.transact(queue.finish, "s", (job, suspect), "{}", None, 4.0)
    assert begun(store, 3.0) == [2, 3]


def test_a_suspect_waits_for_what_is_in_flight_and_lets_nothing_more_begin(store: Store, job: str) -> None:
    store.transact(servers.beat, "t")
    alone = store.transact(queue.claim, "t", 9, 3.0)
    assert begun(store, 3.0) == [1]
    store.transact(queue.finish, "s", (job, 1), "{}", None, 4.0)
    assert begun(store, 4.0, 1) == [2]
    store.transact(queue.release, "t", alone[0].place)
    assert begun(store, 5.0) == []
    store.transact(queue.finish, "s", (job, 2), "{}", None, 6.0)
    assert begun(store, 7.0) == [0]


def test_an_article_that_kills_is_set_aside_after_three_deaths_alone_and_the_others_get_their_results(
    store: Store, job: str
) -> None:
    now, deaths = 10.0, 0
    while records_of(store, job) != "done":
        assert now < 1000
        now += 1
        claimed = begun(store, now)
        if 1 in claimed:
            deaths += 1
            die(store, now)
            continue
        for position in claimed:
            store.transact(queue.finish, "s", (job, position), "{}", None, now)
    assert deaths == 3
    lines = "".join(store.transact(records.results, job, 0)[0])
    assert lines.count('"code":"poison_article"') == 1 and '"position":1,"id":"a1"' in lines
    store.transact(check, {})


def records_of(store: Store, job: str) -> str:
    return store.transact(records.show, "", job).state


def test_between_two_deaths_alone_it_waits_longer_each_time(store: Store, job: str) -> None:
    begun(store, 3.0)
    store.transact(queue.finish, "s", (job, 0), "{}", None, 3.0)
    assert begun(store, 4.0) == [1]
    die(store, 4.0)
    assert begun(store, 13.9) == [2, 3]
    for position in (2, 3):
        store.transact(queue.finish, "s", (job, position), "{}", None, 13.9)
    assert begun(store, 14.0) == [1]
    die(store, 14.0)
    assert begun(store, 53.9) == []
    assert begun(store, 54.0) == [1]


def test_a_death_without_it_excuses_a_suspect(store: Store, job: str) -> None:
    begun(store, 3.0)
    die(store, 4.0)
    assert store.transact(tries)[0] == 2
    begun(store, 5.0)  # article 1, alone: it may be another killer, and excuses nobody
    die(store, 5.0)
    assert store.transact(tries)[:2] == [2, 2]
    die(store, 6.0)  # idle: none of them did it
    assert store.transact(tries)[:2] == [1, 1]


def test_two_killers_do_not_excuse_each_other(store: Store, job: str) -> None:
    now, deaths = 10.0, 0
    while records_of(store, job) != "done":
        assert now < 5000
        now += 1
        claimed = begun(store, now)
        if {0, 1} & set(claimed):
            deaths += 1
            die(store, now)
            continue
        for position in claimed:
            store.transact(queue.finish, "s", (job, position), "{}", None, now)
    assert deaths == 6
    assert store.transact(records.show, "", job).articles.failed == 2


def every(connection: Connection, state: str) -> int:
    return connection.execute(select(func.count()).where(tables.articles.c.state == state)).scalar_one()


@pytest.mark.parametrize("mean", [1, 4, 15, 60])
def test_random_kills_never_set_an_innocent_aside(tmp_path: Path, mean: int) -> None:
    """Kills at random moments, `mean` seconds apart; an article takes one second."""
    store = Store(f"sqlite:///{tmp_path}/mujaz.db")
    store.open(serving=True)
    with contextlib.closing(
        store._engine.raw_connection()
    ) as connection:  # the only one; nothing here tells of power cuts
        connection.execute("PRAGMA synchronous=OFF")
    store.transact(servers.beat, "s")
    chance, now, kills = random.Random(mean), 0.0, 0
    running: list[tuple[str, int]] = []
    while kills < 100:
        now += 1
        if not running and not store.transact(every, "queued") + store.transact(every, "suspect"):
            store.transact(submit, 40, now)
        running += [article.place for article in store.transact(queue.claim, "s", 9 - len(running), now)]
        if chance.random() < 1 / mean:
            kills, running = kills + 1, []
            die(store, now, servers.PATIENCE)
        elif running:
            store.transact(queue.finish, "s", running.pop(0), "{}", None, now)
    failed = store.transact(every, "failed")
    store.close()
    assert failed == 0


def test_only_who_has_been_silent_is_buried(store: Store) -> None:
    store.transact(servers.beat, "s")
    job = store.transact(submit, 1)
    begun(store, 1.0)
    now = store.transact(servers.clock)
    store.transact(servers.bury, 2.0, now - 15, 10.0)
    assert store.transact(queue.finish, "s", (job, 0), "{}", None, 3.0)


def test_who_was_buried_alive_loses_what_it_had_and_may_come_back(store: Store, job: str) -> None:
    assert begun(store, 3.0) == [0]
    store.transact(servers.bury, 4.0, NOW, 10.0)
    assert not store.transact(queue.finish, "s", (job, 0), "{}", None, 5.0)
    assert begun(store, 5.0) == []
    store.transact(servers.beat, "s")
    assert begun(store, 5.0) == [1]
