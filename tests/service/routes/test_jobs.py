"""`/v1/jobs` over HTTP: what is taken in, what is refused, and what is read while it runs and after."""

import asyncio
import json
import threading
from typing import Any

import httpx
import pytest

from models.glossary import Entry, Glossary
from service.callers import SCOPES, Caller
from service.deps import _caller
from tests.service.conftest import Serve, until
from tests.service.routes.test_v1 import assert_problem
from tests.support.service_fakes import FakeBriefs, FakeRuntime

pytestmark = pytest.mark.anyio

LINES = {"Content-Type": "application/x-ndjson"}
ARTICLES = [{"id": "a", "text": "one"}, {"id": "b", "text": "furniture"}, {"id": "c", "html": "three"}]


async def submitted(client: httpx.AsyncClient, articles: list[dict[str, Any]], **options: Any) -> str:
    answer = await client.post("/v1/jobs", json={"articles": articles, **options})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


async def ended(client: httpx.AsyncClient, job: str) -> dict[str, Any]:
    shown: dict[str, Any] = {}

    async def over() -> bool:
        shown.update((await client.get(f"/v1/jobs/{job}")).json())
        return shown["finished"] is not None

    await until(over)
    return shown


async def results(client: httpx.AsyncClient, job: str, after: int = 0) -> list[dict[str, Any]]:
    answer = await client.get(f"/v1/jobs/{job}/results", params={"after": after})
    assert answer.headers["Content-Type"] == "application/x-ndjson"
    return [json.loads(line) for line in answer.text.splitlines()]


def told(stream: str) -> list[tuple[int, str, dict[str, Any]]]:
    events = []
    for block in stream.split("\n\n")[:-1]:
        fields = dict(line.split(": ", 1) for line in block.split("\n"))
        events.append((int(fields["id"]), fields["event"], json.loads(fields["data"])))
    return events


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


async def test_articles_come_as_an_array_as_lines_or_as_files(serve: Serve, pipeline: FakeBriefs) -> None:
    lines = b'{"text": "one"}\n\n{"id": "b", "text": "two"}\r\nnonsense\n{"text": 3}\n{"id": "e", "txt": ""}\n'
    files = [
        ("file", ("a.txt", "نص أول".encode())),
        ("file", ("b.html", b"<p>two</p>")),
        ("other", ("c.jsonl", lines)),
        ("file", ("d.txt", b"\x00\x01\x02")),
    ]
    async with serve() as client:
        array = await client.post("/v1/jobs?sentences=1&source=ar", json=ARTICLES)
        listed = await client.post("/v1/jobs", content=b"\xef\xbb\xbf" + lines, headers=LINES)
        uploaded = await client.post("/v1/jobs", params={"translation": True}, files=files)
        assert array.json()["options"]["sentences"] == 1
        assert uploaded.json()["options"]["translation"] is True
        found = []
        for answer in (array, listed, uploaded):
            assert answer.status_code == 202, answer.text
            await ended(client, answer.json()["id"])
            found.append(sorted(await results(client, answer.json()["id"]), key=lambda line: line["position"]))
    assert [line["id"] for line in found[0]] == ["a", "b", "c"]
    outcomes = [(line["id"], line.get("error", {}).get("code")) for line in found[1]]
    refused = "input_refused"
    assert outcomes == [("line:1", None), ("b", None), ("line:4", refused), ("line:5", refused), ("e", refused)]
    names = [line["id"] for line in found[2]]
    assert names == ["a.txt", "b.html", "c.jsonl:1", "b", "c.jsonl:4", "c.jsonl:5", "e", "d.txt"]
    assert found[2][-1]["error"]["code"] == "not_text"


async def test_a_bad_article_is_its_own_error_at_once(serve: Serve, pipeline: FakeBriefs) -> None:
    bad: list[Any] = [7, None, {"text": "x", "html": "y"}, {"id": "long", "text": "x" * 101}, {"id": 5, "text": "x"}]
    async with serve(article_chars=100) as client:
        job = await submitted(client, bad)
        shown = (await client.get(f"/v1/jobs/{job}")).json()
        found = await results(client, job)
    assert shown["state"] == "failed" and shown["articles"]["failed"] == 5
    assert [line["error"]["code"] for line in found] == ["input_refused"] * 3 + ["too_long", "input_refused"]
    assert pipeline.begun == 0


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        (b"{", "application/json", 400, "bad_request"),
        (b"[" * 100_000, "application/json", 400, "bad_request"),
        (b"\xff", "application/json", 400, "bad_request"),
        (b"7", "application/json", 422, "invalid_request"),
        (b"{}", "application/json", 422, "invalid_request"),
        (b'{"articles": []}', "application/json", 422, "invalid_request"),
        (b'{"articles": [{"text": "x"}], "sentences": 9}', "application/json", 422, "invalid_request"),
        (b'{"articles": [{"text": "x"}], "sentence": 1}', "application/json", 422, "invalid_request"),
        (b'{"articles": [{"text": "x"}], "glossary": {"!": "x"}}', "application/json", 422, "glossary_invalid"),
        (b"[]", "application/json", 422, "empty_text"),
        (b"\n\n", "application/jsonl", 422, "empty_text"),
        (b"text", "text/plain", 415, "unsupported_media_type"),
        (b"text", "", 415, "unsupported_media_type"),
        (b"text", "multipart/form-data", 400, "bad_request"),
        (b"text", "multipart/form-data; boundary=x", 400, "bad_request"),
        (b"--x--\r\n", "multipart/form-data; boundary=x", 422, "empty_text"),
        (b'[{"text": "x"},{"text": "x"},{"text": "x"}]', "application/json", 413, "too_long"),
        (b'{"text": "x"}\n' * 3, "application/x-ndjson", 413, "too_long"),
        (b" " * 201, "application/json", 413, "body_too_large"),
    ],
)
async def test_what_is_no_job_is_refused_and_nothing_is_stored(
    serve: Serve, content: bytes, kind: str, status: int, code: str
) -> None:
    async with serve(job_articles=2, job_bytes=100_001 if content[:2] == b"[[" else 200) as client:
        answer = await client.post("/v1/jobs", content=content, headers={"Content-Type": kind})
        assert_problem(answer, status, code)
        assert (await client.get("/v1/jobs")).json() == {"jobs": [], "next": None}


async def test_a_form_holds_files_only(serve: Serve) -> None:
    async with serve() as client:
        answer = await client.post("/v1/jobs", data={"sentences": "1"}, files={"file": ("a.txt", b"x")})
    assert_problem(answer, 422, "input_refused")


@pytest.mark.parametrize("query", ["sentences=9", "sentence=1", "glossary=x"])
async def test_options_in_the_address_are_held_to_the_same_rules(serve: Serve, query: str) -> None:
    async with serve() as client:
        assert_problem(await client.post(f"/v1/jobs?{query}", content=b"{}", headers=LINES), 422, "invalid_request")


async def test_an_object_has_its_options_in_itself(serve: Serve) -> None:
    async with serve() as client:
        answer = await client.post("/v1/jobs?sentences=1", json={"articles": ARTICLES})
        assert_problem(answer, 422, "input_refused")


async def test_a_job_may_be_larger_than_another_request(serve: Serve) -> None:
    async with serve(body_bytes=100, job_bytes=1000) as client:
        await submitted(client, [{"text": "x" * 500}])
        assert_problem(await client.post("/v1/brief", json={"text": "x" * 500}), 413, "body_too_large")


async def test_a_full_queue_refuses_the_whole_job_and_says_when_to_come_again(
    serve: Serve, pipeline: FakeBriefs
) -> None:
    async with serve(job_queue=2, drain=0.01) as client:
        await submitted(client, [{"text": "wait"}] * 2)
        answer = await client.post("/v1/jobs", json=ARTICLES)
        assert_problem(answer, 503, "overloaded")
        assert answer.headers["Retry-After"]
        assert len((await client.get("/v1/jobs")).json()["jobs"]) == 1


async def test_the_same_request_with_the_same_key_gives_the_same_job(serve: Serve, pipeline: FakeBriefs) -> None:
    key = {"Idempotency-Key": "k 1"}
    async with serve() as client:
        first = await client.post("/v1/jobs", json={"articles": ARTICLES}, headers=key)
        again = await client.post("/v1/jobs", json={"articles": ARTICLES}, headers=key)
        assert (first.status_code, again.status_code) == (202, 200)
        assert "Idempotent-Replayed" not in first.headers
        assert again.headers["Idempotent-Replayed"] == "true"
        assert again.headers["Location"] == first.headers["Location"]
        other = await client.post("/v1/jobs", json={"articles": ARTICLES, "sentences": 1}, headers=key)
        assert_problem(other, 422, "idempotency_key_reused")
        await ended(client, first.json()["id"])
        assert pipeline.begun == 3
        both = await asyncio.gather(
            *(client.post("/v1/jobs", json=ARTICLES, headers={"Idempotency-Key": "2"}) for _ in range(2))
        )
        assert {answer.status_code for answer in both} == {200, 202}
        assert both[0].json()["id"] == both[1].json()["id"]


@pytest.mark.parametrize("key", ["", "x" * 256, "é".encode(), "a\tb"])
async def test_a_key_that_is_none_is_refused(serve: Serve, key: str | bytes) -> None:
    async with serve() as client:
        answer = await client.post("/v1/jobs", json=ARTICLES, headers={"Idempotency-Key": key})
    assert_problem(answer, 422, "invalid_request")


async def test_results_are_read_while_the_job_runs(serve: Serve, pipeline: FakeBriefs) -> None:
    async with serve() as client:
        job = await submitted(client, [{"id": "slow", "text": "wait"}, {"id": "fast", "text": "x"}])
        await until(lambda: _has(client, job, 1))
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
        await until(lambda: _has(client, job, 1))
        await until(lambda: _begun(pipeline, 3))
        cancelled = (await client.post(f"/v1/jobs/{job}/cancel")).json()
        assert cancelled["state"] == "cancelled" and cancelled["articles"]["cancelled"] == 3
        await until(lambda: _cancelled(pipeline, 2))
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
        await until(lambda: _begun(pipeline, 1))
        deleted = await client.delete(f"/v1/jobs/{job}")
        assert (deleted.status_code, deleted.content) == (204, b"")
        await until(lambda: _cancelled(pipeline, 1))
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
        await until(lambda: _accepted(client))
        assert (await client.get("/readyz")).status_code == 503
        assert pipeline.begun == 0
        gate.set()
        await until(lambda: _begun(pipeline, 3))


async def test_jobs_survive_the_server(serve: Serve, pipeline: FakeBriefs, tmp_path: Any) -> None:
    url = f"sqlite:///{tmp_path}/mujaz.db"
    async with serve(database_url=url, drain=0.01) as client:
        job = await submitted(client, [{"id": "slow", "text": "wait"}, {"id": "fast", "text": "x"}])
        await until(lambda: _has(client, job, 1))
        first = await results(client, job)
    pipeline.release.set()
    async with serve(database_url=url) as client:
        assert (await ended(client, job))["articles"]["done"] == 2
        assert (await results(client, job))[:1] == first


async def test_the_jobs_own_glossary_is_in_force(serve: Serve, pipeline: FakeBriefs) -> None:
    async with serve() as client:
        await ended(client, await submitted(client, [{"text": "x"}], glossary={"القاهرة": "Al Qahira"}))
    assert pipeline.glossaries[0] and pipeline.glossaries[0].entries == (Entry("القاهرة", "Al Qahira"),)


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


async def _has(client: httpx.AsyncClient, job: str, count: int) -> bool:
    return len(await results(client, job)) >= count


async def _begun(pipeline: FakeBriefs, count: int) -> bool:
    return pipeline.begun >= count


async def _cancelled(pipeline: FakeBriefs, count: int) -> bool:
    return pipeline.cancelled >= count


async def _accepted(client: httpx.AsyncClient) -> bool:
    return (await client.post("/v1/jobs", json=ARTICLES)).status_code == 202
