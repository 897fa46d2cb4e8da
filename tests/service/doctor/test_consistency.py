"""The doctor on settings that contradict each other, and on addresses that are taken."""

import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from service.doctor.consistency import consistency, ports
from service.doctor.finding import State
from service.settings import Settings
from tests.service.doctor.conftest import only


@pytest.mark.parametrize(
    "settings",
    [
        Settings(),
        Settings(host="0.0.0.0"),
        Settings(keys="off", host="::1"),
        Settings(webhook_hosts=frozenset({"hooks.example.org"}), webhook_secret=b"s" * 32),
    ],
)
def test_settings_that_agree_are_well(settings: Settings) -> None:
    assert only(consistency(settings)).state == "ok"


@pytest.mark.parametrize(
    ("settings", "state", "named"),
    [
        (Settings(body_bytes=2**20, pending_bytes=2**19), "fails", "MUJAZ_PENDING_BYTES"),
        (Settings(body_bytes=150_000), "warning", "200000"),
        (Settings(html_chars=1000), "warning", "MUJAZ_HTML_CHARS"),
        (Settings(queue=100), "warning", "MUJAZ_QUEUE"),
        (Settings(models="sample", translator="small"), "warning", "MUJAZ_TRANSLATOR"),
        (Settings(engine="reference", dtype="int8"), "fails", "MUJAZ_ENGINE"),
        (Settings(glossary="/nowhere/terms.tsv"), "fails", "MUJAZ_GLOSSARY"),
        (Settings(keys="off", host="0.0.0.0"), "warning", "MUJAZ_KEYS=auto"),
        (Settings(webhook_hosts=frozenset({"hooks.example.org"})), "fails", "MUJAZ_WEBHOOK_SECRET"),
        (Settings(webhook_secret=b"s" * 32), "warning", "MUJAZ_WEBHOOK_HOSTS"),
    ],
)
def test_a_contradiction_is_named_with_what_to_do(settings: Settings, state: State, named: str) -> None:
    finding = only(consistency(settings))
    assert finding.state == state
    assert named in finding.todo


def test_a_free_port_is_well_and_a_taken_one_is_not() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert only(ports(Settings(port=port))).state == "fails"
    assert only(ports(Settings(port=port))).state == "ok"


def test_an_address_that_is_not_this_machines_fails() -> None:
    assert only(ports(Settings(host="192.0.2.1", port=0))).state == "fails"


def test_a_port_where_mujaz_answers_is_well() -> None:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"status": "ok", "version": "0.1.0"}')

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        finding = only(ports(Settings(port=server.server_port)))
        server.shutdown()
        thread.join()
    assert finding.state == "ok"
    assert "Mujaz 0.1.0" in finding.told


def test_metrics_where_the_service_listens_fail() -> None:
    findings = list(ports(Settings(port=1234, metrics_address=("127.0.0.1", 1234))))
    assert [finding.state for finding in findings] == ["ok", "fails"]
