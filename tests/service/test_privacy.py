"""Nothing that a client sends is in the log, the metrics or the traces: a mark in every field of every route, at the level debug.

The service is a real one with the sample models. Requests are made from its own description, so that a route that is added
later is asked too; those that must be understood to get anywhere are written out.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.support.collector import collecting
from tests.support.server import served

MARK = "Zqmark17"
CLIENT = "127.0.0.9"
PROSE = f"قال الوزير {MARK} إن السلطات أغلقت 35 مدرسة في العاصمة يوم الاثنين."
HTML = f"<html><head><title>{MARK}</title></head><body><article><h1>{MARK}</h1><p>{PROSE}</p><img alt='{MARK}'>"
TERMS = {MARK: MARK, "الوزير": MARK}
HEADERS = {
    **dict.fromkeys(("X-Request-ID", "User-Agent", "Referer", "Cookie", "X-API-Key", "Accept-Language"), f"{MARK} x"),
    "Authorization": f"Bearer {MARK}",
    "Idempotency-Key": MARK,
    "Last-Event-ID": MARK,
    **dict.fromkeys(("traceparent", "tracestate", "baggage"), f"{MARK}=x"),
}
KNOWN: dict[str, list[dict[str, Any]]] = {
    "/v1/brief": [
        {"text": PROSE, "glossary": TERMS, "sentences": 1},
        {
            "articles": [{"id": MARK, "title": MARK, "html": HTML}, {"id": MARK, "text": MARK, "source": "th"}],
            "sentences": 1,
        },
    ],
    "/v1/translate": [{"text": [PROSE, MARK], "glossary": TERMS, "source": "ar"}],
    "/v1/summarize": [{"articles": [{"id": MARK, "title": MARK, "text": PROSE}]}],
    "/v1/detect": [{"text": [PROSE, MARK]}],
    "/v1/jobs": [{"articles": [{"id": MARK, "title": MARK, "text": PROSE}], "sentences": 1}],
}


@dataclass
class Sent:
    """The answers, and what the service wrote meanwhile."""

    statuses: set[int]
    log: str
    metrics: str
    traces: str


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Sent:
    path = tmp_path_factory.mktemp("log") / "stderr"
    with collecting() as collector:
        settings = {"log_level": "debug", "log_format": "json", "beams": 1, "otel_endpoint": collector.url}
        with path.open("wb") as stderr, served(stderr, **settings) as server:
            transport = httpx.HTTPTransport(local_address=CLIENT)
            with httpx.Client(base_url=server.url, transport=transport, timeout=120) as client:
                statuses = {answer.status_code for answer in _ask(client)}
                metrics = client.get("/metrics").text
        traces = "\n".join(map(str, collector.requests()))
    return Sent(statuses, path.read_text(encoding="utf-8"), metrics, traces)


def test_the_requests_got_somewhere(sent: Sent) -> None:
    assert {200, 400, 404, 405, 415, 422} <= sent.statuses
    assert '"event": "request"' in sent.log
    assert 'mujaz_items_total{outcome="ok",route="/v1/brief"}' in sent.metrics
    for name in ("receive", "article", "store", "read", "translate", "extract", "check", "POST /v1/jobs"):
        assert f'name: "{name}"' in sent.traces
    assert 'key: "mujaz.position"' in sent.traces


def test_each_line_of_the_log_is_an_event(sent: Sent) -> None:
    for line in sent.log.splitlines():
        assert {"time", "level", "logger", "event"} <= json.loads(line).keys()


def test_the_mark_is_nowhere(sent: Sent) -> None:
    assert [line for line in sent.log.splitlines() if MARK.lower() in line.lower()] == []
    assert [line for line in sent.metrics.splitlines() if MARK.lower() in line.lower()] == []
    assert [line for line in sent.traces.splitlines() if MARK.lower() in line.lower()] == []


def test_nor_is_the_address_of_the_client(sent: Sent) -> None:
    assert CLIENT not in sent.log + sent.metrics + sent.traces


def _ask(client: httpx.Client) -> Iterator[httpx.Response]:
    description = client.get("/openapi.json").json()
    for template, methods in description["paths"].items():
        path = "/".join(MARK if part.startswith("{") else part for part in template.split("/"))
        for method, told in methods.items():
            schema = _body(told, description)
            for body in [*KNOWN.get(template, []), *([schema] if schema is not None else [])]:
                yield client.request(method, path, json=body, params={MARK: MARK}, headers=HEADERS)
            yield client.request(method, path, headers=HEADERS, content=f'{{"text": "{MARK}'.encode())
            yield client.request(
                method,
                path,
                headers=HEADERS | {"Content-Type": "application/json"},
                content=f'{{"text": "{MARK}'.encode(),
            )
            yield client.request(method, path, headers=HEADERS, json={MARK: MARK})
            yield client.request(method, path, headers=HEADERS, files={MARK: (f"{MARK}.txt", PROSE.encode(), MARK)})
    yield client.get(f"/{MARK}", headers=HEADERS)
    yield client.request(MARK, "/v1/brief", headers=HEADERS)


def _body(told: dict[str, Any], description: dict[str, Any]) -> Any:
    """A body with the mark in each field that its schema names, fitting or not; None where there is none."""
    content = told.get("requestBody", {}).get("content", {})
    return _marked(content["application/json"]["schema"], description) if "application/json" in content else None


def _marked(schema: dict[str, Any], description: dict[str, Any], depth: int = 0) -> Any:
    if "$ref" in schema:
        schema = description["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    if "properties" in schema and depth < 5:
        return {name: _marked(inner, description, depth + 1) for name, inner in schema["properties"].items()}
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in schema:
            return _marked(schema[choice][0], description, depth)
    return [_marked(schema["items"], description, depth + 1)] if "items" in schema else MARK
