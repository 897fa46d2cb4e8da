"""The translator: order, repeats, blanks, long sentences, prefixes."""

from collections.abc import Iterator
from typing import Any

import pytest

from models.runtime import Runtime
from models.translate import Translator
from tests.support import checkpoints, runtimes

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    root = runtimes.write(tmp_path_factory.mktemp("weights"), "ar-en", "en-ar")
    with runtimes.running(root, summarizer="extract") as started:
        yield started


async def translated(runtime: Runtime, *texts: str) -> list[str]:
    async with runtime.translator("ar", "en") as translator:
        return [translated.text for translated in await translator.translate(texts, runtime.work())]


async def test_each_text_has_its_own_translation_in_order(runtime: Runtime) -> None:
    texts = checkpoints.sentences(5)
    alone = [(await translated(runtime, text))[0] for text in texts]
    assert await translated(runtime, *texts) == alone


async def test_equal_texts_are_translated_once(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    submitted: list[int] = []
    scheduler = runtime.work().scheduler
    submit = scheduler.submit

    def counting(engine: Any, items: Any, **options: Any) -> Any:
        submitted.append(len(items))
        return submit(engine, items, **options)

    monkeypatch.setattr(scheduler, "submit", counting)
    first, _, third = await translated(runtime, "أعلن الوزير", "المدرسة", "أعلن الوزير")
    assert first == third
    assert submitted[0] == 2


async def test_a_text_that_fits_is_tokenized_once(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    async with runtime.translator("ar", "en") as translator:
        tokenizer = translator.model.tokenizer
        encode, seen = tokenizer.encode, []
        monkeypatch.setattr(tokenizer, "encode", lambda text, prefix="": seen.append(text) or encode(text, prefix))
        await translator.translate(["أعلن الوزير", "المدرسة"], runtime.work())
    assert seen == ["أعلن الوزير", "المدرسة"]  # not for the second attempts either


async def test_blank_texts_stay_as_they_are(runtime: Runtime) -> None:
    assert (await translated(runtime, "", " ", "أعلن"))[:2] == ["", " "]
    assert await translated(runtime) == []


async def test_a_text_beyond_the_models_length_is_split_and_nothing_of_it_is_lost(runtime: Runtime) -> None:
    long = "، ".join(checkpoints.sentences(30))
    async with runtime.translator("ar", "en") as translator:
        tokenizer = translator.model.tokenizer
        assert tokenizer.count(long) > tokenizer.limit
        parts = translator._split(long)
        assert len(parts) > 1
        assert all(tokenizer.count(part) <= tokenizer.limit for part in parts)
        assert "".join(parts).replace(" ", "") == long.replace(" ", "")
        whole = (await translator.translate([long], runtime.work()))[0].text
        assert whole == " ".join(part.text for part in await translator.translate(parts, runtime.work()))


async def test_the_prefix_of_a_checkpoint_with_several_targets_opens_every_part(runtime: Runtime) -> None:
    async with runtime.translator("en", "ar") as translator:
        assert isinstance(translator, Translator)
        assert translator.prefix == ">>ara<<"
        ids = translator.model.tokenizer.encode("the minister", translator.prefix)
        assert translator._task("the minister").item.ids == tuple(ids)
        assert ids != translator.model.tokenizer.encode("the minister")


async def test_sentences_of_about_one_length_share_their_settings_and_so_a_batch(runtime: Runtime) -> None:
    async with runtime.translator("ar", "en") as translator:
        settings = {translator._task(" ".join(["the"] * count)).item.settings for count in range(12, 18)}
        longest = translator.model.settings.max_tokens
    assert len(settings) <= 2
    assert all(one.max_tokens == longest or one.max_tokens.bit_count() == 1 for one in settings)
