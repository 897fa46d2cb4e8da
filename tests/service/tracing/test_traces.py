"""Traces as a real collector gets them: what a request and a job's article are made of, and nothing that is private."""

import asyncio
import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest

from service import logs
from service.app import create_app
from service.settings import Settings, SettingsError
from tests.service.conftest import Serve
from tests.support.collector import Collector, collecting
from tests.support.service_fakes import SECRET, FakeBriefs
from tests.support.waiting import until

pytestmark = pytest.mark.anyio

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
SAMPLED = f"00-{TRACE}-{PARENT}-01"
OTHERS = ("mujaz.requests", "service.runtime")  # loggers that speak all the time
SERVER, CONSUMER = 2, 5  # kinds of spans, as OTLP counts them


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as collector:
        yield collector


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What is logged, as JSON; afterwards the root logger is as pytest had it."""
    root = logging.getLogger()
    level, handlers, stream = root.level, root.handlers[:], io.StringIO()
    logs.configure("info", "json", stream)
    yield stream
    root.setLevel(level)
    root.handlers[:] = handlers


def lines(log: io.StringIO, event: str) -> list[dict[str, object]]:
    return [line for line in map(json.loads, log.getvalue().splitlines()) if line["event"] == event]


# ---------------------------------------------------------------- requests


async def test_a_request_is_a_span_with_what_its_log_line_says(serve: Serve, collector: Collector) -> None:
    async with serve(otel_endpoint=collector.url) as client:
        answer = await client.post("/v1/brief?q=1", json={"text": "خبر"})
    span = collector.named("POST /v1/brief")
    assert (span.kind, span.parent, span.failed) == (SERVER, "", False)
    assert span.attributes == {
        "http.request.method": "POST",
        "http.route": "/v1/brief",
        "http.response.status_code": 200,
        "mujaz.request_id": answer.headers["x-request-id"],
    }


async def test_the_callers_trace_is_continued_without_its_own_words(serve: Serve, collector: Collector) -> None:
    headers = {"traceparent": SAMPLED, "tracestate": "vendor=words", "baggage": "words=1"}
    async with serve(otel_endpoint=collector.url) as client:
        await client.get("/v1/languages", headers=headers)
    span = collector.named("GET /v1/languages")
    assert (span.trace, span.parent) == (TRACE, PARENT)
    assert b"words" not in b"".join(request.SerializeToString() for request in collector.requests())


@pytest.mark.parametrize("traceparent", ["", "nonsense", f"00-{'0' * 32}-{PARENT}-01", f"{SAMPLED}\xff"])
async def test_what_is_no_trace_begins_one(serve: Serve, collector: Collector, traceparent: str) -> None:
    async with serve(otel_endpoint=collector.url) as client:
        await client.get("/v1/languages", headers={"traceparent": traceparent.encode("latin-1")})
    assert collector.named("GET /v1/languages").parent == ""


async def test_paths_are_templates(serve: Serve, collector: Collector) -> None:
    async with serve(otel_endpoint=collector.url) as client:
        await client.get("/v1/jobs/4711")
        await client.get("/nowhere/4711")
    names = [span.name for span in collector.spans()]
    assert names == ["GET /v1/jobs/{job}", "GET unmatched"]
    assert "4711" not in str(collector.spans())


async def test_errors_are_told_by_code_and_class_alone(serve: Serve, collector: Collector) -> None:
    async with serve(otel_endpoint=collector.url) as client:
        await client.post("/v1/brief", json={"text": "bug"})
        await client.post("/v1/translate", json={"text": ""})
    bug, refused = collector.named("POST /v1/brief"), collector.named("POST /v1/translate")
    assert (bug.failed, bug.attributes["error.type"]) == (True, "RuntimeError")
    assert (refused.failed, refused.attributes["mujaz.code"]) == (False, "empty_text")
    assert collector.below(refused)["article"].attributes["error.type"] == "empty_text"
    assert SECRET not in str(collector.requests())


async def test_the_articles_of_a_list_are_told_apart(serve: Serve, collector: Collector) -> None:
    async with serve(otel_endpoint=collector.url) as client:
        await client.post("/v1/brief", json={"articles": [{"id": "1", "text": "خبر"}, {"id": "2", "text": "thai"}]})
    request = collector.named("POST /v1/brief")
    articles = [span for span in collector.spans() if span.name == "article"]
    assert {span.parent for span in articles} == {request.id}
    assert {span.attributes["mujaz.lane"] for span in articles} == {"bulk"}
    assert sorted(span.attributes.get("error.type", "") for span in articles) == ["", "pair_unsupported"]


async def test_waiting_for_a_turn_is_a_stage(serve: Serve, pipeline: FakeBriefs, collector: Collector) -> None:
    async with serve(otel_endpoint=collector.url, at_once=1) as client:
        first = asyncio.create_task(client.post("/v1/brief", json={"text": "wait" + "." * 5000}))
        await until(lambda: _begun(pipeline))
        second = asyncio.create_task(client.post("/v1/brief", json={"text": "خبر"}))
        await asyncio.sleep(0.05)
        pipeline.release.set()
        await asyncio.gather(first, second)
    wait = collector.named("wait")
    assert wait.milliseconds > 0
    assert [span.name for span in collector.spans() if span.id == wait.parent] == ["article"]


async def _begun(pipeline: FakeBriefs) -> bool:
    return pipeline.begun == 1


async def test_probes_are_not_traced(serve: Serve, collector: Collector) -> None:
    async with serve(otel_endpoint=collector.url) as client:
        for path in ("/healthz", "/readyz", "/metrics"):
            await client.get(path)
    assert collector.spans() == []


async def test_log_lines_name_the_trace(serve: Serve, collector: Collector, log: io.StringIO) -> None:
    async with serve(otel_endpoint=collector.url) as client:
        await client.get("/v1/languages", headers={"traceparent": SAMPLED})
        await client.get("/healthz")
    traced, probe = lines(log, "request")[-2:]
    assert traced["trace_id"] == TRACE
    assert "trace_id" not in probe


# ---------------------------------------------------------------- jobs


async def test_a_jobs_article_is_a_trace_that_names_the_job(serve: Serve, collector: Collector) -> None:
    async with serve(otel_endpoint=collector.url) as client:
        job = await _done(client, ["خبر", "thai"])
    request = collector.named("POST /v1/jobs")
    assert request.attributes["mujaz.job"] == job
    articles = [span for span in collector.spans() if span.name == "article"]
    assert {span.kind for span in articles} == {CONSUMER}
    assert {span.parent for span in articles} == {""}
    assert len({span.trace for span in articles} | {request.trace}) == 3
    assert sorted(span.attributes["mujaz.position"] for span in articles) == [0, 1]
    assert {span.attributes["mujaz.job"] for span in articles} == {job}
    assert [span.attributes["error.type"] for span in articles if span.failed] == ["pair_unsupported"]
    assert {span.attributes["mujaz.call"] for span in collector.spans() if span.name == "store"} >= {"submit", "finish"}


async def test_what_is_read_for_a_stream_is_not_told_apart(serve: Serve, collector: Collector) -> None:
    async with serve(otel_endpoint=collector.url) as client:
        job = await _done(client, ["خبر"])
        events = await client.get(f"/v1/jobs/{job}/events")
    assert events.text.count("event:") > 1
    stages = [span for span in collector.spans() if span.parent == collector.named("GET /v1/jobs/{job}/events").id]
    assert {span.attributes["mujaz.call"] for span in stages} == {"show", "last"}


async def _done(client: httpx.AsyncClient, texts: list[str]) -> str:
    """The id of a job of these articles, once it has ended."""
    body = {"articles": [{"text": text} for text in texts]}
    job = (await client.post("/v1/jobs", json=body)).json()["id"]

    async def ended() -> bool:
        return (await client.get(f"/v1/jobs/{job}")).json()["state"] in ("done", "failed")

    await until(ended)
    return str(job)


# ---------------------------------------------------------------- sampling


@pytest.mark.parametrize(("flag", "spans"), [("00", 0), ("01", 1)])
async def test_the_caller_decides_for_its_own_traces(serve: Serve, collector: Collector, flag: str, spans: int) -> None:
    async with serve(otel_endpoint=collector.url, otel_ratio=0.0) as client:
        await client.get("/v1/languages", headers={"traceparent": f"00-{TRACE}-{PARENT}-{flag}"})
    assert len(collector.spans()) == spans


async def test_a_ratio_of_0_records_none_of_ours(serve: Serve, collector: Collector) -> None:
    async with serve(otel_endpoint=collector.url, otel_ratio=0.0) as client:
        await client.post("/v1/brief", json={"text": "خبر"})
    assert collector.spans() == []


# ---------------------------------------------------------------- collectors that are slow, gone, or elsewhere


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spans are sent at once, two at a time, and four may wait."""
    for name, value in (("SCHEDULE_DELAY", 1), ("MAX_EXPORT_BATCH_SIZE", 2), ("MAX_QUEUE_SIZE", 4)):
        monkeypatch.setenv(f"OTEL_BSP_{name}", str(value))


async def test_a_collector_that_is_gone_costs_one_line(
    serve: Serve, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.tracing.otel.FLUSH", 0.2)
    async with serve(otel_endpoint="http://127.0.0.1:9") as client:
        assert (await client.post("/v1/brief", json={"text": "خبر"})).status_code == 200
    assert len([line for line in log.getvalue().splitlines() if "collector" in line or "127.0.0.1" in line]) == 1


@pytest.mark.usefixtures("hasty")
async def test_while_a_collector_hangs_requests_are_answered(
    serve: Serve, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.tracing.otel.FLUSH", 0.05)
    collector.receiver.answers.append(collector.receiver.hang)
    async with serve(otel_endpoint=collector.url) as client:
        for _ in range(20):
            assert (await client.get("/v1/languages")).status_code == 200
            await until(lambda: _posted(collector, 1))
    assert not collector.receiver.over.is_set()  # it hangs still
    assert len(collector.spans()) <= 2


@pytest.mark.usefixtures("hasty")
async def test_when_a_collector_takes_no_traces_and_then_does_is_told_once_each(
    serve: Serve, collector: Collector, log: io.StringIO
) -> None:
    collector.receiver.answers.extend((400, 400, 400))
    async with serve(otel_endpoint=collector.url) as client:
        for number in range(1, 6):
            await client.get("/v1/languages")
            await until(lambda number=number: _posted(collector, number))
    told = [line for line in map(json.loads, log.getvalue().splitlines()) if line["logger"] not in OTHERS]
    assert [line["event"] for line in told] == [
        "the collector does not take traces; they are dropped until it does",
        "the collector takes traces again",
    ]


async def _posted(collector: Collector, count: int) -> bool:
    return len(collector.receiver.received) >= count


@pytest.mark.parametrize("path", ["", "/", "/v1/traces", "/otlp", "/otlp/v1/traces"])
async def test_the_path_of_the_signal_may_be_given_or_not(serve: Serve, collector: Collector, path: str) -> None:
    async with serve(otel_endpoint=f"{collector.url}{path}") as client:
        await client.get("/v1/languages")
    (posted,) = [path for path, _, _ in collector.receiver.received]
    assert posted == ("/otlp/v1/traces" if "otlp" in path else "/v1/traces")


async def test_the_standard_variables_name_the_service_and_bring_the_collectors_key(
    serve: Serve, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-key=k1")
    monkeypatch.setenv("OTEL_SERVICE_NAME", "mujaz-berlin")
    async with serve(otel_endpoint=collector.url) as client:
        await client.get("/v1/languages")
    ((_, headers, _),) = collector.receiver.received
    assert headers["x-key"] == "k1"
    resource = {
        item.key: item.value.string_value for item in collector.requests()[0].resource_spans[0].resource.attributes
    }
    assert resource["service.name"] == "mujaz-berlin"


# ---------------------------------------------------------------- off


async def test_standard_variables_alone_send_nothing(
    serve: Serve, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
    async with serve() as client:
        await client.get("/v1/languages")
    assert collector.receiver.received == []


def test_what_is_off_imports_nothing() -> None:
    code = (
        "import sys; from service.app import create_app; from service.settings import Settings; create_app(Settings());"
        "print([name for name in sys.modules if name.startswith(('opentelemetry.sdk', 'opentelemetry.exporter'))])"
    )
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout == "[]\n"


def test_without_the_extra_an_endpoint_is_refused_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith(("opentelemetry.sdk", "service.tracing.otel"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk", None)
    with pytest.raises(SettingsError, match=r"MUJAZ_OTEL_ENDPOINT .* pip install 'mujaz\[otel\]'"):
        create_app(Settings(otel_endpoint="http://127.0.0.1:4318"))
