"""What the metrics say about the queue: looked up now and then, shown as it was."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Connection, func, select

from service.store import tables


@dataclass(frozen=True, slots=True)
class Figures:
    """Of all servers that share the database: open jobs, articles that wait or run, age of the oldest open job."""

    jobs: Mapping[str, int]
    articles: Mapping[str, int]
    oldest_seconds: float


def figures(connection: Connection, now: float) -> Figures:
    jobs, articles = tables.jobs.c, tables.articles.c
    unfinished = func.sum(jobs.total - jobs.done - jobs.failed - jobs.cancelled)
    rows = connection.execute(
        select(jobs.state, func.count(), unfinished, func.min(jobs.created))
        .where(jobs.state.in_(("queued", "running")))
        .group_by(jobs.state)
    ).all()
    running = connection.execute(select(func.count()).where(articles.state == "running")).scalar_one()
    counted = {"queued": 0, "running": 0} | {state: count for state, count, *_ in rows}
    waiting = sum(int(left) for _, _, left, _ in rows) - running
    oldest = min((created for *_, created in rows), default=now)
    return Figures(counted, {"queued": max(waiting, 0), "running": running}, max(now - oldest, 0.0))


class JobMetrics(Collector):
    """The latest figures, or nothing before there are any."""

    def __init__(self, latest: Callable[[], Figures | None]) -> None:
        self._latest = latest

    def describe(self) -> list[Metric]:
        return []  # or registering would ask for the figures

    def collect(self) -> Iterator[Metric]:
        if (found := self._latest()) is None:
            return
        jobs = GaugeMetricFamily("mujaz_jobs", "Jobs that have not ended.", labels=["state"])
        articles = GaugeMetricFamily("mujaz_job_articles", "Articles of jobs without a result.", labels=["state"])
        for family, counts in ((jobs, found.jobs), (articles, found.articles)):
            for state, count in counts.items():
                family.add_metric([state], count)
        yield from (jobs, articles)
        yield GaugeMetricFamily(
            "mujaz_job_age_seconds", "Age of the oldest job that has not ended.", value=found.oldest_seconds
        )
