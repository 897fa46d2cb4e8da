"""The doctor on the collector of traces."""

import sys
from collections.abc import Iterator

import pytest

from service.doctor.finding import Finding
from service.doctor.traces import traces
from service.settings import Settings
from tests.support.collector import collecting


def only(findings: Iterator[Finding]) -> Finding:
    (finding,) = findings
    return finding


def test_no_collector_is_nothing_to_look_at() -> None:
    assert list(traces(Settings())) == []


def test_a_collector_that_takes_a_batch_is_well() -> None:
    with collecting() as collector:
        assert only(traces(Settings(otel_endpoint=collector.url))).state == "ok"
        assert collector.spans() == []


def test_a_collector_that_is_not_there_is_warned_about() -> None:
    finding = only(traces(Settings(otel_endpoint="http://me:hunter2@127.0.0.1:9")))
    assert finding.state == "warning"
    assert finding.told == "127.0.0.1:9: Connection refused"
    assert "MUJAZ_OTEL_ENDPOINT" in finding.todo


def test_what_answers_but_is_no_collector_is_warned_about() -> None:
    with collecting() as collector:
        collector.receiver.answers.append(404)
        finding = only(traces(Settings(otel_endpoint=collector.url)))
    assert finding.state == "warning"
    assert "takes no traces" in finding.told


def test_a_collector_without_the_extra_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "service.tracing.otel", None)
    finding = only(traces(Settings(otel_endpoint="http://127.0.0.1:4318")))
    assert finding.state == "fails"
    assert "pip install 'mujaz[otel]'" in finding.todo
