"""200 mixed requests at once against a real server with the sample models; `pytest -s` prints the figures."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.server import Server, served

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

SAMPLES = Path(__file__).parents[2] / "models" / "sample" / "articles"
REQUESTS = 200


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with served() as running:
        yield running


def requests() -> list[tuple[str, dict[str, Any], set[int]]]:
    """(path, body, acceptable statuses): good ones of every kind among bad ones."""
    articles = [path.read_text(encoding="utf-8") for path in sorted(SAMPLES.glob("0*.txt"))]
    page = (SAMPLES / "07-school-football.html").read_text(encoding="utf-8")
    thai = (SAMPLES / "multilingual" / "th.txt").read_text(encoding="utf-8")
    kinds: list[tuple[str, dict[str, Any], set[int]]] = [
        ("/v1/brief", {"text": articles[0]}, {200}),
        ("/v1/detect", {"text": [articles[1], thai]}, {200}),
        ("/v1/brief", {"html": page, "sentences": 1}, {200}),
        ("/v1/translate", {"text": ["أعلنت الوزارة إغلاق المدارس يومين.", ""]}, {200}),
        ("/v1/summarize", {"text": articles[2]}, {200}),
        ("/v1/brief", {"text": ""}, {422}),
        ("/v1/brief", {"text": thai}, {422}),
        ("/v1/brief", {"text": "كلمة " * 60_000}, {413}),
        ("/v1/brief", {"html": "<div>" * 10_000}, {422}),
        ("/v1/brief", {"articles": [{"id": "a", "text": articles[3]}, {"id": "b", "text": ""}]}, {200}),
    ]
    return [kinds[number % len(kinds)] for number in range(REQUESTS)]


async def test_two_hundred_mixed_requests_at_once_all_get_their_answer(server: Server) -> None:
    before = server.resident_mb()
    started = time.monotonic()
    limits = httpx.Limits(max_connections=REQUESTS)
    async with httpx.AsyncClient(base_url=server.url, timeout=280, limits=limits) as client:

        async def one(path: str, body: dict[str, Any], wanted: set[int]) -> tuple[bool, int]:
            answer = await client.post(path, json=body)
            problem = answer.headers["content-type"] == "application/problem+json"
            return answer.status_code in wanted and problem == (answer.status_code >= 400), answer.status_code

        outcomes = await asyncio.gather(*(one(*request) for request in requests()))
        health = await client.get("/healthz")
    figures = {
        "ready_seconds": round(server.seconds_to_ready, 2),
        "seconds": round(time.monotonic() - started, 1),
        "statuses": dict(Counter(status for _, status in outcomes)),
        "resident_mb": [round(before), round(server.resident_mb())],
    }
    print(json.dumps(figures))
    assert all(fine for fine, _ in outcomes), figures
    assert health.status_code == 200
    assert server.resident_mb() < before + 1500, figures  # activations of full batches; it does not grow with requests


async def test_in_one_batch_each_bad_article_has_its_own_error_and_the_rest_their_briefs(server: Server) -> None:
    article = (SAMPLES / "06-court.txt").read_text(encoding="utf-8")
    batch: dict[str, tuple[dict[str, str], str | None]] = {
        "first": ({"text": article}, None),
        "empty": ({"text": ""}, "empty_text"),
        "long": ({"text": "كلمة " * 60_000}, "too_long"),
        "thai": ({"text": (SAMPLES / "multilingual" / "th.txt").read_text(encoding="utf-8")}, "pair_unsupported"),
        "nested": ({"html": "<div>" * 10_000 + "نص" + "</div>" * 10_000}, "markup_too_deep"),
        "furniture": ({"text": "اقرأ أيضا\nالمصدر : وكالات\nشارك"}, "no_prose"),
        "last": ({"text": article}, None),
    }
    articles = [{"id": name, **given} for name, (given, _) in batch.items()]
    async with httpx.AsyncClient(base_url=server.url, timeout=120) as client:
        answer = await client.post("/v1/brief", json={"articles": articles})
    assert answer.status_code == 200
    briefs = answer.json()["briefs"]
    assert [made["id"] for made in briefs] == list(batch)
    assert [made.get("error", {}).get("code") for made in briefs] == [code for _, code in batch.values()]
    assert len({made["error"]["message"] for made in briefs if "error" in made}) == 5
    assert briefs[0]["brief"] == briefs[-1]["brief"] != ""
    assert "sample models" in briefs[0]["provenance"]["notice"]
