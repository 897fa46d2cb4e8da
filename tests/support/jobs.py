"""Jobs of made-up articles, and what must hold for every one of them in the database."""

import json
from collections.abc import Collection

from sqlalchemy import Connection, select

from models.errors import InputRefused
from service.errors import failed
from service.jobs import submission
from service.jobs.submission import Order, Recipe, Terms
from service.schemas.briefs import Article, BriefOptions, FailedItem
from service.schemas.jobs import ENDED
from service.store import tables

TERMS = Terms(waiting=1000, retention=100.0)


def order(count: int, *, bad: int = 0, killers: Collection[int] = (), webhook: str | None = None) -> Order:
    """An order of `count` articles, those at the positions `killers` marked so; the last `bad` of them are none."""
    marks = ["killer" if number in killers else "text" for number in range(count)]
    articles = [Article(id=f"a{number}", text=f"{marks[number]} {number}") for number in range(count - bad)]
    errors = [failed(f"a{number}", InputRefused("No article.")) for number in range(count - bad, count)]
    items: list[Article | FailedItem] = [*articles, *errors]
    return Order.of(Recipe(options=BriefOptions(), glossary={}, own={}), items, webhook)


def submit(
    connection: Connection, count: int, now: float = 1.0, *, bad: int = 0, owner: str = "", key: str | None = None
) -> str:
    """The id of a new job."""
    return submission.submit(connection, order(count, bad=bad), owner, key, TERMS, now)[0]


def check(connection: Connection, seen: dict[tuple[str, int], str]) -> None:
    """Counts agree with articles, numbers and events have no gaps, and no result differs from how `seen` has it.

    What can be read now is added to `seen`.
    """
    for job in connection.execute(select(tables.jobs).where(tables.jobs.c.state != "deleted")).all():
        articles = connection.execute(select(tables.articles).where(tables.articles.c.job == job.id)).all()
        states = [article.state for article in articles]
        assert len(articles) == job.total
        assert (states.count("done"), states.count("failed"), states.count("cancelled")) == (
            job.done,
            job.failed,
            job.cancelled,
        )
        numbers = sorted(article.number for article in articles if article.number is not None)
        assert numbers == list(range(1, job.done + job.failed + job.cancelled + 1))
        assert (job.state in ENDED) == (len(numbers) == job.total) == (job.finished is not None)
        for article in articles:
            finished = article.state in ENDED
            assert finished == (article.number is not None) == (article.input is None)
            assert (article.server is not None) == (article.state == "running")
            if finished:
                result = f"{article.number} {article.state} {article.result}"
                assert seen.setdefault((job.id, article.position), result) == result
        _check_events(connection, job.id, job.state)


def _check_events(connection: Connection, job: str, state: str) -> None:
    columns = tables.events.c
    told = connection.execute(select(tables.events).where(columns.job == job).order_by(columns.number)).all()
    assert [event.number for event in told] == list(range(1, len(told) + 1))
    assert told[0].kind == "job"
    assert [event.kind == "end" for event in told] == [False] * (len(told) - 1) + [state in ENDED]
    positions = [json.loads(event.data)["position"] for event in told if event.kind == "article"]
    results = connection.execute(
        select(tables.articles.c.position).where(
            tables.articles.c.job == job, tables.articles.c.state.in_(("done", "failed"))
        )
    ).scalars()
    assert sorted(positions) == sorted(results)
