"""`POST /v1/jobs`: what is taken in, in which forms, and what is refused."""

import asyncio
from typing import Any

import pytest

from models.glossary import Entry
from tests.service.conftest import Serve
from tests.service.routes.test_v1 import assert_problem
from tests.support.job_client import ARTICLES, LINES, ended, results, submitted
from tests.support.service_fakes import FakeBriefs

pytestmark = pytest.mark.anyio


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


async def test_the_jobs_own_glossary_is_in_force(serve: Serve, pipeline: FakeBriefs) -> None:
    async with serve() as client:
        await ended(client, await submitted(client, [{"text": "x"}], glossary={"القاهرة": "Al Qahira"}))
    assert pipeline.glossaries[0] and pipeline.glossaries[0].entries == (Entry("القاهرة", "Al Qahira"),)
