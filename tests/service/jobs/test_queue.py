"""The queue: articles in turn, each with one result; suspects alone."""

import threading
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from models.errors import Overloaded
from service.jobs import queue, records, servers
from service.jobs.submission import submit as submit_order
from service.store import tables
from service.store.database import Store
from tests.support.jobs import TERMS, check, order, submit


def places(claimed: list[queue.Claimed]) -> list[tuple[str, int]]:
    return [article.place for article in claimed]


@pytest.fixture
def alive(store: Store) -> Store:
    """A store in which the servers a and b are alive."""
    for server in ("a", "b"):
        store.transact(servers.beat, server)
    return store


def state(connection: Connection, job: str) -> str:
    return connection.execute(select(tables.jobs.c.state).where(tables.jobs.c.id == job)).scalar_one()


def test_all_jobs_have_their_turn(alive: Store) -> None:
    first, second = alive.transact(submit, 3, 1.0), alive.transact(submit, 2, 2.0)
    claimed = alive.transact(queue.claim, "a", 10, 5.0)
    assert places(claimed) == [(first, 0), (second, 0), (first, 1), (second, 1), (first, 2)]


def test_what_one_server_has_no_other_gets(alive: Store) -> None:
    job = alive.transact(submit, 3)
    assert places(alive.transact(queue.claim, "a", 2, 5.0)) == [(job, 0), (job, 1)]
    assert places(alive.transact(queue.claim, "b", 2, 5.0)) == [(job, 2)]
    assert alive.transact(queue.claim, "a", 2, 5.0) == []


def test_a_server_that_counts_as_dead_gets_nothing(alive: Store) -> None:
    alive.transact(submit, 1)
    assert alive.transact(queue.claim, "unknown", 1, 5.0) == []


def test_a_job_runs_from_its_first_article_to_its_last_result(alive: Store) -> None:
    job = alive.transact(submit, 2)
    assert alive.transact(state, job) == "queued"
    alive.transact(queue.claim, "a", 2, 5.0)
    assert alive.transact(state, job) == "running"
    assert alive.transact(queue.finish, "a", (job, 1), '{"brief":1}', None, 6.0)
    assert alive.transact(state, job) == "running"
    assert alive.transact(queue.finish, "a", (job, 0), '{"error":1}', "no_prose", 7.0)
    assert alive.transact(state, job) == "done"
    shown = alive.transact(records.show, "", job)
    assert (shown.articles.done, shown.articles.failed, shown.articles.queued) == (1, 1, 0)
    alive.transact(check, {})


def test_a_job_of_which_every_article_failed_has_failed(alive: Store) -> None:
    job = alive.transact(submit, 2, bad=1)
    alive.transact(queue.claim, "a", 1, 5.0)
    alive.transact(queue.finish, "a", (job, 0), '{"error":1}', "no_prose", 7.0)
    assert alive.transact(state, job) == "failed"


def test_a_job_without_one_valid_article_has_ended_at_once(alive: Store) -> None:
    job = alive.transact(submit, 2, bad=2)
    assert alive.transact(state, job) == "failed"
    alive.transact(check, {})


def test_a_result_is_stored_once_and_by_who_has_the_article_only(alive: Store) -> None:
    job = alive.transact(submit, 2)
    alive.transact(queue.claim, "a", 1, 5.0)
    assert not alive.transact(queue.finish, "b", (job, 0), '{"x":1}', None, 6.0)
    assert not alive.transact(queue.finish, "a", (job, 1), '{"x":1}', None, 6.0)
    assert alive.transact(queue.finish, "a", (job, 0), '{"x":1}', None, 6.0)
    assert not alive.transact(queue.finish, "a", (job, 0), '{"x":2}', None, 6.0)
    assert alive.transact(records.results, job, 0)[0] == ['{"number":1,"position":0,"x":1}\n']


def test_what_is_released_waits_until_it_is_due_as_if_it_had_not_been_begun(alive: Store) -> None:
    job = alive.transact(submit, 1)
    alive.transact(queue.claim, "a", 1, 5.0)
    alive.transact(queue.release, "a", (job, 0), 9.0)
    assert alive.transact(queue.claim, "a", 1, 8.0) == []
    assert places(alive.transact(queue.claim, "b", 1, 9.0)) == [(job, 0)]
    alive.transact(queue.release, "b", None)
    alive.transact(servers.bury, 10.0, float("inf"), 1.0)
    tries = alive.transact(lambda connection: connection.execute(select(tables.articles.c.tries)).scalar_one())
    assert tries == 0


def test_results_come_in_the_order_of_finishing_and_go_on_where_reading_stopped(alive: Store) -> None:
    job = alive.transact(submit, 3)
    alive.transact(queue.claim, "a", 3, 5.0)
    for position in (2, 0):
        alive.transact(queue.finish, "a", (job, position), f'{{"of":{position}}}', None, 6.0)
    lines, last = alive.transact(records.results, job, 0)
    assert lines == ['{"number":1,"position":2,"of":2}\n', '{"number":2,"position":0,"of":0}\n']
    assert alive.transact(records.results, job, last) == ([], 2)
    alive.transact(queue.finish, "a", (job, 1), '{"of":1}', None, 6.0)
    assert alive.transact(records.results, job, last) == (['{"number":3,"position":1,"of":1}\n'], 3)


def test_cancelling_keeps_the_results_and_gives_the_rest_an_error(alive: Store) -> None:
    job = alive.transact(submit, 3)
    alive.transact(queue.claim, "a", 2, 5.0)
    alive.transact(queue.finish, "a", (job, 1), '{"of":1}', None, 6.0)
    alive.transact(queue.cancel, job, 7.0)
    assert alive.transact(state, job) == "cancelled"
    assert not alive.transact(queue.finish, "a", (job, 0), '{"of":0}', None, 8.0)
    assert alive.transact(queue.claim, "a", 9, 9.0) == []
    lines = "".join(alive.transact(records.results, job, 0)[0])
    assert lines.count('"code":"cancelled"') == 2 and '"of":1' in lines and '"id":"a2"' in lines
    alive.transact(check, {})
    alive.transact(queue.cancel, job, 10.0)
    alive.transact(check, {})


def test_the_queue_is_bounded_and_a_job_beyond_it_leaves_nothing(alive: Store) -> None:
    alive.transact(submit, 990)
    with pytest.raises(Overloaded, match="wait already"):
        alive.transact(submit, 11)
    assert len(alive.transact(records.listed, "", None, 10).jobs) == 1
    alive.transact(submit, 10)


def test_two_submissions_with_one_key_at_once_make_one_job(alive: Store) -> None:
    outcomes: list[tuple[str, bool]] = []

    def one() -> None:
        outcomes.append(alive.transact(submit_order, order(50), "", "key", TERMS, 1.0))

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({job for job, _ in outcomes}) == 1
    assert sorted(replayed for _, replayed in outcomes) == [False, True, True, True]


def test_keys_belong_to_their_owner(alive: Store) -> None:
    one = alive.transact(submit, 1, owner="x", key="k")
    assert alive.transact(submit, 1, owner="y", key="k") != one


def test_the_next_articles_are_found_by_the_index_however_many_wait(tmp_path: Path) -> None:
    wanted = (
        select(tables.articles.c.job)
        .where(tables.articles.c.state == "queued", tables.articles.c.due <= 1.0)
        .order_by(tables.articles.c.position, tables.articles.c.job)
    )

    def explain(connection: Connection) -> list[str]:
        query = wanted.compile(connection, compile_kwargs={"literal_binds": True})
        return [row[-1] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}")]

    store = Store(f"sqlite:///{tmp_path}/mujaz.db")
    store.open()
    plan = store.transact(explain)
    store.close()
    assert len(plan) == 1 and "articles_by_turn" in plan[0]
