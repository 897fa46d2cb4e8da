"""`/v1/jobs` over HTTP: what is read of a job while it runs and after, and how it ends."""

import asyncio
import threading
from typing import Any

import pytest

from models.glossary import Entry, Glossary
from service.callers import SCOPES, Caller
from service.deps import _caller
from tests.service.conftest import Serve
from tests.service.routes.test_v1 import assert_problem
from tests.support.job_client import ARTICLES, accepted, begun, ended, given_up, has, results, submitted, told
from tests.support.service_fakes import FakeBriefs, FakeRuntime
from tests.support.waiting import until

pytestmark = pytest.mark.anyio


async def test_a_job_is_stored_worked_through_and_read(serve: Serve, pipeline: FakeBriefs) -> None:
    async with serve() as client:
        answer = await client.post("/v1/jobs", json={"articles": ARTICLES, "sentences": 2, "target": "ar"})
        job = answer.json()
        assert (answer.status_code, answer.headers["Location"]) == (202, f"/v1/jobs/{job['id']}")
        assert job["options"] == {"target": "ar", "route": "summarize-first", "sentences": 2, "translation": False}
        shown = await ended(client, job["id"])
        assert shown["state"] == "done" and shown["created"] <= shown["started"] <= shown["finished"] < shown["expires"]
        counts = {"total": 3, "queued": 0, "running": 0, "done": 2, "failed": 1, "cancelled": 0}
        assert shown["articles"] == counts
        found = await results(client, job["id"])
        assert [line["number"] for line in found] == [1, 2, 3]
        by_id = {line["id"]: line for line in found}
        assert {line["id"]: line["position"] for line in found} == {"a": 0, "b": 1, "c": 2}
        assert by_id["a"]["brief"] == "A brief of 3 characters. Added."
        assert by_id["b"]["error"]["code"] == "no_prose"
        assert await results(client, job["id"], 2) == found[2:]
        assert set(pipeline.lanes) == {"bulk"}


async def test_events_tell_everything_in_order_and_go_on_where_they_were_lost(serve: Serve) -> None:
    async with serve() as client:
        job = await submitted(client, ARTICLES)
        answer = await client.get(f"/v1/jobs/{job}/events")
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        events = told(answer.text)
        assert [number for number, _, _ in events] == [1, 2, 3, 4, 5, 6]
        assert [kind for _, kind, _ in events] == ["job", "job", "article", "article", "article", "end"]
        assert events[0][2] == {"state": "queued", "total": 3, "done": 0, "failed": 0, "cancelled": 0}
        assert events[-1][2] == {"state": "done", "total": 3, "done": 2, "failed": 1, "cancelled": 0}
        failure = next(data for _, _, data in events if data.get("state") == "failed")
        assert failure == {"position": 1, "id": "b", "state": "failed", "code": "no_prose"}
        again = await client.get(f"/v1/jobs/{job}/events", headers={"Last-Event-ID": "4"})
        assert told(again.text) == events[4:]
        over = await client.get(f"/v1/jobs/{job}/events", headers={"Last-Event-ID": "6"})
        assert (over.status_code, over.content) == (204, b"")


@pytest.mark.parametrize("given", ["-1", "x", "1e3", "99999999999"])
async def test_a_last_event_that_is_no_number_is_refused(serve: Serve, given: str) -> None:
    async with serve() as client:
        job = await submitted(client, ARTICLES)
        answer = await client.get(f"/v1/jobs/{job}/events", headers={"Last-Event-ID": given})
        assert_problem(answer, 422, "invalid_request")


async def test_results_are_read_while_the_job_runs(serve: Serve, pipeline: FakeBriefs) -> None:
    async with serve() as client:
        job = await submitted(client, [{"id": "slow", "text": "wait"}, {"id": "fast", "text": "x"}])
        await until(lambda: has(client, job, 1))
        first = await results(client, job)
        assert [line["id"] for line in first] == ["fast"]
        shown = (await client.get(f"/v1/jobs/{job}")).json()
        assert shown["state"] == "running" and shown["articles"]["running"] == 1
        pipeline.release.set()
        await ended(client, job)
        assert (await results(client, job))[:1] == first
        assert [line["id"] for line in await results(client, job, 1)] == ["slow"]


async def test_cancelling_stops_what_runs_and_keeps_what_there_is(serve: Serve, pipeline: FakeBriefs) -> None:
    async with serve(job_slots=2) as client:
        job = await submitted(client, [{"id": "x", "text": "x"}, *({"text": "wait"} for _ in range(3))])
        await until(lambda: has(client, job, 1))
        await until(lambda: begun(pipeline, 3))
        cancelled = (await client.post(f"/v1/jobs/{job}/cancel")).json()
        assert cancelled["state"] == "cancelled" and cancelled["articles"]["cancelled"] == 3
        await until(lambda: given_up(pipeline, 2))
        found = await results(client, job)
        assert [line.get("error", {}).get("code") for line in found] == [None] + ["cancelled"] * 3
        events = told((await client.get(f"/v1/jobs/{job}/events")).text)
        assert events[-1][1:] == ("end", {"state": "cancelled", "total": 4, "done": 1, "failed": 0, "cancelled": 3})
        assert (await client.post(f"/v1/jobs/{job}/cancel")).json() == cancelled


async def test_deleting_stops_what_runs_and_leaves_nothing(serve: Serve, pipeline: FakeBriefs) -> None:
    key = {"Idempotency-Key": "k"}
    async with serve() as client:
        answer = await client.post("/v1/jobs", json=[{"text": "wait"}], headers=key)
        job = answer.json()["id"]
        await until(lambda: begun(pipeline, 1))
        deleted = await client.delete(f"/v1/jobs/{job}")
        assert (deleted.status_code, deleted.content) == (204, b"")
        await until(lambda: given_up(pipeline, 1))
        for method, path in (("GET", ""), ("GET", "/results"), ("GET", "/events"), ("POST", "/cancel"), ("DELETE", "")):
            assert_problem(await client.request(method, f"/v1/jobs/{job}{path}"), 404, "job_unknown")
        assert (await client.get("/v1/jobs")).json()["jobs"] == []
        anew = await client.post("/v1/jobs", json=[{"text": "x"}], headers=key)
        assert anew.status_code == 202


@pytest.mark.parametrize("job", ["x", "0" * 32, "%00", "..%2fx"])
async def test_an_unknown_job_is_not_there(serve: Serve, job: str) -> None:
    async with serve() as client:
        for path in ("", "/results", "/events"):
            assert (await client.get(f"/v1/jobs/{job}{path}")).status_code == 404


async def test_the_list_is_paged_newest_first(serve: Serve) -> None:
    async with serve() as client:
        made = []
        for _ in range(5):
            made.append(await submitted(client, [{"text": "x"}]))
            await asyncio.sleep(0.002)  # ids are in the order of milliseconds
        first = (await client.get("/v1/jobs?limit=3")).json()
        rest = (await client.get("/v1/jobs", params={"limit": 3, "before": first["next"]})).json()
        assert [job["id"] for job in first["jobs"] + rest["jobs"]] == made[::-1]
        assert rest["next"] is None
        assert_problem(await client.get("/v1/jobs?before=x"), 422, "invalid_request")


async def test_jobs_are_taken_in_while_the_models_load_but_not_begun(serve: Serve, pipeline: FakeBriefs) -> None:
    gate = threading.Event()
    async with serve(FakeRuntime(gate)) as client:
        await until(lambda: accepted(client))
        assert (await client.get("/readyz")).status_code == 503
        assert pipeline.begun == 0
        gate.set()
        await until(lambda: begun(pipeline, 3))


async def test_jobs_survive_the_server(serve: Serve, pipeline: FakeBriefs, tmp_path: Any) -> None:
    url = f"sqlite:///{tmp_path}/mujaz.db"
    async with serve(database_url=url, drain=0.01) as client:
        job = await submitted(client, [{"id": "slow", "text": "wait"}, {"id": "fast", "text": "x"}])
        await until(lambda: has(client, job, 1))
        first = await results(client, job)
    pipeline.release.set()
    async with serve(database_url=url) as client:
        assert (await ended(client, job))["articles"]["done"] == 2
        assert (await results(client, job))[:1] == first


async def test_metrics_count_articles_and_what_waits(serve: Serve, pipeline: FakeBriefs) -> None:
    async with serve() as client:
        await ended(client, await submitted(client, ARTICLES))

        async def counted() -> bool:
            told = (await client.get("/metrics")).text
            return (
                'mujaz_items_total{outcome="ok",route="/v1/jobs"} 2.0' in told
                and 'mujaz_items_total{outcome="no_prose",route="/v1/jobs"} 1.0' in told
                and 'mujaz_job_articles{state="queued"} 0.0' in told
            )

        await until(counted)
        assert await counted()


async def test_jobs_and_keys_belong_to_who_made_them(serve: Serve, pipeline: FakeBriefs) -> None:
    glossary = Glossary([Entry("القاهرة", "Cairo")], "ar")
    asks = Caller("one", frozenset(SCOPES), glossary)
    async with serve() as client:
        app: Any = client._transport.app  # type: ignore[attr-defined]
        app.dependency_overrides[_caller] = lambda: asks
        key = {"Idempotency-Key": "k"}
        job = (await client.post("/v1/jobs", json=ARTICLES, headers=key)).json()["id"]
        await ended(client, job)
        asks = Caller("two", frozenset(SCOPES))
        assert (await client.get("/v1/jobs")).json()["jobs"] == []
        for method, path in (("GET", ""), ("GET", "/results"), ("GET", "/events"), ("POST", "/cancel"), ("DELETE", "")):
            assert_problem(await client.request(method, f"/v1/jobs/{job}{path}"), 404, "job_unknown")
        other = await client.post("/v1/jobs", json=ARTICLES, headers=key)
        assert other.status_code == 202 and other.json()["id"] != job
    assert pipeline.glossaries[0] and pipeline.glossaries[0].entries == glossary.entries
