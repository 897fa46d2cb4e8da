"""What a brief is made of, as a collector gets it from a real server with the sample models; its last spans come at its end."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.support.collector import Collector, collecting
from tests.support.server import served

TEXT = "قال الوزير إن السلطات أغلقت 35 مدرسة في العاصمة يوم الاثنين."


@dataclass
class Traced:
    """One brief: the spans, and the request's line in the log."""

    collector: Collector
    line: dict[str, object]


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Traced]:
    path: Path = tmp_path_factory.mktemp("log") / "stderr"
    with collecting() as collector:
        with (
            path.open("wb") as stderr,
            served(stderr, otel_endpoint=collector.url, log_format="json", beams=1) as server,
        ):
            assert httpx.post(f"{server.url}/v1/brief", json={"text": TEXT}, timeout=60).status_code == 200
        lines = map(json.loads, path.read_text(encoding="utf-8").splitlines())
        (line,) = [line for line in lines if line.get("route") == "/v1/brief"]
        yield Traced(collector, line)


def test_the_stages_are_parts_of_the_article_and_that_of_the_request(traced: Traced) -> None:
    request = traced.collector.named("POST /v1/brief")
    parts = traced.collector.below(request)
    assert parts.keys() == {"receive", "article"}
    assert traced.collector.below(parts["article"]).keys() >= {"read", "extract", "translate", "check"}
    assert {span.trace for span in traced.collector.spans()} == {request.trace}


def test_the_log_line_and_the_span_name_each_other(traced: Traced) -> None:
    request = traced.collector.named("POST /v1/brief")
    assert request.trace == traced.line["trace_id"]
    assert request.attributes["mujaz.request_id"] == traced.line["request_id"]
