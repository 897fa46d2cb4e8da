"""What a second request is spared, and that it gets the same answer."""

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from models.errors import EmptyText
from models.glossary import Entry, Glossary
from models.runtime import Runtime, RuntimeConfig
from service import briefs
from service.briefs import make_brief, make_translation
from service.cache.recall import Cache, Recall
from service.cache.shelf import Shelf
from service.limits import TextLimits
from service.schemas.briefs import Article, Brief, BriefOptions
from service.store.database import Store

pytestmark = pytest.mark.anyio

LIMITS = TextLimits(article_chars=20_000, html_chars=200_000)
TEXT = (
    "غمرت مياه الأمطار ثلاثة أحياء في العاصمة نواكشوط فجر الثلاثاء.\n\nوقال المتحدث باسم البلدية إن الأمطار استمرت سبع ساعات."
    "\n\nوأصيب ستة أشخاص بجروح طفيفة، ولم تسجل أي وفاة.\n\nوأغلقت السلطات 35 مدرسة حتى مساء الأربعاء."
)


@pytest.fixture(scope="module")
def runtime() -> Iterator[Runtime]:
    runtime = Runtime(RuntimeConfig(models="sample", root=Path("unused"), dtype="float32", threads=1, beams=1))
    runtime.start()
    yield runtime
    runtime.close()


@pytest.fixture
def counts() -> Counter[tuple[str, str]]:
    return Counter()


@pytest.fixture
async def cache(tmp_path: Path, counts: Counter[tuple[str, str]]) -> AsyncIterator[Cache]:
    store = Store(f"sqlite:///{tmp_path}/mujaz.db")
    store.open(serving=True)
    yield Cache(Shelf(store, 10**6, 60.0), lambda kind, outcome, count: counts.update({(kind, outcome): count}))
    store.close()


async def _brief(runtime: Runtime, cache: Cache, text: str = TEXT, **options: object) -> Brief:
    glossary = options.pop("glossary", None)
    assert glossary is None or isinstance(glossary, Glossary)
    article = Article(id=str(options.pop("id", "a")), text=text)
    asked = BriefOptions(**options)
    return await make_brief(runtime, article, asked, glossary, limits=LIMITS, recall=cache.recall())


def _said(brief: Brief) -> dict[str, object]:
    """All but who asked, when, and how long it took."""
    said = brief.model_dump(exclude={"id", "timing_ms"})
    said["provenance"] |= {"cached": None, "created": None}
    return said


async def test_a_brief_asked_for_again_is_the_same_and_says_so(runtime: Runtime, cache: Cache) -> None:
    first, again = await _brief(runtime, cache, id="a"), await _brief(runtime, cache, id="b")
    assert _said(first) == _said(again)
    assert (first.provenance.cached, again.provenance.cached) == (False, True)
    assert (first.id, again.id) == ("a", "b")
    assert first.provenance.created == again.provenance.created
    assert again.timing_ms.keys() == {"cache", "total"}


@pytest.mark.parametrize(
    "changed",
    [
        {"sentences": 1},
        {"translation": True},
        {"route": "translate-first"},
        {"text": TEXT + " "},
        {"glossary": Glossary([Entry("نواكشوط", "Nwakshut")], "")},
    ],
)
async def test_another_request_is_another_brief(runtime: Runtime, cache: Cache, changed: dict[str, object]) -> None:
    await _brief(runtime, cache)
    assert not (await _brief(runtime, cache, **changed)).provenance.cached  # type: ignore[arg-type]


async def test_sentences_known_from_another_article_are_not_translated_again(
    runtime: Runtime, cache: Cache, counts: Counter[tuple[str, str]]
) -> None:
    plain = await make_translation(runtime, Article(text=TEXT), "en", limits=LIMITS)
    await make_translation(runtime, Article(text=TEXT), "en", limits=LIMITS, recall=cache.recall())
    assert counts["sentence", "miss"] == 4
    again = await make_translation(runtime, Article(text=TEXT), "en", limits=LIMITS, recall=cache.recall())
    assert (counts["sentence", "miss"], counts["sentence", "hit"]) == (4, 4)
    assert again.sentences == plain.sentences
    assert again.provenance.models == plain.provenance.models


async def test_a_glossary_is_applied_to_what_is_remembered(runtime: Runtime, cache: Cache) -> None:
    glossary = Glossary([Entry("نواكشوط", "Nwakshut")], "")

    async def made(recalled: bool) -> str:
        recall = cache.recall() if recalled else None
        return (
            await make_translation(runtime, Article(text=TEXT), "en", glossary, limits=LIMITS, recall=recall)
        ).translation

    await make_translation(runtime, Article(text=TEXT), "en", limits=LIMITS, recall=cache.recall())
    assert await made(recalled=True) == await made(recalled=False)


async def test_identical_requests_in_flight_are_computed_once(
    runtime: Runtime, cache: Cache, counts: Counter[tuple[str, str]]
) -> None:
    made = await asyncio.gather(*(_brief(runtime, cache, id=str(number)) for number in range(5)))
    assert [brief.id for brief in made] == list("01234")
    assert len({brief.brief for brief in made}) == 1
    assert (counts["brief", "miss"], counts["brief", "joined"]) == (1, 4)


async def test_briefs_are_written_and_read_beside_the_event_loop(
    runtime: Runtime, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = []

    def noted(function: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *given: (threads.append(threading.current_thread()), function(*given))[1]

    monkeypatch.setattr(Brief, "model_dump_json", noted(Brief.model_dump_json))
    monkeypatch.setattr(Brief, "model_validate_json", noted(Brief.model_validate_json))
    for _ in range(2):
        await _brief(runtime, cache)
    assert len(threads) == 2 and threading.main_thread() not in threads


async def test_an_article_knows_whether_it_was_spared_the_models(runtime: Runtime, cache: Cache) -> None:
    first, again, other, joined = (cache.recall() for _ in range(4))

    async def made(recall: Recall, text: str) -> bool:
        await make_brief(runtime, Article(text=text), BriefOptions(), limits=LIMITS, recall=recall)
        return recall.spared

    assert not first.spared  # nothing was looked up yet
    assert [await made(first, TEXT), await made(again, TEXT)] == [False, True]
    together = await asyncio.gather(made(other, TEXT + " "), made(joined, TEXT + " "))
    assert sorted(together) == [False, True]  # whichever was read first is made, and the other joins it


async def test_what_fails_is_not_remembered(runtime: Runtime, cache: Cache, counts: Counter[tuple[str, str]]) -> None:
    for _ in range(2):
        with pytest.raises(EmptyText):
            await _brief(runtime, cache, text=" ")
    assert counts["brief", "miss"] == 2


async def test_a_request_knows_its_entries_so_that_they_can_be_erased(
    runtime: Runtime, cache: Cache, counts: Counter[tuple[str, str]]
) -> None:
    recall = cache.recall()
    await make_brief(runtime, Article(text=TEXT), BriefOptions(), limits=LIMITS, recall=recall)
    await cache.shelf.write()
    await cache.shelf.forget(recall.keys)
    counts.clear()
    await _brief(runtime, cache)
    assert (counts["brief", "hit"], counts["sentence", "hit"], counts["brief", "miss"]) == (0, 0, 1)


async def test_without_a_cache_nothing_is_remembered(runtime: Runtime) -> None:
    made = [
        await briefs.make_brief(runtime, Article(text=TEXT), BriefOptions(), limits=LIMITS, recall=None)
        for _ in range(2)
    ]
    assert not any(brief.provenance.cached for brief in made)
