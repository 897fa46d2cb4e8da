"""DeepL's endpoints: parameters as its clients send them, what has no effect refused, errors as `{"message"}`."""

from typing import Any

import pytest

from models.errors import MujazError
from service.compat import access
from service.compat.peers import DEEPL
from tests.service.conftest import Serve
from tests.support.service_fakes import FakeBriefs

pytestmark = pytest.mark.anyio

ARABIC = "أغلقت السلطات 35 مدرسة"
KEY = {"Authorization": "DeepL-Auth-Key a:fx"}


def asked(**more: object) -> dict[str, Any]:
    return {"text": [ARABIC], "target_lang": "EN-US", **more}


def texts(answer: Any) -> list[str]:
    return [each["text"] for each in answer.json()["translations"]]


async def test_texts_are_answered_in_order_each_with_its_language(serve: Serve, pipeline: FakeBriefs) -> None:
    async with serve() as client:
        answer = await client.post("/v2/translate", json=asked(text=["It rained on the capital.", ARABIC]), headers=KEY)
    assert answer.json() == {
        "translations": [
            {"detected_source_language": "EN", "text": "It rained on the capital."},
            {"detected_source_language": "AR", "text": f"[en] {len(ARABIC)}"},
        ]
    }
    assert pipeline.lanes == ["bulk"]


async def test_text_is_repeated_in_a_form_and_in_the_query(serve: Serve) -> None:
    given = {"text": ["a", "bb", "a"], "target_lang": "en", "source_lang": "ar"}
    async with serve() as client:
        form = await client.post("/v2/translate", data=given)
        query = await client.get("/v2/translate", params=given | {"auth_key": "x"})
        one = await client.post("/v2/translate", data=given | {"text": "ccc"})
    assert texts(form) == texts(query) == ["[en] 1", "[en] 2", "[en] 1"]
    assert texts(one) == ["[en] 3"]


async def test_billed_characters_are_shown_where_asked_for(serve: Serve) -> None:
    async with serve() as client:
        shown = await client.post("/v2/translate", data=asked(show_billed_characters="1"))
        not_shown = await client.post("/v2/translate", json=asked(show_billed_characters=False))
    assert shown.json()["translations"][0]["billed_characters"] == len(ARABIC)
    assert "billed_characters" not in not_shown.json()["translations"][0]


async def test_line_breaks_end_sentences_or_are_white_space(serve: Serve) -> None:
    async with serve() as client:
        kept = await client.post("/v2/translate", json=asked(text=["35\nأ ب"], source_lang="AR"))
        given_up = await client.post(
            "/v2/translate", json=asked(text=["35\nأ ب"], source_lang="AR", split_sentences="nonewlines")
        )
    assert texts(kept) == ["35\n[en] 3"]
    assert texts(given_up) == ["[en] 6"]


async def test_tags_are_kept(serve: Serve) -> None:
    async with serve() as client:
        html = await client.post("/v2/translate", json=asked(text=["<p>أ</p>"], source_lang="AR", tag_handling="html"))
        xml = await client.post(
            "/v2/translate",
            json=asked(
                text=["<p>أ</p><q>ب</q>"], source_lang="AR", tag_handling="xml", splitting_tags="p,q", ignore_tags=["q"]
            ),
        )
    assert texts(html) == ["<p>[en] 1</p>"]
    assert texts(xml) == ["<p>[en] 1</p><q>ب</q>"]


@pytest.mark.parametrize(
    "more",
    [
        {"formality": "prefer_less"},
        {"formality": "default", "preserve_formatting": True},
        {"split_sentences": "1"},
        {"model_type": "prefer_quality_optimized"},
        {"context": "", "custom_instructions": []},
        {"enable_beta_languages": True},
    ],
)
async def test_what_may_have_no_effect_is_accepted(serve: Serve, more: dict[str, object]) -> None:
    async with serve() as client:
        assert (await client.post("/v2/translate", json=asked(**more))).status_code == 200


@pytest.mark.parametrize(
    ("more", "status", "message"),
    [
        ({"text": []}, 400, "Invalid request: missing text parameter"),
        ({"text": [None]}, 400, "Invalid request: text parameter: Input should be a valid string"),
        ({"target_lang": "XX"}, 400, "Value for 'target_lang' not supported."),
        ({"source_lang": "XX"}, 400, "Value for 'source_lang' not supported."),
        ({"source_lang": "FR", "target_lang": "AR"}, 400, "Value for 'target_lang' not supported."),
        ({"formality": "less"}, 400, "'formality' is not supported for given 'target_lang'."),
        ({"model_type": "quality_optimized"}, 400, "'model_type' quality_optimized is not supported."),
        ({"context": "rain"}, 400, "'context' is not supported."),
        ({"glossary_ids": ["a"]}, 400, "'glossary_ids' is not supported."),
        ({"glossary_id": "a"}, 400, "A glossary needs 'source_lang'."),
        ({"glossary_id": "a", "source_lang": "ar"}, 404, "Glossary not found."),
        ({"ignore_tags": ["x"]}, 400, "Lists of tags are supported with 'tag_handling' xml only."),
        ({"split_sentences": "0"}, 400, None),
        ({"split_sentences": "1", "tag_handling": "html"}, 400, None),
        ({"text": ["thai"]}, 400, None),
        ({"text": ["x" * 200]}, 413, None),
        ({"text": ["a", "b", "c"]}, 413, None),
    ],
)
async def test_what_cannot_be_done_is_refused(
    serve: Serve, more: dict[str, object], status: int, message: str | None
) -> None:
    async with serve(article_chars=100, articles=2) as client:
        answer = await client.post("/v2/translate", json=asked(**more))
    assert answer.status_code == status
    assert list(answer.json()) == ["message"]
    assert message is None or answer.json()["message"] == message


async def test_every_answer_is_numbered_refusals_included(serve: Serve) -> None:
    async with serve(body_bytes=100) as client:
        answers = [
            await client.get("/v2/usage"),
            await client.post("/v2/translate", content=b"x" * 200),
            await client.get("/v2/nothing"),
            await client.delete("/v2/translate"),
        ]
    assert [answer.status_code for answer in answers] == [200, 413, 404, 405]
    assert all(answer.headers["X-Trace-ID"] == answer.headers["X-Request-ID"] for answer in answers)
    assert all(list(answer.json()) == ["message"] for answer in answers[1:])


async def test_a_get_that_asks_for_a_translation_counts_as_a_request_in_work(serve: Serve) -> None:
    async with serve(pending_bytes=1) as client:
        answer = await client.request("GET", "/v2/translate", params=asked(), content=b"xx")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")


async def test_languages_are_listed_by_type_in_the_query_or_the_body(serve: Serve) -> None:
    targets = [
        {"language": "EN-GB", "name": "English (British)", "supports_formality": False},
        {"language": "EN-US", "name": "English (American)", "supports_formality": False},
    ]
    form = {"content": b"type=target", "headers": {"Content-Type": "application/x-www-form-urlencoded"}}
    async with serve() as client:
        assert (await client.get("/v2/languages")).json() == [{"language": "AR", "name": "Arabic"}]
        assert (await client.get("/v2/languages", params={"type": "target"})).json() == targets
        assert (await client.request("GET", "/v2/languages", **form)).json() == targets
        assert (await client.get("/v2/languages", params={"type": "both"})).status_code == 400


async def test_usage_and_pairs_for_glossaries(serve: Serve) -> None:
    async with serve() as client:
        assert (await client.get("/v2/usage")).json() == {"character_count": 0, "character_limit": access.UNLIMITED}
        assert (await client.get("/v2/glossary-language-pairs")).json() == {"supported_languages": []}


class Spent(MujazError):
    code = "quota_exceeded"


def test_a_quota_that_is_used_up_has_deepls_own_status() -> None:
    assert DEEPL.status(429, Spent.code) == 456
    assert DEEPL.status(401, "key_unknown") == 403
