"""Prometheus metrics of one app. Labels are route templates, statuses, stages, lanes: never text, addresses or keys."""

from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from models.batching.scheduler import Stats
from service.limits import Admission

_SECONDS = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)


class Metrics:
    """The counters of one app, in a registry of its own: two apps in one process do not mix."""

    def __init__(self, admission: Admission, stats: Callable[[], Stats | None]) -> None:
        """`stats` gives the scheduler's figures when they are asked for, or None while there is no scheduler."""
        self.registry = CollectorRegistry()
        self.registry.register(_Scheduling(stats))
        self._requests = Counter("mujaz_requests", "Requests answered.", ["route", "status"], registry=self.registry)
        self._seconds = Histogram(
            "mujaz_request_seconds", "Time to answer a request.", ["route"], registry=self.registry, buckets=_SECONDS
        )
        self._stages = Histogram(
            "mujaz_stage_seconds",
            "Time that one article spent in a stage.",
            ["route", "stage"],
            registry=self.registry,
            buckets=_SECONDS,
        )
        self._items = Counter(
            "mujaz_items",
            "Articles and texts, by outcome: ok, or the code of the error.",
            ["route", "outcome"],
            registry=self.registry,
        )
        self._cache = Counter(
            "mujaz_cache_lookups",
            "Sentences and briefs looked up: hit, joined (being made for another) or miss.",
            ["kind", "outcome"],
            registry=self.registry,
        )
        in_flight = Gauge("mujaz_in_flight_requests", "Requests in work.", registry=self.registry)
        in_flight.set_function(lambda: admission.in_flight)
        pending = Gauge("mujaz_pending_bytes", "Bytes of request bodies in work.", registry=self.registry)
        pending.set_function(lambda: admission.bytes)

    def request(self, route: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        self._requests.labels(route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def item(self, route: str, outcome: str, timing_ms: Mapping[str, float]) -> None:
        """Count one article or text, with the time it took per stage."""
        self._items.labels(route, outcome).inc()
        for stage, milliseconds in timing_ms.items():
            self._stages.labels(route, stage).observe(milliseconds / 1000)

    def cache(self, kind: str, outcome: str, count: int) -> None:
        """Count lookups in the cache."""
        self._cache.labels(kind, outcome).inc(count)

    def expose(self) -> bytes:
        """Everything, in Prometheus' text format."""
        return generate_latest(self.registry)


class _Scheduling(Collector):
    """The scheduler's own figures, read at every scrape."""

    def __init__(self, stats: Callable[[], Stats | None]) -> None:
        self._stats = stats

    def describe(self) -> list[Metric]:
        return []  # or registering would read the figures

    def collect(self) -> Iterator[Metric]:
        if (stats := self._stats()) is None:
            return
        depth = GaugeMetricFamily("mujaz_queue_depth", "Sequences waiting for a model.", labels=["lane"])
        age = GaugeMetricFamily("mujaz_queue_age_seconds", "How long the oldest has waited.", labels=["lane"])
        for lane, waiting in stats.waiting.items():
            depth.add_metric([lane], waiting)
            age.add_metric([lane], stats.oldest_seconds[lane])
        failures = CounterMetricFamily("mujaz_sequence_failures", "Sequences without an answer.", labels=["code"])
        for code, count in stats.failures.items():
            failures.add_metric([code], count)
        yield from (depth, age, failures)
        yield GaugeMetricFamily("mujaz_in_flight_sequences", "Sequences being decoded.", value=stats.in_flight)
        yield CounterMetricFamily("mujaz_tokens", "Tokens written by the models.", value=stats.tokens)
