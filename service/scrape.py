"""What is read when Prometheus asks: figures that others keep, as they are at that moment."""

import platform
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from typing import Literal

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from models.batching.scheduler import Stats
from service.limits import Admission
from service.runtime import Startup
from service.settings import Settings
from service.version import VERSION

_COMPUTING = ("torch", "transformers")
_LIMITS = ("requests", "pending_bytes", "queue", "memory")
_EFFORTS = (
    ("mujaz_steps", "steps", "Steps of the models."),
    ("mujaz_step_seconds", "seconds", "Time that the models computed."),
    ("mujaz_step_sequences", "sequences", "Sequences in work, summed over steps."),
    ("mujaz_step_fill", "fill", "Share of the engine's room in use, from 0 to 1, summed over steps."),
)

ArticleState = Literal["queued", "running", "done", "failed"]


@dataclass(frozen=True, slots=True)
class JobsSeen:
    """The jobs at one moment: how many wait, for how long the oldest of them has waited, and articles by their state.

    `unstored` are the articles whose results this server has and the database does not take.
    """

    waiting: int
    oldest_seconds: float
    articles: Mapping[ArticleState, int]
    unstored: int = 0


class _Read(Collector):
    """Something that is read at every scrape, and not when it is registered."""

    def describe(self) -> list[Metric]:
        return []


class Build(_Read):
    """What runs: versions, which change only with the process."""

    def __init__(self) -> None:
        versions = {name: metadata.version(name) for name in _COMPUTING}
        self._versions = {"version": VERSION, "python": platform.python_version(), **versions}

    def collect(self) -> Iterator[Metric]:
        yield InfoMetricFamily("mujaz_build", "The version of Mujaz and of what it computes with.", self._versions)


class Limits(_Read):
    """The limits that are set, to hold the figures against."""

    def __init__(self, settings: Settings) -> None:
        self._limits = {name: getattr(settings, name) for name in _LIMITS}

    def collect(self) -> Iterator[Metric]:
        yield _gauge("mujaz_limit", "Limits, by the name of their setting.", "setting", self._limits.items())


class Admitted(_Read):
    """The requests that were let in and are not answered."""

    def __init__(self, admission: Admission) -> None:
        self._admission = admission

    def collect(self) -> Iterator[Metric]:
        admission = self._admission
        yield GaugeMetricFamily("mujaz_in_flight_requests", "Requests in work.", admission.in_flight)
        yield GaugeMetricFamily("mujaz_pending_bytes", "Bytes of request bodies in work.", admission.bytes)


class Models(_Read):
    """Whether the models are up, and which are in memory."""

    def __init__(self, startup: Startup) -> None:
        self._startup = startup

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily("mujaz_ready", "1 when the models are up, else 0.", float(self._startup.ready()))
        if residence := self._startup.residence():
            yield _gauge("mujaz_model_bytes", "Memory of each loaded model.", "model", residence.bytes.items())
            yield CounterMetricFamily("mujaz_model_loads", "Models loaded into memory.", residence.loads)


class Scheduling(_Read):
    """What waits for the models, and what the models do."""

    def __init__(self, stats: Callable[[], Stats | None]) -> None:
        self._stats = stats

    def collect(self) -> Iterator[Metric]:
        if (stats := self._stats()) is None:
            return
        yield _gauge("mujaz_queue_depth", "Sequences waiting for a model.", "lane", stats.waiting.items())
        yield _gauge("mujaz_queue_age_seconds", "How long the oldest has waited.", "lane", stats.oldest_seconds.items())
        yield GaugeMetricFamily("mujaz_in_flight_sequences", "Sequences being decoded.", stats.in_flight)
        yield CounterMetricFamily("mujaz_tokens", "Tokens written by the models.", stats.tokens)
        yield _counter(
            "mujaz_sequence_failures", "Sequences without an answer, by code.", "code", stats.failures.items()
        )
        for name, field, told in _EFFORTS:
            sums = [(lane, getattr(effort, field)) for lane, effort in stats.efforts.items()]
            yield _counter(name, told, "lane", sums)


class Jobs(_Read):
    """The jobs that wait, and the articles of all jobs."""

    def __init__(self, seen: Callable[[], JobsSeen]) -> None:
        self._seen = seen

    def collect(self) -> Iterator[Metric]:
        jobs = self._seen()
        yield GaugeMetricFamily("mujaz_jobs_waiting", "Jobs with articles that wait.", jobs.waiting)
        yield GaugeMetricFamily(
            "mujaz_jobs_oldest_seconds", "How long the oldest waiting job has waited.", jobs.oldest_seconds
        )
        yield _gauge("mujaz_job_articles", "Articles of jobs, by state.", "state", jobs.articles.items())
        yield GaugeMetricFamily(
            "mujaz_job_results_unstored", "Results of articles that the database does not take.", jobs.unstored
        )


def _gauge(name: str, told: str, label: str, values: Iterable[tuple[str, float]]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, told, labels=[label])
    for value, amount in values:
        family.add_metric([value], amount)
    return family


def _counter(name: str, told: str, label: str, values: Iterable[tuple[str, float]]) -> CounterMetricFamily:
    family = CounterMetricFamily(name, told, labels=[label])
    for value, amount in values:
        family.add_metric([value], amount)
    return family
