"""The app with keys: who gets in, what the refused are told, what is counted, and that no key is ever written anywhere."""

import io
import json
import logging
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from service import logs
from service.app import create_app
from service.callers import CALLER
from service.keys import tokens
from service.keys.scopes import need
from service.settings import Settings
from service.store.database import Store
from tests.service.conftest import Serve
from tests.service.keys.conftest import made
from tests.service.routes.test_v1 import assert_problem
from tests.support.service_fakes import SECRET, FakeBriefs
from tests.support.waiting import until

pytestmark = pytest.mark.anyio
BRIEF = {"text": "خبر"}
BODIES: tuple[object, ...] = (BRIEF, {"text": "bug"}, {"text": 1})


@pytest.fixture
def store(tmp_path) -> Store:
    opened = Store(f"sqlite:///{tmp_path}/mujaz.db")
    opened.open()
    yield opened
    opened.close()


@pytest.fixture
async def client(serve: Serve, store: Store, tmp_path) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a server that requires keys, once it knows those in the database."""
    made(store, name="first", scopes=frozenset())
    async with serve(keys="required", database_url=f"sqlite:///{tmp_path}/mujaz.db") as client:
        await until(lambda: _knows_keys(client))
        yield client


async def _knows_keys(client: httpx.AsyncClient) -> bool:
    return (await client.get("/v1/models", headers={"X-API-Key": "x"})).status_code == 401


async def _known(client: httpx.AsyncClient, key: str) -> dict[str, str]:
    """The headers with a key, once the server knows it."""
    headers = {"Authorization": f"Bearer {key}"}

    async def told() -> bool:
        return (await client.get("/nothing", headers=headers)).status_code == 404

    await until(told)
    return headers


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/docs", "/openapi.json"])
async def test_probes_and_documentation_need_no_key(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 200


async def test_without_a_key_nothing_else_is_answered_and_the_client_told_how(client: httpx.AsyncClient) -> None:
    refused = await client.post("/v1/brief", json=BRIEF)
    assert_problem(refused, 401, "key_missing")
    assert refused.headers["WWW-Authenticate"] == 'Bearer realm="mujaz"'
    assert "Authorization: Bearer" in refused.json()["detail"]
    assert (await client.get("/nothing")).status_code == 401


async def test_a_wrong_key_is_refused_before_the_body_is_read(client: httpx.AsyncClient, pipeline: FakeBriefs) -> None:
    read = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal read
        read += 1
        yield b"{}"

    headers = {"Authorization": f"Bearer {tokens.mint().written()}", "Content-Type": "application/json"}
    refused = await client.post("/v1/brief", content=body(), headers=headers)
    assert_problem(refused, 401, "key_invalid")
    assert 'error="invalid_token"' in refused.headers["WWW-Authenticate"]
    assert refused.headers["Connection"] == "close"
    assert read == 0


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("Authorization", "Bearer {}"),
        ("Authorization", "bearer  {}"),
        ("Authorization", "DeepL-Auth-Key {}"),
        ("X-API-Key", "{}"),
    ],
)
async def test_a_key_may_be_sent_in_these_headers(
    client: httpx.AsyncClient, store: Store, name: str, form: str
) -> None:
    key = made(store)
    await _known(client, key)
    assert (await client.post("/v1/brief", json=BRIEF, headers={name: form.format(key)})).status_code == 200


async def test_another_kind_of_authorization_leaves_room_for_the_key(client: httpx.AsyncClient, store: Store) -> None:
    key = made(store)
    await _known(client, key)
    headers = {"Authorization": "Basic cHJveHk6cHJveHk=", "X-API-Key": key}
    assert (await client.post("/v1/brief", json=BRIEF, headers=headers)).status_code == 200


@pytest.mark.parametrize(("scope", "path"), [("read", "/v1/models"), ("admin", "/metrics")])
async def test_a_key_opens_what_its_scope_is_for_and_nothing_else(
    client: httpx.AsyncClient, store: Store, scope: str, path: str
) -> None:
    headers = await _known(client, made(store, scopes=frozenset({scope})))
    assert (await client.get(path, headers=headers)).status_code == 200
    other = "/metrics" if path == "/v1/models" else "/v1/models"
    refused = await client.get(other, headers=headers)
    assert_problem(refused, 403, "scope_missing")
    assert f'scope="{need(other)}"' in refused.headers["WWW-Authenticate"]


async def test_a_key_over_its_rate_is_told_when_to_come_again(client: httpx.AsyncClient, store: Store) -> None:
    headers = await _known(client, made(store, rate=2))
    first = await client.get("/v1/models", headers=headers)
    assert first.headers["RateLimit-Policy"] == '"requests";q=2;w=60'
    assert first.headers["RateLimit"] == '"requests";r=1;t=30'
    assert (await client.get("/v1/models", headers=headers)).status_code == 200
    refused = await client.get("/v1/models", headers=headers)
    assert_problem(refused, 429, "rate_exceeded")
    assert 29 <= int(refused.headers["Retry-After"]) <= 30
    assert refused.headers["RateLimit"].startswith('"requests";r=0;')


async def test_a_key_has_its_quota_of_characters_and_is_not_charged_for_what_is_refused(
    client: httpx.AsyncClient, store: Store, pipeline: FakeBriefs
) -> None:
    headers = await _known(client, made(store, quota=10))

    async def post(path: str, **body: object) -> httpx.Response:
        return await client.post(path, json=body, headers=headers)

    assert (await post("/v1/brief", text="12345678901")).status_code == 429
    assert (await post("/v1/brief", text="thai")).json()["code"] == "pair_unsupported"
    assert (await post("/v1/brief", articles=[{"text": "123"}, {"text": "thai"}, {"text": "4"}])).status_code == 200
    assert (await post("/v1/translate", text=["12", "34"])).status_code == 200
    begun = pipeline.begun
    refused = await post("/v1/summarize", text="123")
    assert_problem(refused, 429, "quota_exceeded")
    assert 0 < int(refused.headers["Retry-After"]) <= 24 * 60 * 60
    assert pipeline.begun == begun
    assert (await post("/v1/detect", text="ab")).status_code != 429
    assert (await client.get("/v1/models", headers=headers)).status_code == 200


async def test_a_list_that_is_refused_for_one_of_its_texts_is_not_charged_at_all(
    client: httpx.AsyncClient, store: Store, pipeline: FakeBriefs
) -> None:
    headers = await _known(client, made(store, quota=100))
    asked = {"source": "ar", "target": "en"}
    refused = await client.post("/translate", json=asked | {"q": ["12345", "thai", "678"]}, headers=headers)
    assert (refused.status_code, pipeline.begun) == (400, 1)
    assert (await client.get("/v2/usage", headers=headers)).json()["character_count"] == 0
    assert (await client.post("/translate", json=asked | {"q": ["12345", "678"]}, headers=headers)).status_code == 200
    assert (await client.get("/v2/usage", headers=headers)).json()["character_count"] == 8


async def test_a_job_that_is_sent_again_is_the_same_job_though_the_quota_is_used_up(
    client: httpx.AsyncClient, store: Store
) -> None:
    headers = await _known(client, made(store, scopes=frozenset({"jobs"}), quota=5))

    async def send(key: str, text: str = "12345") -> httpx.Response:
        return await client.post("/v1/jobs", json=[{"text": text}], headers=headers | {"Idempotency-Key": key})

    first = await send("k")
    again = await send("k")
    assert (first.status_code, again.status_code) == (202, 200)
    assert again.json()["id"] == first.json()["id"]
    assert_problem(await send("k", "1234"), 422, "idempotency_key_reused")
    assert_problem(await send("other"), 429, "quota_exceeded")


async def test_the_glossary_of_the_key_is_in_force_after_the_requests_own(
    client: httpx.AsyncClient, store: Store, pipeline: FakeBriefs
) -> None:
    headers = await _known(client, made(store, glossary="القاهرة\tEl Qahira\nمصر\tEgypt"))
    for path in ("/v1/brief", "/v1/translate"):
        await client.post(path, json=BRIEF | {"glossary": {"مصر": "Misr"}}, headers=headers)
        glossary = pipeline.glossaries[-1]
        assert glossary is not None
        assert [entry.target for entry in glossary.entries] == ["Misr", "El Qahira", "Egypt"]


async def test_a_route_without_a_scope_is_not_there(client: httpx.AsyncClient, store: Store) -> None:
    headers = await _known(client, made(store, scopes=frozenset({"read", "jobs", "admin"})))
    assert_problem(await client.post("/v1/other", json={}, headers=headers), 404, "not_found")


async def test_an_address_that_asks_for_the_key_itself_lets_nobody_in_who_was_not_identified(store: Store) -> None:
    from service.deps import caller_of

    app = create_app(Settings(keys="required", database_url="sqlite:////nowhere/mujaz.db"))
    request: Any = type("Request", (), {"scope": {}})()
    with pytest.raises(Exception, match="API key"):
        caller_of(app.state.context, request)
    request.scope[CALLER] = "somebody"
    assert caller_of(app.state.context, request) == "somebody"


@pytest.mark.parametrize("form", ["text", "json"])
async def test_no_key_is_in_logs_metrics_or_errors(
    serve: Serve, store: Store, tmp_path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = io.StringIO()
    root = logging.getLogger()
    before = (root.level, root.handlers[:])
    logs.configure("debug", form, written)
    right, wrong = made(store, scopes=frozenset({"read", "admin"}), rate=20), tokens.mint().written()
    said = []
    try:
        async with serve(keys="required", database_url=f"sqlite:///{tmp_path}/mujaz.db") as client:
            headers = await _known(client, right)
            for key in (right, wrong, f"{SECRET}".encode()):
                for name in ("Authorization", "X-API-Key"):
                    value = key if isinstance(key, bytes) else key.encode()
                    sent = {name: b"Bearer " + value if name == "Authorization" else value}
                    answers = [await client.post("/v1/brief", json=body, headers=sent) for body in BODIES]
                    answers.append(await client.get(f"/{wrong}", headers=sent))
                    said += [answer.text for answer in answers]
            said.append((await client.get("/metrics", headers=headers)).text)
    finally:
        root.setLevel(before[0])
        root.handlers[:] = before[1]
    assert 'status="401"' in said[-1]
    assert "status" in written.getvalue()
    for text in (written.getvalue(), *said):
        for key in (right, wrong):
            assert key not in text
            assert key.rpartition("_")[2] not in text
        assert SECRET not in text


async def test_the_description_says_what_a_server_with_keys_asks_for() -> None:
    document = create_app(Settings(keys="required", database_url="sqlite:////nowhere/mujaz.db")).openapi()
    assert document["components"]["securitySchemes"].keys() == {"bearer", "header"}
    brief = document["paths"]["/v1/brief"]["post"]
    assert brief["security"] == [{"bearer": []}, {"header": []}]
    assert "scope read" in brief["description"]
    for status, code in (("401", "key_missing"), ("403", "scope_missing"), ("429", "quota_exceeded")):
        assert code in brief["responses"][status]["description"]
    assert "security" not in document["paths"]["/healthz"]["get"]
    assert "store_unavailable" in document["paths"]["/metrics"]["get"]["responses"]["503"]["description"]
    assert "security" not in json.dumps(create_app(Settings()).openapi())
