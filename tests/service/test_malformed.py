"""A part of `tests/load/fuzz.py` for every day: malformed requests are refused or answered, and the server lives."""

import asyncio
from collections.abc import Iterator

import httpx
import pytest

from tests.load.fuzz import fuzz, verdict
from tests.support.server import Server, served

pytestmark = pytest.mark.slow

CASES = 120


@pytest.fixture
def server() -> Iterator[Server]:
    with served(log_level="error", cache="off", transfer=1, article_chars=10_000) as running:
        yield running


def test_malformed_requests_neither_crash_nor_hang_nor_fail_inside(server: Server) -> None:
    figures = verdict(asyncio.run(fuzz(httpx.URL(server.url).port or 0, range(CASES), clients=16)))
    assert figures["passed"], figures
    assert sum(figures["answers"].values()) == CASES
    assert figures["answers"][200] > 0
    assert httpx.get(f"{server.url}/readyz").status_code == 200
