"""The documentation says what the sources do: settings, endpoints, commands, requests, licences, links."""

import re
import shlex
from pathlib import Path
from typing import get_args

import pytest
import typer
from click import Group
from starlette.routing import Route

from models.catalog import Catalog, Entry
from models.checks.report import KINDS, Status
from service.cli.main import app
from service.routes import ROUTERS
from service.settings import table
from tests.support.requests import REQUESTS

ROOT = Path(__file__).parents[1]
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "models/training/corpus/README.md")
README = (ROOT / "README.md").read_text(encoding="utf-8")


def shell_lines(document: str) -> list[str]:
    """The lines of the document's shell blocks, continued lines joined."""
    blocks: list[str] = re.findall(r"^```sh\n(.*?)^```", document, re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.replace("\\\n", " ").splitlines() if line]


def commands(group: Group, prefix: str) -> list[str]:
    found: list[str] = []
    for name, command in group.commands.items():
        path = f"{prefix} {name}"
        found += commands(command, path) if isinstance(command, Group) else [path]
    return found


def endpoints() -> list[str]:
    return [
        f"{method} {route.path}"
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, Route)
        for method in sorted(route.methods or ())
        if method != "HEAD"
    ]


def curls() -> list[list[str]]:
    return [shlex.split(line) for line in shell_lines(README) if line.startswith("curl")]


def address(curl: list[str]) -> str:
    """The path of a request, as the service names it."""
    url = next(word for word in curl if word.startswith("http://127.0.0.1:8000"))
    return url.removeprefix("http://127.0.0.1:8000").partition("?")[0].replace("$JOB", "{job}")


@pytest.mark.parametrize("row", table(), ids=lambda row: row[0])
def test_every_setting_is_documented_as_it_is(row: tuple[str, str, str]) -> None:
    name, default, told = row
    assert f"| `{name}` | `{default}` | {told} |" in README


def test_no_setting_is_documented_that_does_not_exist() -> None:
    known = {name for name, _, _ in table()}
    assert set(re.findall(r"MUJAZ_[A-Z_]*[A-Z]", README)) <= known


@pytest.mark.parametrize("endpoint", endpoints())
def test_every_endpoint_has_its_row(endpoint: str) -> None:
    assert f"| `{endpoint}` |" in README


@pytest.mark.parametrize("command", commands(typer.main.get_command(app), "mujaz"))
def test_every_command_has_its_row(command: str) -> None:
    assert f"| `{command}" in README


@pytest.mark.parametrize("told", [*KINDS, *get_args(Status)])
def test_every_kind_of_flag_and_every_status_has_its_row(told: str) -> None:
    assert f"| `{told}` |" in README


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_make_target_that_is_named_exists(document: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"\bmake (?:[A-Z_]+=\S+ )*([a-z]+)`", (ROOT / document).read_text(encoding="utf-8")))
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in named)


@pytest.mark.parametrize("curl", curls(), ids=lambda curl: curl[-1][:40])
def test_every_request_shown_is_one_that_the_service_accepts(curl: list[str]) -> None:
    path = address(curl)
    brings = {"-d", "--data-binary", "-F"} & set(curl)
    method = curl[curl.index("-X") + 1] if "-X" in curl else "POST" if brings else "GET"
    assert f"{method} {path}" in endpoints()
    if "-d" in curl:
        REQUESTS[path].model_validate_json(curl[curl.index("-d") + 1])


def test_there_are_requests_to_show() -> None:
    assert {address(curl) for curl in curls()} >= REQUESTS.keys()


@pytest.mark.parametrize("entry", [e for e in Catalog.load().entries if not e.commercial], ids=lambda entry: entry.id)
def test_every_licence_that_forbids_commercial_use_is_named(entry: Entry) -> None:
    assert entry.repo in README
    assert entry.licence in README
    assert "--accept-licence" in README


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_to_files(document: str) -> None:
    path = ROOT / document
    links = re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []
