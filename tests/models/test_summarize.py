"""The summarizer: what it reads of an article, and that it says so."""

from collections.abc import Iterator

import pytest

from models.runtime import Runtime
from models.summarize import Summary
from tests.support import checkpoints, runtimes

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    root = runtimes.write(tmp_path_factory.mktemp("weights"), "ar-en", "xlsum")
    with runtimes.running(root) as started:
        yield started


async def summarized(runtime: Runtime, sentences: list[str]) -> Summary:
    async with runtime.summarizer("ar") as summarizer:
        return await summarizer.summarize(sentences, runtime.work())


async def test_a_short_article_is_read_whole(runtime: Runtime) -> None:
    sentences = checkpoints.sentences(6)
    assert (await summarized(runtime, sentences)).read == tuple(range(6))


async def test_of_a_long_article_the_first_and_the_central_sentences_are_read(runtime: Runtime) -> None:
    sentences = checkpoints.sentences(120)
    read = (await summarized(runtime, sentences)).read
    async with runtime.summarizer("ar") as summarizer:
        tokenizer = summarizer.model.tokenizer
        assert tokenizer.count(" ".join(sentences)) > tokenizer.limit
        assert tokenizer.count(" ".join(sentences[index] for index in read)) <= tokenizer.limit
    assert read[0] == 0
    assert list(read) == sorted(set(read))
    assert 10 < len(read) < 120


async def test_one_sentence_longer_than_the_window_is_read_in_part_and_does_not_count_as_read(runtime: Runtime) -> None:
    assert (await summarized(runtime, ["، ".join(checkpoints.sentences(200))])).read == ()
