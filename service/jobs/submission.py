"""A job is taken in: all of it or nothing, once for each idempotency key."""

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select
from sqlalchemy.exc import IntegrityError

from models.errors import Overloaded
from service.errors import KeyReused
from service.jobs.ledger import Ledger
from service.keys.quotas import characters
from service.schemas.base import Schema
from service.schemas.briefs import Article, BriefOptions, FailedItem
from service.store import tables
from service.webhooks import outbox


class Recipe(Schema):
    """How a job's briefs are made, as it is stored: its options, its glossary, and after that its key's `own`."""

    options: BriefOptions
    glossary: dict[str, str]
    own: dict[str, str]


@dataclass(frozen=True, slots=True)
class Entry:
    """One article as it is stored, in JSON: its id, and the article, or the error that it has at once with its code."""

    name: str
    input: str | None
    error: str | None = None
    code: str | None = None

    @classmethod
    def of(cls, item: Article | FailedItem) -> "Entry":
        if isinstance(item, FailedItem):
            return cls(json.dumps(item.id), None, item.model_dump_json(), item.error.code)
        return cls(json.dumps(item.id), item.model_dump_json(exclude_none=True))


@dataclass(frozen=True, slots=True)
class Order:
    """A job to be."""

    recipe: str
    entries: Sequence[Entry]
    fingerprint: str
    characters: int
    """Of the articles that are to be computed, as they were sent."""
    webhook: str | None = None
    """Where its end is told."""

    @classmethod
    def of(cls, recipe: Recipe, items: Sequence[Article | FailedItem], webhook: str | None = None) -> "Order":
        """The order as it is stored, with the fingerprint by which it is known again."""
        stored = recipe.model_dump_json()
        entries = [Entry.of(item) for item in items]
        digest = hashlib.sha256(stored.encode())
        digest.update(b"\n" + json.dumps(webhook).encode())
        for entry in entries:
            digest.update(b"\n" + (entry.input or entry.error or "").encode())
        return cls(stored, entries, digest.hexdigest(), sum(map(characters, items)), webhook)


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for every job: how many articles may wait in all, and how many seconds a job is kept once it has ended."""

    waiting: int
    retention: float


def submit(
    connection: Connection, order: Order, owner: str, key: str | None, terms: Terms, now: float
) -> tuple[str, bool]:
    """The job's id, and whether it was there already: submitted by `owner` with the same `key`.

    Raises `KeyReused` where that was another request, and `Overloaded` when too many articles wait.
    """
    if key is not None and (found := submitted(connection, order, owner, key)):
        return found, True
    _check_room(connection, len(order.entries), terms.waiting)
    job = f"{int(now * 1000):012x}{secrets.token_hex(10)}"  # in the order of their ids, older jobs come first
    row = {
        "id": job, "owner": owner, "idempotency_key": key, "fingerprint": order.fingerprint, "state": "queued",
        "options": order.recipe, "total": len(order.entries), "done": 0, "failed": 0, "cancelled": 0, "events": 0,
        "created": now, "expires": now + terms.retention,
    }  # fmt: skip
    try:
        with connection.begin_nested():
            connection.execute(insert(tables.jobs), row)
    except IntegrityError:  # the same key, at the same moment, on another server
        if key is not None and (found := submitted(connection, order, owner, key)):
            return found, True
        raise
    ledger = Ledger.lock(connection, job)
    assert ledger
    ledger.open()
    if order.webhook is not None:
        outbox.add(connection, job, order.webhook)
    connection.execute(
        insert(tables.articles), [_row(ledger, place, entry) for place, entry in enumerate(order.entries)]
    )
    ledger.save(now)
    return job, False


def _row(ledger: Ledger, position: int, entry: Entry) -> dict[str, object]:
    number = None
    if entry.code:
        number = ledger.next
        ledger.count(position, entry.name, entry.code)
    return {
        "job": ledger.id, "position": position, "state": "failed" if entry.code else "queued", "tries": 0, "due": 0.0,
        "number": number, "name": entry.name, "input": entry.input, "result": entry.error,
    }  # fmt: skip


def submitted(connection: Connection, order: Order, owner: str, key: str) -> str | None:
    """The id of the job that `owner` has submitted with this `key`. Raises `KeyReused` where that was another request."""
    jobs = tables.jobs.c
    found = connection.execute(
        select(jobs.id, jobs.fingerprint).where(jobs.owner == owner, jobs.idempotency_key == key)
    ).one_or_none()
    if found is None:
        return None
    if found.fingerprint != order.fingerprint:
        raise KeyReused("This Idempotency-Key came with another request before; use a new one for each job.")
    return str(found.id)


def _check_room(connection: Connection, count: int, limit: int) -> None:
    jobs = tables.jobs.c
    unfinished = func.sum(jobs.total - jobs.done - jobs.failed - jobs.cancelled)
    waiting = connection.execute(select(unfinished).where(jobs.state.in_(("queued", "running")))).scalar_one() or 0
    if waiting + count > limit:
        raise Overloaded(f"{waiting} articles of jobs wait already, of at most {limit}; send this job later.")
