"""Prometheus metrics of one app. Labels are routes, statuses, codes, stages, lanes, models: never text, addresses or keys.

Each label's values are few and known beforehand: they come from the code and the catalogue, not from requests. What is counted as
it happens is here; what is read when Prometheus asks is in `service/scrape.py`.
"""

from collections.abc import Callable
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from pydantic import BaseModel

from models.batching.packing import Lane
from service.limits import Admission
from service.runtime import Startup
from service.schemas.briefs import Checks
from service.scrape import Admitted, Build, Jobs, JobsSeen, Limits, Models, Scheduling
from service.settings import Settings

CacheKind = Literal["sentence", "brief"]
CacheOutcome = Literal["hit", "miss", "joined"]
"""`joined`: the same was being computed already, and its answer served both."""
WebhookOutcome = Literal["delivered", "failed", "given_up"]
"""`failed`: it is tried again."""

_SECONDS = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)


class Metrics:
    """The figures of one app, in a registry of its own: two apps in one process do not mix. Safe to use from any thread."""

    def __init__(self, settings: Settings, admission: Admission, startup: Startup) -> None:
        self.registry = registry = CollectorRegistry()
        for collector in (Build(), Limits(settings), Admitted(admission), Models(startup), Scheduling(startup.stats)):
            registry.register(collector)
        ProcessCollector(registry=registry)
        self._requests = Counter("mujaz_requests", "Requests answered.", ["route", "status"], registry=registry)
        self._seconds = Histogram(
            "mujaz_request_seconds", "Time to answer a request.", ["route"], registry=registry, buckets=_SECONDS
        )
        self._refusals = Counter(
            "mujaz_refusals", "Requests answered with an error, by its code.", ["code"], registry=registry
        )
        self._items = Counter(
            "mujaz_items",
            "Articles and texts, by outcome: ok, or the code of the error.",
            ["route", "outcome"],
            registry=registry,
        )
        self._stages = Histogram(
            "mujaz_stage_seconds",
            "Time that one article spent in a stage.",
            ["lane", "stage"],
            registry=registry,
            buckets=_SECONDS,
        )
        self._checked = Counter("mujaz_checked", "Answers, by what their checks say.", ["status"], registry=registry)
        self._flags = Counter("mujaz_flags", "What the checks found to doubt.", ["kind"], registry=registry)
        self._repairs = Counter("mujaz_repairs", "Sentences that were given up.", ["action"], registry=registry)
        self._cache = Counter("mujaz_cache", "What was looked up in a cache.", ["kind", "outcome"], registry=registry)
        self._webhooks = Counter("mujaz_webhooks", "Tries to deliver a webhook.", ["outcome"], registry=registry)

    def request(self, route: str, status: int, seconds: float, code: str | None = None) -> None:
        """Count one answered request; `code` is that of the error which it was answered with."""
        self._requests.labels(route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)
        if code:
            self._refusals.labels(code).inc()

    def answered(self, route: str, lane: Lane, answer: object) -> None:
        """Count one article or text that was answered, with the time it took per stage and what its checks found."""
        self._items.labels(route, "ok").inc()
        if not isinstance(answer, BaseModel):
            return
        for stage, milliseconds in getattr(answer, "timing_ms", {}).items():
            self._stages.labels(lane, stage).observe(milliseconds / 1000)
        if isinstance(checks := getattr(answer, "checks", None), Checks):
            self._checked.labels(checks.status).inc()
            for flag in checks.flags:
                self._flags.labels(flag.kind).inc()
            for repair in checks.repairs:
                self._repairs.labels(repair.action).inc()

    def failed(self, route: str, code: str) -> None:
        """Count one article or text that was not answered; `code` is that of its error."""
        self._items.labels(route, code).inc()

    def cache(self, kind: CacheKind, outcome: CacheOutcome, count: int) -> None:
        """Count so many look-ups; "joined" are those that another request's answer served."""
        self._cache.labels(kind, outcome).inc(count)

    def webhook(self, outcome: WebhookOutcome) -> None:
        """Count one try to deliver a webhook."""
        self._webhooks.labels(outcome).inc()

    def watch_jobs(self, seen: Callable[[], JobsSeen]) -> None:
        """Show what `seen` tells at every scrape. It is called in a thread; a scrape takes as long as it does."""
        self.registry.register(Jobs(seen))

    def expose(self) -> bytes:
        """Everything, in Prometheus' text format. Not on the event loop: it may wait for what it reads."""
        return generate_latest(self.registry)
