"""The reference page and the OpenAPI description: complete, and nothing is loaded from anywhere."""

import re
from typing import Any

import pytest

from service.app import create_app
from service.errors import TABLE, NotReady
from service.problems import HTTP
from service.routes.refusals import MODELS, PAGES, READING, TERMS
from service.schemas.jobs import JobEvent
from service.settings import Settings
from tests.service.conftest import Serve
from tests.support.requests import REQUESTS

DOCUMENT: dict[str, Any] = create_app(Settings()).openapi()
POSTS = {
    path: nodes["post"]
    for path, nodes in DOCUMENT["paths"].items()
    if "requestBody" in nodes.get("post", {}) and path.startswith("/v1")
}


def test_every_route_of_the_contract_is_described() -> None:
    described = {(method.upper(), path) for path, nodes in DOCUMENT["paths"].items() for method in nodes}
    assert described == {
        ("POST", "/v1/brief"), ("POST", "/v1/translate"), ("POST", "/v1/summarize"), ("POST", "/v1/detect"),
        ("GET", "/v1/languages"), ("GET", "/v1/models"), ("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/metrics"),
        ("POST", "/translate"), ("POST", "/detect"), ("GET", "/languages"), ("POST", "/languages"),
        ("POST", "/translate_file"), ("GET", "/download_file/{name}"), ("GET", "/frontend/settings"), ("GET", "/health"),
        ("POST", "/v2/translate"), ("GET", "/v2/translate"), ("GET", "/v2/languages"), ("GET", "/v2/usage"),
        ("GET", "/v2/glossary-language-pairs"),
        ("POST", "/v1/jobs"), ("GET", "/v1/jobs"), ("GET", "/v1/jobs/{job}"), ("DELETE", "/v1/jobs/{job}"),
        ("GET", "/v1/jobs/{job}/results"), ("GET", "/v1/jobs/{job}/events"), ("POST", "/v1/jobs/{job}/cancel"),
    }  # fmt: skip


@pytest.mark.parametrize("path", POSTS)
def test_every_example_is_a_request_that_is_accepted(path: str) -> None:
    examples = POSTS[path]["requestBody"]["content"]["application/json"]["examples"].values()
    assert examples
    for example in examples:
        assert REQUESTS[path].model_validate(example["value"]).model_dump(exclude_unset=True) == example["value"]


@pytest.mark.parametrize("path", POSTS)
def test_every_error_is_documented_with_its_codes(path: str) -> None:
    responses = POSTS[path]["responses"]
    raised = READING if path in ("/v1/detect", "/v1/jobs") else (*READING, *PAGES, *MODELS)
    if path in ("/v1/brief", "/v1/translate", "/v1/jobs"):
        raised = (*raised, *TERMS)
    for error in raised:
        assert error.code in responses[str(TABLE[error].status)]["description"]
    for status in (400, 415, 422, 500):
        assert HTTP[status][0] in responses[str(status)]["description"]
    for status, answer in responses.items():
        assert status in ("200", "202") or list(answer["content"]) == ["application/problem+json"]


@pytest.mark.parametrize(("prefix", "schema"), [("/v2/", "DeepLError"), ("/v1/", "Problem")])
def test_errors_are_documented_in_the_shape_they_have(prefix: str, schema: str) -> None:
    for path, nodes in DOCUMENT["paths"].items():
        for node in nodes.values() if path.startswith(prefix) else ():
            for status, answer in node["responses"].items():
                if status < "300":
                    continue
                (content,) = answer["content"].values()
                assert content["schema"] == {"$ref": f"#/components/schemas/{schema}"}


def test_what_is_sent_is_described_as_it_is_sent() -> None:
    sent = DOCUMENT["webhooks"]["job.ended"]["post"]
    assert {given["name"] for given in sent["parameters"]} == {"webhook-id", "webhook-timestamp", "webhook-signature"}
    assert sent["requestBody"]["content"]["application/json"]["schema"]["$ref"].endswith("/JobEvent")
    assert sent["responses"].keys() == {"204", "410"}
    schemas = DOCUMENT["components"]["schemas"]
    assert schemas["JobEvent"]["properties"].keys() == JobEvent.model_fields.keys()
    assert schemas["Job"]["properties"].keys() - schemas["ToldJob"]["properties"].keys() == {"webhook"}


def test_models_not_ready_is_documented_where_models_are_needed() -> None:
    for path in ("/readyz", "/v1/models", "/v1/languages"):
        assert NotReady.code in DOCUMENT["paths"][path]["get"]["responses"]["503"]["description"]


def test_references_lead_somewhere() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    named = set(re.findall(r"'#/components/schemas/([^']+)'", str(DOCUMENT)))
    assert named <= schemas.keys()
    assert "HTTPValidationError" not in schemas


@pytest.mark.anyio
async def test_the_page_shows_every_route_code_and_schema_without_loading_anything(serve: Serve) -> None:
    async with serve() as client:
        answer = await client.get("/docs")
        served = (await client.get("/openapi.json")).json()
    assert served == DOCUMENT
    page = answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert not re.search(r"<script|<link|<img|@import|https?://", page)
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)
    for error in TABLE:
        assert f"error-{error.code}" in ids
    for path in (*DOCUMENT["paths"], *DOCUMENT["webhooks"]):
        assert f" {path}</code></h2>" in page


@pytest.mark.anyio
async def test_fastapis_own_pages_are_not_served(serve: Serve) -> None:
    async with serve() as client:
        assert (await client.get("/redoc")).status_code == 404
