"""What the metrics say about the queue: looked up now and then, shown as it was."""

from sqlalchemy import Connection, func, select

from service.scrape import JobsSeen
from service.store import tables

NOTHING = JobsSeen(0, 0.0, {"queued": 0, "running": 0})


def figures(connection: Connection, now: float) -> JobsSeen:
    """Of all servers that share the database: open jobs, age of the oldest, articles that wait or run."""
    jobs, articles = tables.jobs.c, tables.articles.c
    unfinished = func.coalesce(func.sum(jobs.total - jobs.done - jobs.failed - jobs.cancelled), 0)
    count, left, since = connection.execute(
        select(func.count(), unfinished, func.min(jobs.created)).where(jobs.state.in_(("queued", "running")))
    ).one()
    running = connection.execute(select(func.count()).where(articles.state == "running")).scalar_one()
    age = 0.0 if since is None else max(now - since, 0.0)
    return JobsSeen(count, age, {"queued": max(left - running, 0), "running": running})
