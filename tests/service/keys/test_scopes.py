"""Every route has its scope: one that is added without is refused where keys are required, and found here."""

from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from service.app import create_app
from service.callers import SCOPES
from service.keys.scopes import OPEN, OWN, need
from service.settings import Settings


def paths(routes: Iterable[Any]) -> Iterator[str]:
    """Those of all routes, also of routers that FastAPI keeps as one route."""
    for route in routes:
        inner = getattr(route, "original_router", None)
        yield from [route.path] if inner is None else paths(inner.routes)


APP = create_app(Settings())
PATHS = sorted(set(paths(APP.routes)))


def test_no_described_path_is_overlooked() -> None:
    assert set(APP.openapi()["paths"]) < set(PATHS)


@pytest.mark.parametrize("path", PATHS)
def test_every_route_has_a_scope(path: str) -> None:
    assert need(path) in (*SCOPES, OPEN, OWN)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/healthz", OPEN),
        ("/readyz", OPEN),
        ("/docs", OPEN),
        ("/openapi.json", OPEN),
        ("/metrics", "admin"),
        ("/v1/brief", "read"),
        ("/v1/brief/", "read"),
        ("/v1/jobs", "jobs"),
        ("/v1/jobs/abc/events", "jobs"),
        ("/translate", OWN),
        ("/v2/usage", OWN),
        ("/v2/languages", "read"),
        ("/languages", OPEN),
    ],
)
def test_who_may_ask_for_what(path: str, expected: str) -> None:
    assert need(path) == expected


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "",
        "/v1",
        "/v1/other",
        "/v1/jobsx",
        "/v1/brief;x",
        "//healthz",
        "/healthz/x",
        "/HEALTHZ",
        "/healthz/../v1/brief",
    ],
)
def test_what_is_not_listed_is_not_open(path: str) -> None:
    assert need(path) is None
