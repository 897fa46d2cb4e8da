"""`mujaz serve` on an address that others can reach, and `mujaz keys` beside it."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from service.keys.policy import is_loopback, keys_required
from service.settings import Settings
from tests.support.server import ROOT, served

BRIEF = {"text": "خبر قصير عن المطر في المدينة."}


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("news.example", False),
    ],
)
def test_keys_are_required_where_others_can_connect_unless_it_is_said_otherwise(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback
    assert keys_required(Settings(host=host)) is not loopback
    assert keys_required(Settings(host=host, keys="required"))
    assert not keys_required(Settings(host=host, keys="off"))


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("log") / "stderr"


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('keys')}/mujaz.db"


@pytest.fixture(scope="module")
def client(log: Path, database: str) -> Iterator[httpx.Client]:
    """A client of a real server on all addresses, with an empty database."""
    settings = {"host": "0.0.0.0", "database_url": database, "log_level": "debug"}
    with (
        log.open("wb") as stderr,
        served(stderr, **settings) as server,
        httpx.Client(base_url=server.url, timeout=60) as client,
    ):
        yield client


@pytest.mark.slow
def test_a_key_that_is_added_beside_the_server_opens_it_until_it_is_revoked(
    client: httpx.Client, log: Path, database: str
) -> None:
    refused = client.post("/v1/brief", json=BRIEF)
    assert (refused.status_code, refused.json()["code"]) == (401, "key_missing")
    assert client.get("/healthz").status_code == 200
    _await(lambda: "make one with `mujaz keys add NAME`" in log.read_text(encoding="utf-8"))

    key = _keys(database, "add", "desk", "--quota", "1000").stdout.strip()
    headers = {"X-API-Key": key}
    _await(lambda: client.get("/v1/models", headers=headers).status_code == 200)
    assert client.post("/v1/detect", json=BRIEF, headers=headers).status_code == 200
    assert client.post("/detect", data={"q": BRIEF["text"], "api_key": key}).status_code == 200
    assert client.post("/detect", data={"q": BRIEF["text"], "api_key": "wrong"}).status_code == 403
    deepl = {"Authorization": f"DeepL-Auth-Key {key}"}
    _await(lambda: client.get("/v2/usage", headers=deepl).json()["character_count"] == 2 * len(BRIEF["text"]))
    assert client.get("/v2/usage", headers=deepl).json()["character_limit"] == 1000
    assert client.get("/v2/usage").status_code == 403
    beyond = client.post("/v2/translate", json={"text": ["x" * 1000], "target_lang": "EN-US"}, headers=deepl)
    assert (beyond.status_code, 0 < int(beyond.headers["Retry-After"]) <= 86_400) == (456, True)

    _await(lambda: f" {2 * len(BRIEF['text'])} " in _keys(database, "list").stdout)
    _keys(database, "revoke", key.split("_")[1])
    _await(lambda: client.get("/v1/models", headers=headers).status_code == 401)
    assert key.split("_")[2] not in log.read_text(encoding="utf-8")


def _keys(database: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "service", "keys", *arguments]
    own = {name: value for name, value in os.environ.items() if not name.startswith("MUJAZ_")}
    own["MUJAZ_DATABASE_URL"] = database
    return subprocess.run(command, cwd=ROOT, env=own, check=True, capture_output=True, text=True, timeout=120)


def _await(done: Callable[[], bool]) -> None:
    """Wait until `done` says so; a test that waits in vain fails."""
    until = time.monotonic() + 60
    while not done():
        assert time.monotonic() < until
        time.sleep(0.1)
