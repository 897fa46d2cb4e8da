"""Jobs over HTTP, as a client sees them."""

import json
from typing import Any

import httpx

from tests.support.service_fakes import FakeBriefs
from tests.support.waiting import until

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


async def has(client: httpx.AsyncClient, job: str, count: int) -> bool:
    return len(await results(client, job)) >= count


async def begun(pipeline: FakeBriefs, count: int) -> bool:
    return pipeline.begun >= count


async def given_up(pipeline: FakeBriefs, count: int) -> bool:
    return pipeline.cancelled >= count


async def accepted(client: httpx.AsyncClient) -> bool:
    return (await client.post("/v1/jobs", json=ARTICLES)).status_code == 202
