"""What routes are given, seen from outside: which backlog a request meets, and what that learns from its answer."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from models.translate import Translated
from service import briefs
from service.backlog import Answered, Backlog
from service.cache.recall import Recall
from service.deps import Context
from service.schemas.briefs import Article, Brief, BriefOptions
from tests.service.conftest import Serve
from tests.service.routes.test_v1 import assert_problem
from tests.support.service_fakes import brief_of

pytestmark = pytest.mark.anyio

TEXT = {"text": "قال الوزير إن الاجتماع سيعقد غدا"}


async def test_languages_are_told_while_the_models_have_too_much_to_do(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serve() as client:
        context: Context = client._transport.app.state.context  # type: ignore[attr-defined]
        for lane in context.admission.backlogs("/v1/brief").values():
            monkeypatch.setattr(lane, "full", lambda: True)
        assert_problem(await client.post("/v1/brief", json=TEXT), 503, "overloaded")
        assert (await client.post("/v1/detect", json=TEXT)).json()["code"] == "ar"
        assert (await client.post("/detect", json={"q": TEXT["text"]})).json()[0]["language"] == "ar"


async def test_what_the_cache_answers_is_not_taken_for_the_speed_of_the_models(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    learned = []

    @contextmanager
    def enter(_: Backlog, articles: int, size: int) -> Iterator[Answered]:
        yield lambda size, *, computed=True: learned.append((articles, computed))

    async def translated(texts: Sequence[str]) -> Mapping[str, Translated]:
        return {text: Translated(text, None, False) for text in texts}

    async def make_brief(_: object, article: Article, options: BriefOptions, *__: object, **given: Any) -> Brief:
        recall: Recall = given["recall"]
        await recall.translations("a maker", [article.text or ""], given["lane"], translated)
        return brief_of(article, article.text or "", options)

    monkeypatch.setattr(briefs, "make_brief", make_brief)
    monkeypatch.setattr(Backlog, "enter", enter)
    async with serve() as client:
        for body in (TEXT, TEXT, {"articles": [TEXT, {"text": "new"}]}):
            assert (await client.post("/v1/brief", json=body)).status_code == 200
        assert (await client.post("/v1/detect", json=TEXT)).status_code == 200
    assert learned == [(1, True), (1, False), (2, False), (2, True), (1, True)]
