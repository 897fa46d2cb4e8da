"""LibreTranslate's endpoints: parameters wherever they are put, each text its own language, errors as `{"error"}`."""

from typing import Any

import pytest

from service.schemas.libretranslate import LibreError
from tests.service.conftest import Serve
from tests.support.service_fakes import FakeBriefs, FakeRuntime

pytestmark = pytest.mark.anyio

ARABIC = "أغلقت السلطات 35 مدرسة"
FRENCH = "Les autorités ont fermé trente-cinq écoles dans la capitale."
ENGLISH = "The authorities closed thirty-five schools in the capital."


def asked(**more: object) -> dict[str, Any]:
    return {"q": ARABIC, "source": "ar", "target": "en", **more}


# ---------------------------------------------------------------- where parameters stand


@pytest.mark.parametrize("where", ["json", "data", "params"])
async def test_parameters_stand_in_json_a_form_or_the_query(serve: Serve, where: str) -> None:
    async with serve() as client:
        answer = await client.post("/translate", **{where: asked()})
    assert (answer.status_code, answer.json()) == (200, {"translatedText": f"[en] {len(ARABIC)}"})


async def test_a_multipart_form_is_a_form_too(serve: Serve) -> None:
    async with serve() as client:
        answer = await client.post("/translate", files={name: (None, value) for name, value in asked().items()})
    assert answer.json() == {"translatedText": f"[en] {len(ARABIC)}"}


async def test_unknown_parameters_are_passed_over(serve: Serve) -> None:
    async with serve() as client:
        assert (await client.post("/translate", json=asked(secret="x", api_key=None))).status_code == 200


# ---------------------------------------------------------------- what is translated


async def test_each_text_of_a_list_is_told_its_own_language(serve: Serve, pipeline: FakeBriefs) -> None:
    async with serve() as client:
        answer = await client.post("/translate", json=asked(q=[ARABIC, FRENCH, ENGLISH, "", "🙂"], source="auto"))
    found = answer.json()
    assert found["translatedText"] == [f"[en] {len(ARABIC)}", f"[en] {len(FRENCH)}", ENGLISH, "", "🙂"]
    assert [language["language"] for language in found["detectedLanguage"]] == ["ar", "fr", "en", "en", "en"]
    assert [language["confidence"] > 0 for language in found["detectedLanguage"]] == [True, True, True, False, False]
    assert pipeline.lanes == ["bulk", "bulk"]


async def test_lists_and_texts_with_bars_and_spaces_do_not_meet(serve: Serve) -> None:
    async with serve() as client:
        one = await client.post("/translate", json=asked(q="a b"))
        many = await client.post("/translate", json=asked(q=["a b"]))
        bar = await client.post("/translate", json=asked(q="x|y"))
        split = await client.post("/translate", json=asked(q=["x", "y"]))
    assert [answer.json()["translatedText"] for answer in (one, many, bar, split)] == [
        "[en] 3", ["[en] 3"], "[en] 3", ["[en] 1", "[en] 1"],
    ]  # fmt: skip


@pytest.mark.parametrize(("given", "found"), [("AR", "ar"), ("ar-EG", "ar"), ("FR_ca", "fr"), ("auto", "ar")])
async def test_languages_are_understood_in_any_case_and_with_regions(serve: Serve, given: str, found: str) -> None:
    async with serve() as client:
        answer = await client.post("/translate", json=asked(source=given, target="EN-us"))
    assert answer.status_code == 200


async def test_there_are_no_alternatives_and_the_answer_says_so(serve: Serve) -> None:
    async with serve() as client:
        one = await client.post("/translate", data=asked(alternatives="3"))
        many = await client.post("/translate", json=asked(q=["a", "b"], alternatives=3))
        none = await client.post("/translate", json=asked(alternatives=-1))
    assert one.json()["alternatives"] == []
    assert many.json()["alternatives"] == [[], []]
    assert "alternatives" not in none.json()


async def test_html_keeps_its_markup(serve: Serve) -> None:
    async with serve() as client:
        answer = await client.post("/translate", json=asked(q=f"<p>{ARABIC}</p>", format="html"))
    assert answer.json() == {"translatedText": f"<p>[en] {len(ARABIC)}</p>"}


async def test_what_sample_models_made_is_marked(serve: Serve) -> None:
    async with serve() as client:
        assert (await client.post("/translate", json=asked())).headers["X-Mujaz-Notice"] == "Sample models made this."
        assert "X-Mujaz-Notice" not in (await client.post("/translate", json=asked(q="35"))).headers


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"json": {"source": "ar", "target": "en"}}, "Invalid request: missing q parameter"),
        ({"json": asked(q="")}, "Invalid request: missing q parameter"),
        ({"json": asked(q=[])}, "Invalid request: missing q parameter"),
        ({"json": {"q": "a", "target": "en"}}, "Invalid request: missing source parameter"),
        ({"data": {"q": "a", "source": "ar"}}, "Invalid request: missing target parameter"),
        ({"params": {}}, "Invalid request: missing q parameter"),
        ({"json": asked(q=5)}, "Invalid request: q parameter: Input should be a valid string"),
        ({"json": asked(q=["a", None])}, "Invalid request: q parameter: Input should be a valid string"),
        ({"json": asked(alternatives=None)}, "Invalid request: alternatives parameter: Input should be a valid integer"),
        ({"json": asked(alternatives="abc")}, "Invalid request: alternatives parameter: Input should be a valid integer"),
        ({"json": asked(format="md")}, "Invalid request: format parameter: Input should be 'text' or 'html'"),
        ({"json": asked(source="zz")}, "zz is not supported"),
        ({"json": asked(target="<b>")}, "This language is not supported"),
        ({"json": asked(target="auto")}, "auto is not supported"),
        ({"json": asked(source="fr", target="ar")}, "Arabic (ar) is not available as a target language from French (fr)"),
        ({"json": ["a"]}, "Invalid JSON format"),
        ({"content": b'{"q":', "headers": {"Content-Type": "application/json"}}, "Invalid JSON format"),
        ({"content": b"[" * 100_000, "headers": {"Content-Type": "application/json"}}, "Invalid JSON format"),
        ({"content": b"\xff", "headers": {"Content-Type": "application/json"}}, "Invalid JSON format"),
    ],
)  # fmt: skip
async def test_a_parameter_that_does_not_fit_is_named(serve: Serve, request_: dict[str, Any], message: str) -> None:
    async with serve() as client:
        answer = await client.post("/translate", **request_)
    assert (answer.status_code, answer.json()) == (400, {"error": message})


async def test_texts_and_lists_beyond_the_limits_are_refused(serve: Serve) -> None:
    async with serve(article_chars=10, articles=2) as client:
        long = await client.post("/translate", json=asked(q="x" * 11))
        many = await client.post("/translate", json=asked(q=["a", "b", "c"]))
        html = await client.post("/translate", json=asked(q=f"<p>{'x' * 11}</p>", format="html"))
    assert [answer.status_code for answer in (long, many, html)] == [400, 400, 400]
    for answer in (long, many, html):
        LibreError.model_validate(answer.json())


async def test_one_text_without_a_translator_fails_the_list_with_the_reason(serve: Serve) -> None:
    async with serve() as client:
        answer = await client.post("/translate", json=asked(q=["thai", "a"]))
    assert (answer.status_code, answer.json()) == (400, {"error": "There is no translator from th to en."})


async def test_a_failing_model_is_told_in_the_same_shape(serve: Serve) -> None:
    async with serve() as client:
        answer = await client.post("/translate", json=asked(q="poison"))
        bug = await client.post("/translate", json=asked(q="bug"))
    assert (answer.status_code, answer.json()) == (500, {"error": "The model could not process this article."})
    assert (bug.status_code, list(bug.json())) == (500, ["error"])


async def test_what_is_refused_around_the_routes_has_the_same_shape(serve: Serve) -> None:
    async with serve(body_bytes=100) as client:
        large = await client.post("/translate", json=asked(q="x" * 200))
        method = await client.get("/translate")
        file = await client.get("/download_file/none")
    assert [answer.status_code for answer in (large, method, file)] == [413, 405, 404]
    assert all(list(answer.json()) == ["error"] for answer in (large, method, file))
    assert method.headers["Allow"] == "POST"


async def test_a_server_that_is_not_ready_says_so(serve: Serve) -> None:
    failed = FakeRuntime(failure=RuntimeError("no"))
    async with serve(failed) as client:
        answer = await client.post("/translate", json=asked())
    assert (answer.status_code, list(answer.json())) in [(503, ["error"]), (500, ["error"])]


# ---------------------------------------------------------------- the other endpoints


async def test_languages_are_those_installed_by_get_and_by_post(serve: Serve) -> None:
    async with serve() as client:
        got = await client.request("GET", "/languages", content=b"api_key=x")
        posted = await client.post("/languages")
    assert got.json() == posted.json() == [
        {"code": "ar", "name": "Arabic", "targets": ["ar", "en"]},
        {"code": "en", "name": "English", "targets": ["en"]},
    ]  # fmt: skip


async def test_detection_is_best_first_and_english_where_there_is_none(serve: Serve) -> None:
    async with serve() as client:
        one = await client.post("/detect", data={"q": ARABIC})
        none = await client.post("/detect", data={"q": "🙂"})
        many = await client.post("/detect", json={"q": [ENGLISH, ARABIC * 10]})
    assert one.json()[0]["language"] == "ar"
    assert none.json() == [{"confidence": 0.0, "language": "en"}]
    assert [row["language"] for row in many.json()] == ["ar", "en"]


async def test_settings_and_health_are_as_a_page_expects_them(serve: Serve) -> None:
    async with serve(article_chars=500) as client:
        settings = (await client.get("/frontend/settings")).json()
        assert (await client.get("/health")).json() == {"status": "ok"}
    assert settings.keys() == {
        "apiKeys", "charLimit", "filesTranslation", "frontendTimeout", "keyRequired", "suggestions",
        "supportedFilesFormat", "language",
    }  # fmt: skip
    assert settings["charLimit"] == 500


async def test_a_file_comes_back_under_the_address_given(serve: Serve) -> None:
    async with serve() as client:
        answer = await client.post("/translate_file", files={"file": ("a.txt", ARABIC.encode())}, data=asked())
        link = answer.json()["translatedFileUrl"]
        fetched = await client.get(link)
    assert link.startswith("http://test/download_file/")
    assert fetched.text == f"[en] {len(ARABIC)}"
    assert fetched.headers["Content-Disposition"] == 'attachment; filename="a_en.txt"'


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"file": ("a.exe", b"x")}, "Invalid request: file format not supported"),
        ({"file": ("a", b"x")}, "Invalid request: file format not supported"),
        ({"other": ("a.txt", b"x")}, "Invalid request: missing file parameter"),
        ({"file": (None, b"x")}, "Invalid request: missing file parameter"),
        ({"file": ("a.txt", b"")}, "The file is empty."),
    ],
)
async def test_a_file_that_cannot_be_read_is_refused(serve: Serve, files: dict[str, Any], message: str) -> None:
    async with serve() as client:
        answer = await client.post("/translate_file", files=files, data=asked())
    assert (answer.status_code, answer.json()) == (400, {"error": message})


async def test_more_files_than_there_is_room_for_are_refused_for_now(serve: Serve) -> None:
    async with serve(download_bytes=10) as client:
        answer = await client.post("/translate_file", files={"file": ("a.txt", b"x" * 11)}, data=asked())
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")


# ---------------------------------------------------------------- pages of other origins

ORIGIN = {"Origin": "https://example.org"}


async def test_pages_of_other_origins_are_let_in_only_where_that_is_set(serve: Serve) -> None:
    async with serve() as client:
        assert "Access-Control-Allow-Origin" not in (await client.get("/languages", headers=ORIGIN)).headers
    async with serve(cors=frozenset(("https://example.org",))) as client:
        allowed = await client.get("/languages", headers=ORIGIN)
        other = await client.get("/languages", headers={"Origin": "https://example.com"})
        before = await client.options("/translate", headers=ORIGIN | {"Access-Control-Request-Method": "POST"})
        ours = await client.get("/healthz", headers=ORIGIN)
        refused = await client.post("/translate", headers=ORIGIN)
    assert allowed.headers["Access-Control-Allow-Origin"] == "https://example.org"
    assert before.headers["Access-Control-Allow-Origin"] == "https://example.org"
    assert refused.headers["Access-Control-Allow-Origin"] == "https://example.org"
    assert "Access-Control-Allow-Origin" not in other.headers
    assert "Access-Control-Allow-Origin" not in ours.headers
