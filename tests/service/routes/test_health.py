"""Process, models, metrics: what a probe and a scraper see."""

import threading

import pytest

from models.errors import WeightsMissing
from tests.service.conftest import Serve
from tests.service.routes.test_v1 import assert_problem
from tests.support.service_fakes import SECRET, FakeRuntime
from tests.support.waiting import until

pytestmark = pytest.mark.anyio


async def test_the_process_answers_while_the_models_are_being_loaded(serve: Serve) -> None:
    gate = threading.Event()
    async with serve(FakeRuntime(gate)) as client:
        assert (await client.get("/healthz")).json()["status"] == "ok"
        waiting = await client.get("/readyz")
        assert_problem(waiting, 503, "not_ready")
        assert waiting.headers["Retry-After"] == "1"
        assert_problem(await client.post("/v1/brief", json={"text": "خبر"}), 503, "not_ready")
        assert (await client.post("/v1/detect", json={"text": "The minister said"})).json()["code"] == "en"
        gate.set()
        await until(lambda: _is(client, 200))
        assert (await client.post("/v1/brief", json={"text": "خبر"})).status_code == 200


async def test_models_that_cannot_start_are_the_reason_given(serve: Serve) -> None:
    async with serve(FakeRuntime(failure=WeightsMissing("Pull them."))) as client:
        await until(lambda: _is(client, 503, "weights_missing"))
        assert_problem(await client.post("/v1/brief", json={"text": "خبر"}), 503, "weights_missing")
        assert (await client.get("/healthz")).status_code == 200


async def test_a_mistake_at_the_start_is_not_quoted(serve: Serve) -> None:
    async with serve(FakeRuntime(failure=RuntimeError(SECRET))) as client:
        await until(lambda: _is(client, 500))
        assert SECRET not in (await client.get("/readyz")).text


async def test_the_runtime_is_closed_with_the_app(serve: Serve) -> None:
    runtime = FakeRuntime()
    async with serve(runtime):
        assert not runtime.closed
    assert runtime.closed


async def test_metrics_count_by_template_and_outcome_and_hold_no_text(serve: Serve) -> None:
    async with serve() as client:
        await client.post("/v1/brief", json={"articles": [{"id": SECRET, "text": SECRET}, {"text": ""}]})
        await client.post("/v1/brief", json={"text": ""})
        await client.get(f"/{SECRET}")
        exposed = (await client.get("/metrics")).text
    for line in (
        'mujaz_requests_total{route="/v1/brief",status="200"} 1.0',
        'mujaz_requests_total{route="/v1/brief",status="422"} 1.0',
        'mujaz_requests_total{route="unmatched",status="404"} 1.0',
        'mujaz_items_total{outcome="empty_text",route="/v1/brief"} 2.0',
        'mujaz_items_total{outcome="ok",route="/v1/brief"} 1.0',
        'mujaz_stage_seconds_count{lane="bulk",stage="summarize"} 1.0',
        'mujaz_queue_depth{lane="interactive"} 3.0',
        'mujaz_queue_age_seconds{lane="interactive"} 0.5',
        "mujaz_tokens_total 1234.0",
        "mujaz_in_flight_requests 0.0",
    ):
        assert line in exposed.splitlines()
    assert SECRET not in exposed


async def test_two_apps_do_not_share_their_counters(serve: Serve) -> None:
    async with serve() as first, serve() as second:
        await first.post("/v1/brief", json={"text": "خبر"})
        assert "/v1/brief" not in (await second.get("/metrics")).text


async def _is(client, status: int, code: str | None = None) -> bool:
    answer = await client.get("/readyz")
    return answer.status_code == status and code in (None, answer.json().get("code"))
