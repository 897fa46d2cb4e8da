"""What is counted, under which labels, and that the labels are few."""

import http.client
import socket
import threading
from typing import get_args

import pytest
from prometheus_client.parser import text_string_to_metric_families

from models.batching.packing import Lane
from models.checks.report import KINDS, Status
from service.exposition import exposed
from service.metrics import CacheKind, CacheOutcome, Metrics, WebhookOutcome
from service.scrape import ArticleState
from service.settings import SettingsError
from service.version import VERSION
from tests.service.conftest import Serve
from tests.support.everything import SETTINGS, everything, series
from tests.support.service_fakes import FakeBriefs

pytestmark = pytest.mark.anyio


async def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


async def test_what_the_checks_found_is_counted_by_kind_and_what_became_of_it_by_action() -> None:
    metrics = await everything()
    assert [await value(metrics, "mujaz_flags_total", kind=kind) for kind in KINDS] == [1] * len(KINDS)
    assert await value(metrics, "mujaz_repairs_total", action="replaced") == 1
    assert await value(metrics, "mujaz_checked_total", status="review") == 1


async def test_stages_are_timed_per_lane_in_seconds() -> None:
    metrics = await everything()
    assert await value(metrics, "mujaz_stage_seconds_sum", lane="bulk", stage="summarize") == 0.02


async def test_steps_tell_how_busy_and_how_full_the_models_are() -> None:
    metrics = await everything()
    found = [
        await value(metrics, f"mujaz_{name}_total", lane="interactive")
        for name in ("steps", "step_seconds", "step_sequences", "step_fill")
    ]
    assert found == [10, 0.5, 40, 2.5]


async def test_models_in_memory_and_limits_are_shown() -> None:
    metrics = await everything()
    assert await value(metrics, "mujaz_ready") == 1
    assert await value(metrics, "mujaz_model_bytes", model="ar-en") == 1000
    assert await value(metrics, "mujaz_model_loads_total") == 1
    assert await value(metrics, "mujaz_limit", setting="queue") == SETTINGS.queue


async def test_jobs_are_shown_as_they_are_told() -> None:
    metrics = await everything()
    assert await value(metrics, "mujaz_jobs_waiting") == 2
    assert await value(metrics, "mujaz_jobs_oldest_seconds") == 30.5
    assert await value(metrics, "mujaz_job_articles", state="queued") == 7


async def test_the_build_is_named() -> None:
    (family,) = [family for family in (await everything()).registry.collect() if family.name == "mujaz_build"]
    assert family.samples[0].labels["version"] == VERSION
    assert {"python", "torch", "transformers"} <= family.samples[0].labels.keys()


async def test_the_process_is_watched() -> None:
    names = set(series(await everything()))
    assert {"process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds"} <= names


async def test_every_label_has_few_values_known_beforehand() -> None:
    known = {
        "lane": set(get_args(Lane)),
        "kind": {*KINDS, *get_args(CacheKind)},
        "outcome": {*get_args(CacheOutcome), *get_args(WebhookOutcome), "ok", "empty_text"},
        "state": set(get_args(ArticleState)),
        "action": {"decoded-again", "replaced"},
        "setting": {"requests", "pending_bytes", "queue", "memory"},
    }
    free = {"route", "status", "code", "stage", "model", "le", "version", "python", "torch", "transformers"}
    for family in (await everything()).registry.collect():
        for sample in family.samples:
            for label, found in sample.labels.items():
                statuses = set(get_args(Status)) if sample.name.startswith("mujaz_checked") else None
                assert label in free or found in known[label]
                assert statuses is None or found in statuses


async def test_a_refusal_is_counted_by_its_code(serve: Serve) -> None:
    async with serve(body_bytes=100) as client:
        await client.post("/v1/brief", json={"text": "x" * 100})
        await client.post("/v1/brief", json={"text": "x", "mode": "y"})
        await client.get("/nowhere")
        exposed = (await client.get("/metrics")).text.splitlines()
    for code in ("body_too_large", "invalid_request", "not_found"):
        assert f'mujaz_refusals_total{{code="{code}"}} 1.0' in exposed


async def test_an_item_that_nobody_waits_for_counts_as_cancelled(serve: Serve, pipeline: FakeBriefs) -> None:
    async with serve(deadline=0.05) as client:
        assert (await client.post("/v1/brief", json={"text": "wait"})).status_code == 504
        assert (await client.post("/v1/brief", json={"text": "bug"})).status_code == 500
        exposed = (await client.get("/metrics")).text.splitlines()
    assert 'mujaz_items_total{outcome="deadline_exceeded",route="/v1/brief"} 1.0' in exposed
    assert 'mujaz_items_total{outcome="internal",route="/v1/brief"} 1.0' in exposed


async def test_metrics_with_an_address_of_their_own_are_not_beside_all_else(serve: Serve) -> None:
    async with serve(metrics_address=("127.0.0.1", 1)) as client:
        assert (await client.get("/metrics")).status_code == 404
        assert (await client.get("/healthz")).status_code == 200


async def test_metrics_are_served_at_their_own_address_and_nothing_else_is() -> None:
    metrics = await everything()
    port = _free_port()
    with exposed(metrics, ("127.0.0.1", port)):
        status, body = _get(port, "/metrics")
        assert status == 200
        sent = {sample.name for family in text_string_to_metric_families(body) for sample in family.samples}
        assert set(series(metrics)) <= sent
        assert _get(port, "/v1/models")[0] == 404
    with pytest.raises(ConnectionRefusedError):
        _get(port, "/metrics")
    assert not [thread for thread in threading.enumerate() if thread.name == "metrics"]


async def test_an_address_that_is_taken_is_named() -> None:
    metrics = await everything()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=f"MUJAZ_METRICS_ADDRESS: 127.0.0.1:{port}"):
            exposed(metrics, ("127.0.0.1", port)).__enter__()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _get(port: int, path: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()
