"""Clients that people have, unchanged, against a real server with the sample models."""

from collections.abc import Iterator
from urllib.error import HTTPError

import deepl
import httpx
import pytest
from deep_translator import DeeplTranslator, LibreTranslator
from deep_translator.exceptions import ServerException
from libretranslatepy import LibreTranslateAPI

from tests.support.server import served

pytestmark = pytest.mark.slow

SCHOOLS = "أغلقت السلطات 35 مدرسة."
CLOSED = "The authorities closed 35 schools."
DELEGATION = "زار وفد من مجلس الأمن القاهرة يوم الاثنين."
VISITED = "A delegation from the Security Council visited Cairo on Monday."


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with served(article_chars=2000) as server:
        yield server.url


# ---------------------------------------------------------------- libretranslatepy


def test_libretranslatepy_translates_detects_and_lists(url: str) -> None:
    client = LibreTranslateAPI(url)
    assert client.translate(SCHOOLS, "ar", "en") == CLOSED
    assert client.translate(SCHOOLS, "auto", "en") == CLOSED
    assert client.detect(SCHOOLS)[0]["language"] == "ar"
    assert {row["code"]: row["targets"] for row in client.languages()} == {"ar": ["ar", "en"], "en": ["en"]}


def test_libretranslatepy_sends_its_key_also_with_languages(url: str) -> None:
    client = LibreTranslateAPI(f"{url}/", api_key="any")
    assert {row["name"] for row in client.languages()} == {"Arabic", "English"}


def test_libretranslatepy_sees_a_refusal_as_one(url: str) -> None:
    with pytest.raises(HTTPError) as caught:
        LibreTranslateAPI(url).translate(SCHOOLS, "ar", "fr")
    with caught.value as answer:
        assert (answer.code, answer.read()) == (400, b'{"error":"French (fr) is not supported"}')


# ---------------------------------------------------------------- deep-translator


def test_deep_translators_libretranslate_puts_everything_in_the_query(url: str) -> None:
    client = LibreTranslator(source="ar", target="en", api_key="any", custom_url=f"{url}/")
    assert client.translate(SCHOOLS) == CLOSED
    assert client.translate_batch([SCHOOLS, DELEGATION]) == [CLOSED, VISITED]


def test_deep_translators_libretranslate_sees_a_refusal_as_one(url: str) -> None:
    client = LibreTranslator(source="fr", target="ar", api_key="any", custom_url=f"{url}/")
    with pytest.raises(ServerException):
        client.translate("Il pleut.")


def test_deep_translators_deepl_asks_with_get(url: str) -> None:
    client = DeeplTranslator(source="fr", target="en", api_key="any")
    client.source = "ar"  # its list of languages is older than DeepL's Arabic
    client._base_url = f"{url}/v2/"  # it has no option for it
    assert client.translate(SCHOOLS) == CLOSED


# ---------------------------------------------------------------- deepl


@pytest.fixture
def client(url: str) -> Iterator[deepl.DeepLClient]:
    client = deepl.DeepLClient("any", server_url=url, send_platform_info=False)
    yield client
    client.close()


def test_deepl_translates_one_text_and_many_in_order(client: deepl.DeepLClient) -> None:
    one = client.translate_text(SCHOOLS, target_lang="EN-US")
    assert (one.text, one.detected_source_lang, one.billed_characters) == (CLOSED, "AR", len(SCHOOLS))
    many = client.translate_text([DELEGATION, SCHOOLS, "It rained."], target_lang="EN-GB")
    assert [each.text for each in many] == [VISITED, CLOSED, "It rained."]
    assert [each.detected_source_lang for each in many] == ["AR", "AR", "EN"]


def test_deepl_keeps_tags(client: deepl.DeepLClient) -> None:
    html = client.translate_text(f"<p>{SCHOOLS}</p>", target_lang="EN-US", tag_handling="html")
    assert html.text == f"<p>{CLOSED}</p>"
    marked = SCHOOLS.replace("35", '<x id="1"></x>35')
    xml = client.translate_text(marked, target_lang="EN-US", source_lang="AR", tag_handling="xml", ignore_tags=["x"])
    assert xml.text == f'{CLOSED} <x id="1"></x>'


def test_deepl_lists_languages_and_usage(client: deepl.DeepLClient) -> None:
    assert [language.code for language in client.get_source_languages()] == ["AR"]
    assert {language.code: language.supports_formality for language in client.get_target_languages()} == {
        "EN-GB": False,
        "EN-US": False,
    }
    usage = client.get_usage()
    assert usage.character.valid
    assert not usage.any_limit_reached
    assert client.get_glossary_languages() == []


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"formality": "more"}, "'formality' is not supported for given 'target_lang'"),
        ({"context": "rain"}, "'context' is not supported"),
        ({"glossary": "a1b2", "source_lang": "AR"}, "Glossary not found"),
        ({"tag_handling": "xml"}, "not well-formed XML"),
    ],
)
def test_deepl_is_told_what_has_no_effect(client: deepl.DeepLClient, asked: dict[str, str], told: str) -> None:
    with pytest.raises(deepl.DeepLException, match=told):
        client.translate_text("مطر < ثلج", target_lang="EN-US", **asked)


def test_deepl_falls_back_where_it_is_let(client: deepl.DeepLClient) -> None:
    done = client.translate_text(
        SCHOOLS, target_lang="EN-US", formality="prefer_more", model_type="prefer_quality_optimized"
    )
    assert (done.text, done.model_type_used) == (CLOSED, "latency_optimized")


# ---------------------------------------------------------------- what Mastodon and Weblate send


def test_a_post_as_mastodon_sends_it(url: str) -> None:
    mention = '<span translate="no"><a href="https://m.example/@u" class="u-url mention">@<span>u</span></a></span>'
    tag = '<a href="https://m.example/t" class="mention hashtag" rel="tag">#<span>مدارس</span></a>'
    post = (
        f"<p>{mention} "
        'زار وفد من <b>مجلس الأمن</b> <a href="https://m.example/c">القاهرة</a> يوم الاثنين.<br />'
        f"أغلقت السلطات 35 مدرسة. {tag}</p>"
    )
    asked = {"q": [post, "It rained."], "source": "auto", "target": "en", "format": "html", "api_key": None}
    answer = httpx.post(f"{url}/translate", json=asked, timeout=60)
    assert answer.json() == {
        "translatedText": [
            f"<p>{mention} "
            'A delegation from the <b>Security Council</b> visited <a href="https://m.example/c">Cairo</a> on Monday.<br>'
            f"The authorities closed 35 schools. {tag}</p>",
            "It rained.",
        ],
        "detectedLanguage": [{"confidence": 100.0, "language": "ar"}, {"confidence": 95.4, "language": "en"}],
    }
    assert "sample models" in answer.headers["X-Mujaz-Notice"]


def test_a_form_as_weblate_sends_it(url: str) -> None:
    answer = httpx.post(
        f"{url}/translate", data={"q": f"{SCHOOLS}\n\n  {DELEGATION}\n", "source": "ar", "target": "en"}, timeout=60
    )
    assert answer.json() == {"translatedText": f"{CLOSED}\n\n  {VISITED}\n"}


def test_a_file_is_translated_and_fetched(url: str) -> None:
    upload = {"file": ("../etc/تقرير 1.html", f"<h1>{SCHOOLS}</h1>".encode(), "text/html")}
    answer = httpx.post(f"{url}/translate_file", files=upload, data={"source": "auto", "target": "en"}, timeout=60)
    link = answer.json()["translatedFileUrl"]
    assert link.startswith(f"{url}/download_file/")
    assert link.endswith(".1_en.html")
    fetched = httpx.get(link)
    assert (fetched.text, fetched.headers["content-type"]) == (f"<h1>{CLOSED}</h1>", "text/html; charset=utf-8")
    assert "sandbox" in fetched.headers["content-security-policy"]


def test_a_text_beyond_the_limit_is_refused_in_the_peers_way(url: str) -> None:
    libre = httpx.post(f"{url}/translate", json={"q": "م" * 2001, "source": "ar", "target": "en"})
    assert (libre.status_code, list(libre.json())) == (400, ["error"])
    other = httpx.post(f"{url}/v2/translate", json={"text": ["م" * 2001], "target_lang": "EN"})
    assert (other.status_code, list(other.json())) == (413, ["message"])
