"""The queue under anything that may happen, in any order: what was acknowledged ends with one result that never changes.

The assertions are in the machine's rules, in `holds`, which is `tests.support.jobs.check` after every step, and in `_drain`, its
end; the tests at the bottom only run it.
"""

import tempfile
from collections.abc import Callable
from contextlib import ExitStack

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Connection, func, insert, select

from service.jobs import erasure, queue, servers
from service.schemas.jobs import ENDED
from service.store import tables
from service.store.database import Store
from tests.support.jobs import check, submit
from tests.support.postgres import database

SERVERS = ("s", "t")
PATIENCE = 3.0

server = st.sampled_from(SERVERS)
place = st.integers(0, 10**6)


class Queue(RuleBasedStateMachine):
    """Two servers. What each believes to have in flight is kept here, also beyond a death that was none."""

    address: str | None = None
    """A PostgreSQL server; where there is none it is SQLite."""

    emptied = 0
    """Queues in which everything had ended when nobody disturbed them any more."""

    @initialize()
    def open(self) -> None:
        self.until = ExitStack()
        if self.address is None:
            url = f"sqlite:///{self.until.enter_context(tempfile.TemporaryDirectory())}/mujaz.db"
        else:
            url = self.until.enter_context(database(self.address))
        self.store = Store(url)
        self.store.open()
        self.until.callback(self.store.close)
        self.now = 0.0
        self.jobs: list[str] = []
        self.held: dict[str, list[tuple[str, int]]] = {name: [] for name in SERVERS}
        self.owner: dict[tuple[str, int], str] = {}  # who really has what
        self.seen: dict[tuple[str, int], str] = {}
        for name in SERVERS:
            self.store.transact(servers.beat, name)
        for _ in range(2):  # there is always something to do
            self.submit(6, 1)

    def teardown(self) -> None:
        if not hasattr(self, "store"):
            return
        try:
            self._drain()
        finally:
            self.until.close()

    @rule(count=st.integers(1, 6), bad=st.integers(0, 6))
    def submit(self, count: int, bad: int) -> None:
        self.now += 1
        self.jobs.append(self.store.transact(submit, count, self.now, bad=min(count, bad)))

    @rule(who=server, room=st.integers(1, 4))
    def claim(self, who: str, room: int) -> None:
        self.now += 1
        for article in self.store.transact(queue.claim, who, room, self.now):
            assert article.input
            assert article.place not in self.owner
            self.owner[article.place] = who
            self.held[who].append(article.place)

    @precondition(lambda self: any(self.held.values()))
    @rule(who=server, which=place, code=st.sampled_from([None, "no_prose"]))
    def finish(self, who: str, which: int, code: str | None) -> None:
        if not self.held[who]:
            (who,) = (name for name in SERVERS if name != who)
        self.now += 1
        held = self.held[who].pop(which % len(self.held[who]))
        result = f'{{"by":"{who} {self.now}"}}'
        stored = self.store.transact(queue.finish, who, held, result, code, self.now)
        assert stored == (self.owner.get(held) == who and held[0] in self.jobs)
        self._lose(lambda place, _: stored and place == held)

    @precondition(lambda self: any(self.held.values()))
    @rule(who=server, which=place)
    def give_back(self, who: str, which: int) -> None:
        if self.held[who]:
            held = self.held[who].pop(which % len(self.held[who]))
            self.store.transact(queue.release, who, held, self.now + 2)
            self._lose(lambda place, owner: place == held and owner == who)

    @rule(who=server)
    def end_in_order(self, who: str) -> None:
        self.store.transact(queue.release, who, None)
        self.store.transact(servers.leave, who)
        self.held[who].clear()
        self._lose(lambda _, owner: owner == who)
        self.store.transact(servers.beat, who)

    @rule(dead=st.sets(server, min_size=1), truly=st.booleans())
    def die(self, dead: set[str], truly: bool) -> None:
        """Servers count as dead; if they are not, they go on with what they had."""
        living = [name for name in SERVERS if name not in dead]
        for name in dead:
            self.store.transact(servers.leave, name)  # and are registered again as seen long ago
            self.store.transact(_seen_long_ago, name)
            if truly:
                self.held[name].clear()
        self.store.transact(servers.bury, self.now, 1.0, PATIENCE)
        self._lose(lambda _, owner: owner in dead)
        for name in (*living, *dead):
            self.store.transact(servers.beat, name)

    @precondition(lambda self: len(self.jobs) > 2)
    @rule(which=place)
    def cancel(self, which: int) -> None:
        job = self.jobs[which % len(self.jobs)]
        self.store.transact(queue.cancel, job, self.now)
        self._lose(lambda place, _: place[0] == job)

    @precondition(lambda self: len(self.jobs) > 2)
    @rule(which=place, whole=st.booleans())
    def delete(self, which: int, whole: bool) -> None:
        """Erased to the end, or left half-way by a crash."""
        job = self.jobs.pop(which % len(self.jobs))
        self.store.transact(erasure.mark, "", job)
        self._lose(lambda place, _: place[0] == job)
        while whole and self.store.transact(erasure.erase_some, job):
            pass

    def _lose(self, gone: Callable[[tuple[str, int], str], bool]) -> None:
        self.owner = {place: owner for place, owner in self.owner.items() if not gone(place, owner)}

    @invariant()
    def holds(self) -> None:
        if hasattr(self, "store"):
            self.store.transact(check, self.seen)

    def _drain(self) -> None:
        """With one server that lives, everything ends."""
        self.store.transact(servers.bury, self.now, float("inf"), PATIENCE)
        self.store.transact(servers.beat, "s")
        for job in self.store.transact(erasure.mark_expired, self.now):
            while self.store.transact(erasure.erase_some, job):
                pass
        for _ in range(500):
            if not self.store.transact(_open_jobs):
                break
            self.now += 1
            for article in self.store.transact(queue.claim, "s", 3, self.now):
                assert self.store.transact(queue.finish, "s", article.place, '{"last":1}', None, self.now)
        self.store.transact(check, self.seen)
        assert self.store.transact(_open_jobs) == 0
        Queue.emptied += 1


def _seen_long_ago(connection: Connection, name: str) -> None:
    connection.execute(insert(tables.servers), {"id": name, "seen": 0.0})


def _open_jobs(connection: Connection) -> int:
    return connection.execute(select(func.count()).where(tables.jobs.c.state.not_in(ENDED))).scalar_one()


def emptied(examples: int) -> int:
    """Run the machine, whose rules assert at every step; how many queues it emptied."""
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    before = Queue.emptied
    run_state_machine_as_test(
        Queue,
        settings=settings(max_examples=examples, stateful_step_count=40, deadline=None, suppress_health_check=checks),
    )
    return Queue.emptied - before


def test_on_sqlite(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Queue, "address", None)
    assert emptied(60) >= 60


@pytest.mark.postgres
def test_on_postgresql(postgres: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Queue, "address", postgres)
    assert emptied(25) >= 25
