"""The summarizer's task: its examples and aids, its score, its checkpoint."""

import random
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import MT5ForConditionalGeneration, T5Tokenizer

from models.load import load
from models.training import summarizer as module
from models.training.batches import IGNORED
from models.training.data import Article, Corpus, Pair
from models.training.summarizer import LANGUAGES, Summaries
from tests.support.checkpoints import TINY_MT5, mt5
from tests.support.corpus import tiny_summarizer

RNG = st.randoms(use_true_random=False)
SENTENCES = st.lists(
    st.text("اأبتن abc.250", min_size=1, max_size=30).map(str.strip).filter(bool), min_size=1, max_size=6
)


@pytest.fixture(scope="session")
def task(corpus: Corpus, mt5_folder: Path) -> Summaries:
    return Summaries(corpus, mt5_folder, tokens=800)


def rows(task: Summaries, number: int = 0, done: float = 0.0) -> list[tuple[list[int], list[int]]]:
    """(source, target) of all rows of a pass, without padding."""
    return [
        (source[mask.bool()].tolist(), target[target != IGNORED].tolist())
        for batch in task.epoch(number, done)
        for source, mask, target in zip(batch.source, batch.mask, batch.target, strict=True)
    ]


def masked(task: Summaries, found: list[tuple[list[int], list[int]]]) -> int:
    return sum(any(mask in source for mask in task.pieces.masks) for source, _ in found)


def test_without_aids_every_article_is_summarized_in_both_languages_at_every_pass(task: Summaries) -> None:
    targets = {task.pieces.decode(target) for _, target in rows(task, done=1.0)}
    for article in task.corpus.articles["train"]:
        assert {article.summary.side(language) for language in LANGUAGES} <= targets


def test_the_aids_fade_out(task: Summaries) -> None:
    early, middle, late = (masked(task, rows(task, 0, done)) for done in (0.0, 0.3, 0.5))
    assert early > middle > late == 0


def test_the_sentence_to_repeat_stands_among_more_and_more_others(task: Summaries) -> None:
    mask = task.pieces.masks[-1]
    early, later = (
        [len(source) for source, _ in rows(task, 0, done) if source.count(mask) == 2] for done in (0.0, 0.35)
    )
    assert sum(early) / len(early) < sum(later) / len(later)


def test_the_same_pass_is_the_same_every_time(task: Summaries) -> None:
    assert rows(task, 2) == rows(task, 2) != rows(task, 3)


@given(SENTENCES, RNG)
def test_corrupted_spans_and_what_remains_restore_the_text(
    task: Summaries, sentences: list[str], rng: random.Random
) -> None:
    example = task._corrupted(sentences, rng)
    assert (example.source[-1], example.target[-1]) == (task.pieces.eos, task.pieces.eos)
    spans: dict[int, list[int]] = {}
    for index in example.target[:-1]:
        if index in task.pieces.masks:
            spans[index] = []
        else:
            spans[next(reversed(spans))].append(index)
    assert list(spans) == task.pieces.masks[: len(spans)]
    restored = [part for index in example.source for part in spans.get(index, [index])]
    assert restored == task.pieces.encode(" ".join(sentences))


def test_about_fifteen_percent_of_the_tokens_are_corrupted(task: Summaries) -> None:
    rng = random.Random(0)
    text = ["the minister opened the school near the city"] * 6
    whole = len(task.pieces.encode(" ".join(text))) - 1
    left = [len([i for i in task._corrupted(text, rng).source[:-1] if i not in task.pieces.masks]) for _ in range(300)]
    assert 0.12 < 1 - sum(left) / len(left) / whole < 0.18


@given(SENTENCES, RNG)
def test_a_marked_sentence_and_those_around_it_restore_the_text(
    task: Summaries, sentences: list[str], rng: random.Random
) -> None:
    example = task._marked(sentences, rng)
    mask = task.pieces.masks[-1]
    first = example.source.index(mask)
    last = len(example.source) - 1 - example.source[::-1].index(mask)
    before, kept, after = example.source[:first], example.source[first + 1 : last], example.source[last + 1 :]
    assert example.source.count(mask) == 2
    assert kept == example.target[:-1] or (kept == [] and len(sentences) > 1)
    parts = (task.pieces.decode(ids) for ids in (before, example.target, after))
    assert " ".join(part for part in parts if part).split() == " ".join(sentences).split()


def test_a_window_is_sentences_in_a_row_and_thinning_keeps_the_first_two() -> None:
    sentences = [f"s{n}" for n in range(9)]
    for seed in range(30):
        window = list(module._window(sentences, 5, random.Random(seed)))
        assert window == sentences[(start := sentences.index(window[0])) : start + 5]
        assert len(window) == 5
        thinned = module._thinned(sentences, random.Random(seed))
        assert thinned[:2] == sentences[:2]
        assert thinned == [sentence for sentence in sentences if sentence in thinned]
    assert module._window(["a", "b"], 5, random.Random(0)) == ["a", "b"]


def test_an_article_and_its_summary_change_together() -> None:
    pair = Pair("وصل 250 شخصا إلى طرابلس", "250 people arrived in Tripoli")
    article = Article("x", Pair("عنوان", "A title"), (pair, pair), pair)
    for seed in range(20):
        for language in LANGUAGES:
            sentences, summary = module._augmented(article, language, random.Random(seed))
            assert sentences == [summary, summary]
    changed = {module._augmented(article, "en", random.Random(seed))[1] for seed in range(20)}
    assert any("250" not in text for text in changed)
    assert any("Tripoli" not in text for text in changed)


def test_a_vocabulary_without_masks_does_without_the_aids(corpus: Corpus, tmp_path: Path) -> None:
    mt5(tmp_path, TINY_MT5)
    task = Summaries(corpus, tmp_path)
    assert task.pieces.masks == []
    assert len(rows(task)) >= 2 * len(corpus.articles["train"])


def test_validation_summaries_score_in_both_languages(task: Summaries, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = {
        tuple(task.pieces.encode(article.text(language))): article.summary.side(language)
        for article in task.corpus.articles["validation"]
        for language in LANGUAGES
    }
    monkeypatch.setattr(module, "greedy", lambda model, sources, pieces, room: [texts[tuple(ids)] for ids in sources])
    assert task.evaluate(tiny_summarizer(len(task.pieces))) == {
        name: pytest.approx(100.0) for name in ("rouge_l", "rouge_l_ar", "rouge_l_en")
    }


def test_a_checkpoint_loads_here_and_in_transformers(task: Summaries, tmp_path: Path) -> None:
    model = tiny_summarizer(len(task.pieces)).eval()
    task.save(model, tmp_path)
    loaded = load(tmp_path, torch.device("cpu"), torch.float32)
    theirs: Any = MT5ForConditionalGeneration.from_pretrained(tmp_path)
    ids = loaded.tokenizer.encode("أعلن الوزير أمس")
    assert (
        ids
        == task.pieces.encode("أعلن الوزير أمس")
        == T5Tokenizer.from_pretrained(tmp_path)("أعلن الوزير أمس")["input_ids"]
    )
    labels = torch.tensor([task.pieces.encode("أعلن الوزير")])
    expected = model(input_ids=torch.tensor([ids]), labels=labels).logits
    for other in (loaded.model, theirs):
        torch.testing.assert_close(other(input_ids=torch.tensor([ids]), labels=labels).logits, expected)
    assert theirs.generation_config.max_length == 84
