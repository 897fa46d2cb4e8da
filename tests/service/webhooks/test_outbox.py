"""What is due, in the database: from the end of the job on, to one server at a time, and no longer than the job is there."""

import threading

import pytest
from sqlalchemy import Connection, func, select

from service.jobs import erasure, queue, servers
from service.jobs.submission import submit
from service.schemas.jobs import Delivery, DeliveryState
from service.store import tables
from service.store.database import Store
from service.webhooks import outbox
from service.webhooks.outbox import Taken
from tests.support.jobs import TERMS, order

URL = "https://hooks.example.org/"
LEASE = 60.0


def job(store: Store, count: int = 1, bad: int = 0, url: str | None = URL) -> str:
    return store.transact(submit, order(count, bad=bad, webhook=url), "", None, TERMS, 1.0)[0]


def finished(store: Store, count: int = 1) -> list[str]:
    """Jobs that have ended, at 5.0."""
    made = [job(store) for _ in range(count)]
    for each in made:
        store.transact(queue.cancel, each, 5.0)
    return made


def taken(store: Store, now: float, room: int = 100) -> list[Taken]:
    return store.transact(outbox.take, room, now, LEASE)


def count(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(tables.deliveries)).scalar_one()


def test_an_event_is_due_when_the_last_article_has_its_result(store: Store) -> None:
    made = job(store, 2)
    store.transact(servers.beat, "a")
    store.transact(queue.claim, "a", 2, 2.0)
    store.transact(queue.finish, "a", (made, 0), "{}", None, 3.0)
    assert taken(store, 100.0) == []
    store.transact(queue.finish, "a", (made, 1), "{}", None, 5.0)
    assert taken(store, 4.9) == []
    (event,) = taken(store, 5.0)
    assert (event.job, event.owner, event.url, event.tries, event.ended) == (made, "", URL, 1, 5.0)


def test_every_end_of_a_job_is_told(store: Store) -> None:
    ends = [job(store, 1, bad=1), *finished(store)]
    assert {event.job for event in taken(store, 6.0)} == set(ends)


def test_a_job_without_a_webhook_tells_nothing(store: Store) -> None:
    job(store, 1, bad=1, url=None)
    assert taken(store, 100.0) == []


def test_what_one_server_has_taken_no_other_gets_before_the_lease_is_over(store: Store) -> None:
    finished(store)
    (first,) = taken(store, 10.0)
    assert taken(store, 10.0 + LEASE - 0.1) == []
    (second,) = taken(store, 10.0 + LEASE)
    assert (second.event, second.tries) == (first.event, 2)


def test_who_has_lost_the_lease_does_not_hasten_the_next_try(store: Store) -> None:
    finished(store)
    (first,) = taken(store, 10.0)
    (second,) = taken(store, 100.0)
    store.transact(outbox.again, first, 101.0, 500)
    assert taken(store, 102.0) == []
    store.transact(outbox.again, second, 103.0, 500)
    assert [event.tries for event in taken(store, 103.0)] == [3]


@pytest.mark.parametrize(("state", "status"), [("delivered", 204), ("given_up", None)])
def test_what_is_settled_is_known_and_never_tried_again(store: Store, state: DeliveryState, status: int | None) -> None:
    (ended,) = finished(store)
    (first,) = taken(store, 10.0)
    (second,) = taken(store, 100.0)
    store.transact(outbox.settle, first, state, status)
    store.transact(outbox.again, second, 101.0, 500)  # by one who did not know
    assert taken(store, 1e6) == []
    assert store.transact(outbox.seen, ended) == Delivery(state=state, tries=2, status=status)


def test_who_gives_up_late_does_not_undo_a_delivery_and_the_address_is_not_kept(store: Store) -> None:
    (ended,) = finished(store)
    (first,) = taken(store, 10.0)
    (second,) = taken(store, 100.0)
    store.transact(outbox.settle, second, "delivered", 204)
    store.transact(outbox.settle, first, "given_up", None)
    assert store.transact(outbox.seen, ended) == Delivery(state="delivered", tries=2, status=204)
    assert store.transact(lambda connection: connection.scalar(select(tables.deliveries.c.url))) == ""


def test_how_far_it_is_can_be_seen_from_the_beginning(store: Store) -> None:
    running = job(store)
    assert store.transact(outbox.seen, running) == Delivery(state="pending", tries=0, status=None)
    store.transact(queue.cancel, running, 5.0)
    store.transact(outbox.again, taken(store, 10.0)[0], 11.0, 503)
    assert store.transact(outbox.seen, running) == Delivery(state="pending", tries=1, status=503)
    assert store.transact(outbox.seen, job(store, url=None)) is None


def test_what_was_never_tried_goes_before_what_failed(store: Store) -> None:
    (old,) = finished(store)
    store.transact(outbox.again, taken(store, 10.0)[0], 11.0, None)
    (new,) = finished(store)
    assert [event.job for event in taken(store, 20.0, 1)] == [new]
    assert [event.job for event in taken(store, 20.0, 1)] == [old]


def test_it_is_erased_with_its_job_and_not_told_while_that_is_being_erased(store: Store) -> None:
    deleted, expired = finished(store, 2)
    store.transact(erasure.mark, "", deleted)
    assert [event.job for event in taken(store, 10.0)] == [expired]
    store.transact(erasure.mark_expired, 1e12)
    assert taken(store, 1000.0) == []
    for each in (deleted, expired):
        while store.transact(erasure.erase_some, each):
            pass
    assert store.transact(count) == 0


def test_servers_that_take_at_the_same_time_take_each_event_once(store: Store) -> None:
    finished(store, 40)
    found: list[Taken] = []

    def serve() -> None:
        while some := taken(store, 10.0, 3):
            found.extend(some)

    threads = [threading.Thread(target=serve) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({event.job for event in found}) == 40
    assert {event.tries for event in found} == {1}
