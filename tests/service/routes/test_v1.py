"""The v1 routes, with a fake pipeline: answers, batches, errors."""

from dataclasses import replace

import httpx
import pytest

from models.glossary import Entry, Glossary
from tests.service.conftest import Serve
from tests.support.service_fakes import SECRET, FakeBriefs, FakeRuntime
from tests.support.waiting import until

pytestmark = pytest.mark.anyio


async def test_one_article_gets_one_brief(serve: Serve) -> None:
    async with serve() as client:
        answer = await client.post("/v1/brief", json={"text": "خبر", "translation": True})
    assert answer.status_code == 200
    brief = answer.json()
    sentence = brief["sentences"][0]
    assert {name: sentence[name] for name in ("text", "source", "origin", "evidence")} == {
        "text": "A brief of 3 characters.", "source": "موجز.", "origin": "model", "evidence": [],
    }  # fmt: skip
    assert sentence["flags"] == brief["checks"]["flags"]
    assert sentence["flags"][0]["kind"] == "number"
    assert brief["translation"]["sentences"][0]["translation"] == "Full."


async def test_a_batch_keeps_its_order_and_each_bad_article_its_own_error(serve: Serve) -> None:
    texts = ["خبر", "", "thai", "furniture", "x" * 51, "bug", "خبر آخر"]
    async with serve(article_chars=50) as client:
        answer = await client.post(
            "/v1/brief", json={"articles": [{"id": str(n), "text": text} for n, text in enumerate(texts)]}
        )
    assert answer.status_code == 200
    items = answer.json()["briefs"]
    assert [item["id"] for item in items] == [str(n) for n in range(len(texts))]
    codes = [item.get("error", {}).get("code") for item in items]
    assert codes == [None, "empty_text", "pair_unsupported", "no_prose", "too_long", "internal", None]
    assert SECRET not in answer.text


@pytest.mark.parametrize(
    ("text", "status", "code"),
    [
        ("", 422, "empty_text"),
        ("thai", 422, "pair_unsupported"),
        ("poison", 500, "engine_failed"),
        ("x" * 51, 413, "too_long"),
        ("bug", 500, "internal"),
    ],
)
@pytest.mark.parametrize("path", ["/v1/brief", "/v1/translate", "/v1/summarize"])
async def test_the_error_of_a_single_article_is_a_problem(
    serve: Serve, path: str, text: str, status: int, code: str
) -> None:
    async with serve(article_chars=50) as client:
        answer = await client.post(path, json={"text": text}, headers={"X-Request-ID": "r-1"})
    assert_problem(answer, status, code)
    assert answer.json()["request_id"] == "r-1"
    assert SECRET not in answer.text


async def test_translate_answers_a_text_with_one_and_a_list_with_a_list(serve: Serve) -> None:
    async with serve() as client:
        one = await client.post("/v1/translate", json={"text": "أ", "target": "fr"})
        many = await client.post("/v1/translate", json={"text": ["أ", "", "<p>ب</p>"], "format": "html"})
    assert one.json()["translation"] == "[fr] 1"
    first, second, third = many.json()["translations"]
    assert first["text"] == "أ"
    assert second["error"]["code"] == "empty_text"
    assert third["text"] == "<p>ب</p>"


async def test_summarize_answers_in_the_same_shapes_as_brief(serve: Serve) -> None:
    async with serve() as client:
        one = await client.post("/v1/summarize", json={"text": "أ", "sentences": 2})
        many = await client.post("/v1/summarize", json={"articles": [{"id": "a", "html": "أ"}, {"text": ""}]})
    assert len(one.json()["sentences"]) == 2
    assert [item.get("summary") for item in many.json()["summaries"]] == ["ملخص.", None]


async def test_detect_tells_languages_one_by_one(serve: Serve) -> None:
    async with serve() as client:
        one = await client.post("/v1/detect", json={"text": "قال الوزير إن الاجتماع سيعقد غدا"})
        many = await client.post("/v1/detect", json={"text": ["The minister said so yesterday", " ", "123"]})
    assert one.json()["code"] == "ar"
    codes = [item.get("code") or item["error"]["code"] for item in many.json()["detections"]]
    assert codes == ["en", "empty_text", "language_unknown"]


async def test_a_batch_of_too_many_is_refused_before_any_work(serve: Serve, pipeline: FakeBriefs) -> None:
    async with serve(articles=2) as client:
        answer = await client.post("/v1/brief", json={"articles": [{"text": "أ"}] * 3})
    assert_problem(answer, 413, "too_long")
    assert pipeline.begun == 0


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"text": SECRET, "sentense": 1}, "body.sentense"),
        ({"text": SECRET, SECRET: 1}, "body.?"),
        ({"text": SECRET, "sentences": 6}, "body.sentences"),
        ({"text": SECRET, "route": SECRET}, "body.route"),
        ({"text": SECRET, "source": SECRET}, "body.source"),
        ({"text": SECRET, "html": SECRET}, "body"),
        ({"articles": [{"id": SECRET}]}, "body.articles.0"),
        ({"articles": []}, "body.articles"),
        ({}, "body"),
        ([SECRET], "body"),
    ],
)
async def test_what_does_not_fit_the_schema_is_told_where_but_never_quoted(
    serve: Serve, body: object, where: str
) -> None:
    async with serve() as client:
        answer = await client.post("/v1/brief", json=body)
    assert_problem(answer, 422, "invalid_request")
    assert where in [error["where"] for error in answer.json()["errors"]]
    assert SECRET not in answer.text


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        (b"{", "application/json", 400, "bad_request"),
        (b"\xff\xfe", "application/json", 400, "bad_request"),
        (b"[" * 100_000, "application/json", 400, "bad_request"),
        (b"{}", "text/plain", 415, "unsupported_media_type"),
        (b"text=x", "application/x-www-form-urlencoded", 415, "unsupported_media_type"),
    ],
)
async def test_what_is_no_json_is_refused(serve: Serve, content: bytes, kind: str, status: int, code: str) -> None:
    async with serve() as client:
        answer = await client.post("/v1/brief", content=content, headers={"Content-Type": kind})
    assert_problem(answer, status, code)


async def test_half_a_character_does_not_break_the_answer(serve: Serve) -> None:
    async with serve() as client:
        answer = await client.post(
            "/v1/brief", content=b'{"html":"a\\ud800b"}', headers={"Content-Type": "application/json"}
        )
    assert answer.json()["text"] == "a\ufffdb"


async def test_unknown_addresses_and_methods_are_problems(serve: Serve) -> None:
    async with serve() as client:
        assert_problem(await client.get("/v3/brief"), 404, "not_found")
        wrong = await client.get("/v1/brief")
    assert_problem(wrong, 405, "method_not_allowed")
    assert wrong.headers["Allow"] == "POST"


async def test_languages_and_models_tell_what_there_is(serve: Serve) -> None:
    async with serve() as client:
        languages = (await client.get("/v1/languages")).json()["languages"]
        told = (await client.get("/v1/models")).json()
    assert {"code": "ar", "targets": ["en"], "summarize": True} in languages
    assert {"code": "th", "targets": [], "summarize": True} in languages
    assert [(model["id"], model["state"], model["commercial"]) for model in told.pop("models")] == [
        ("ar-en", "loaded", True),
        ("xlsum", "missing", False),
    ]
    assert told == {"engine": "mujaz", "dtype": "float32", "vocabulary": [], "device": "cpu"}


async def test_a_language_that_no_summarizer_is_used_for_is_told_so(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeRuntime, "summarizes", lambda _, language: language == "th")
    async with serve() as client:
        languages = (await client.get("/v1/languages")).json()["languages"]
    assert {"code": "ar", "targets": ["en"], "summarize": False} in languages


def assert_problem(answer: httpx.Response, status: int, code: str) -> None:
    """An RFC 9457 problem, complete."""
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["type"] == f"/docs#error-{code}"
    assert problem["title"] and problem["detail"]
    assert problem["request_id"] == answer.headers["X-Request-ID"]


@pytest.mark.parametrize(
    ("path", "body", "lanes"),
    [
        ("/v1/brief", {"text": "خبر"}, ["interactive"]),
        ("/v1/brief", {"articles": [{"text": "خبر"}] * 2}, ["bulk", "bulk"]),
        ("/v1/summarize", {"text": "خبر"}, ["interactive"]),
        ("/v1/summarize", {"articles": [{"text": "خبر"}]}, ["bulk"]),
        ("/v1/translate", {"text": "خبر"}, ["interactive"]),
        ("/v1/translate", {"text": ["خبر", "خبر"]}, ["bulk", "bulk"]),
    ],
)
async def test_a_batch_does_not_hold_up_single_readers(
    serve: Serve, pipeline: FakeBriefs, path: str, body: dict[str, object], lanes: list[str]
) -> None:
    async with serve() as client:
        assert (await client.post(path, json=body)).status_code == 200
    assert pipeline.lanes == lanes


@pytest.mark.parametrize(("cache", "remembers"), [(1_000_000, True), (None, False)])
async def test_what_was_made_is_remembered_unless_the_cache_is_off(
    serve: Serve, pipeline: FakeBriefs, cache: int | None, remembers: bool
) -> None:
    async with serve(cache=cache) as client:
        for path in ("/v1/brief", "/v1/translate"):
            await client.post(path, json={"text": "خبر"})
    assert [recall is not None for recall in pipeline.recalls] == [remembers] * 2


async def test_a_glossary_is_the_requests_own_before_the_servers(serve: Serve, pipeline: FakeBriefs) -> None:
    runtime = FakeRuntime()
    runtime.config = replace(FakeRuntime.config, glossary=Glossary.parse("مصر\tMisr\nالقاهرة\tQahira\n"))
    async with serve(runtime) as client:
        await until(lambda: ready(client))
        for path in ("/v1/brief", "/v1/translate"):
            assert (await client.post(path, json={"text": "خبر", "glossary": {"القاهرة": "Cairo"}})).status_code == 200
            assert (await client.post(path, json={"text": "خبر"})).status_code == 200
    both = [Entry("القاهرة", "Cairo"), Entry("مصر", "Misr"), Entry("القاهرة", "Qahira")]
    assert [list(given.entries) for given in pipeline.glossaries if given] == [both, both[1:], both, both[1:]]


async def test_all_articles_of_a_request_share_one_glossary(serve: Serve, pipeline: FakeBriefs) -> None:
    async with serve() as client:
        await client.post("/v1/translate", json={"text": ["أ", "ب"], "glossary": {"القاهرة": "Cairo"}})
    first, second = pipeline.glossaries
    assert first is second is not None


@pytest.mark.parametrize("path", ["/v1/brief", "/v1/translate"])
@pytest.mark.parametrize(
    ("entries", "code", "told"),
    [
        ({"القاهرة": "..."}, "glossary_invalid", "Entry 1 of the glossary: the translation has no word."),
        ({"ق" * 201: "x"}, "invalid_request", "at most 200"),
        ({"": "x"}, "invalid_request", "at least 1"),
        ({f"كلمة {number}": "word" for number in range(5_001)}, "invalid_request", "at most 5000"),
        ({"القاهرة": 1}, "invalid_request", "valid string"),
    ],
)
async def test_a_glossary_that_is_none_is_refused_before_any_work(
    serve: Serve, pipeline: FakeBriefs, path: str, entries: dict[str, object], code: str, told: str
) -> None:
    async with serve() as client:
        answer = await client.post(path, json={"text": "خبر", "glossary": entries})
    assert_problem(answer, 422, code)
    assert told in answer.text
    assert "كلمة" not in answer.text
    assert pipeline.begun == 0


async def test_a_request_may_fill_its_glossary_though_the_server_has_one(serve: Serve, pipeline: FakeBriefs) -> None:
    runtime = FakeRuntime()
    runtime.config = replace(FakeRuntime.config, glossary=Glossary.parse("مصر\tMisr\n"))
    entries = {f"كلمة {number}": "word" for number in range(5_000)}
    async with serve(runtime) as client:
        await until(lambda: ready(client))
        answer = await client.post("/v1/translate", json={"text": "خبر", "glossary": entries})
    assert answer.status_code == 200
    assert pipeline.glossaries[0] is not None
    assert len(pipeline.glossaries[0].entries) == 5_001


async def ready(client: httpx.AsyncClient) -> bool:
    return (await client.get("/readyz")).status_code == 200
