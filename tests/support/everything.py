"""Metrics in which everything was counted once: every name and label is there, to be compared with what is said of them."""

import tempfile
from collections.abc import Iterator
from typing import get_args

from models.checks.report import KINDS
from service.limits import Admission
from service.metrics import CacheKind, CacheOutcome, Metrics, WebhookOutcome
from service.runtime import Startup
from service.schemas.briefs import Article, Brief, BriefOptions, Repair
from service.scrape import JobsSeen
from service.settings import Settings
from service.store.database import Store
from tests.support.service_fakes import FakeRuntime, brief_of

SETTINGS = Settings()


async def everything() -> Metrics:
    """A ready service in which each thing that is counted happened."""
    with tempfile.TemporaryDirectory() as folder:
        startup = Startup(SETTINGS, Store(f"sqlite:///{folder}/mujaz.db"), lambda _: FakeRuntime(), lambda: None)
        await startup.run()
        await startup.close()  # the fake runtime tells the same after it
    metrics = Metrics(SETTINGS, Admission.of(SETTINGS), startup)
    metrics.watch_jobs(lambda: JobsSeen(2, 30.5, {"queued": 7, "running": 1, "done": 3, "failed": 1}))
    metrics.request("/v1/brief", 200, 0.5)
    metrics.request("/v1/brief", 503, 0.01, "overloaded")
    metrics.answered("/v1/brief", "bulk", doubtful())
    metrics.failed("/v1/brief", "empty_text")
    for kind in get_args(CacheKind):
        for outcome in get_args(CacheOutcome):
            metrics.cache(kind, outcome, 1)
    for outcome in get_args(WebhookOutcome):
        metrics.webhook(outcome)
    return metrics


def doubtful() -> Brief:
    """A brief with a flag of each kind and a repair of each action."""
    made = brief_of(Article(text="خبر"), "خبر", BriefOptions())
    (flag,) = made.checks.flags
    flags = [flag.model_copy(update={"kind": kind}) for kind in KINDS]
    repairs = [Repair(action=action, text="x", reasons=[]) for action in ("decoded-again", "replaced")]
    checks = made.checks.model_copy(update={"flags": flags, "repairs": repairs})
    return made.model_copy(update={"checks": checks})


def series(metrics: Metrics) -> Iterator[str]:
    """The names that a query can ask for."""
    for family in metrics.registry.collect():
        for sample in family.samples:
            if not sample.name.endswith("_created"):
                yield sample.name
