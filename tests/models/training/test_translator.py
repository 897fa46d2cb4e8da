"""The translator's task: its examples, its score, its checkpoint."""

from collections.abc import Iterable
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import MarianMTModel, MarianTokenizer

from models.load import load
from models.training import translator as module
from models.training.batches import IGNORED, Batch
from models.training.data import Corpus, Pair
from models.training.translator import Translation, new_translator
from tests.support.checkpoints import TINY_MARIAN, marian
from tests.support.corpus import tiny_translator


@pytest.fixture
def task(corpus: Corpus, marian_folder: Path) -> Translation:
    return Translation(corpus, marian_folder, tokens=400)


def pairs(task: Translation, batches: Iterable[Batch]) -> set[tuple[str, str]]:
    """The texts of all rows."""
    return {
        (task.source.decode(source.tolist()), task.target.decode(target[target != IGNORED].tolist()))
        for batch in batches
        for source, target in zip(batch.source, batch.target, strict=True)
    }


def test_a_pass_has_every_training_pair_and_some_neighbours_joined(task: Translation) -> None:
    found = pairs(task, task.epoch(0, 0.0))
    given = {(pair.ar, pair.en) for pair in task.corpus.pairs("train")}
    assert given <= found
    neighbours = [two for article in task.corpus.articles["train"] for two in pairwise(article.sentences)]
    joined = {(f"{a.ar} {b.ar}", f"{a.en} {b.en}") for a, b in neighbours}
    assert found - given <= joined
    assert found - given


def test_the_same_pass_is_the_same_whenever_it_is_made_and_another_is_another(task: Translation) -> None:
    first, again, other = (list(task.epoch(number, done)) for number, done in ((3, 0.0), (3, 0.9), (4, 0.0)))
    assert all(
        torch.equal(a.source, b.source) and torch.equal(a.target, b.target) for a, b in zip(first, again, strict=True)
    )
    assert len(first) != len(other) or any(
        a.source.tolist() != b.source.tolist() for a, b in zip(first, other, strict=True)
    )


def test_numbers_and_names_are_varied_from_pass_to_pass(task: Translation, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []

    def unchanged(name: str, pair: Pair, _rng: object) -> Pair:
        calls.append(name)
        return pair

    for name in ("swap_numbers", "swap_pair_names"):
        monkeypatch.setattr(module, name, partial(unchanged, name))
    list(task.epoch(0, 0.0))
    count = len(task.corpus.pairs("train"))
    assert 0.3 * count < calls.count("swap_numbers") < 0.8 * count
    assert 0.3 * count < calls.count("swap_pair_names") < 0.8 * count


def test_validation_texts_score_and_the_test_is_never_read(task: Translation, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = [pair.en for pair in task.corpus.pairs("validation")[::5]]
    monkeypatch.setattr(module, "greedy", lambda model, sources, pieces, room: list(wanted))
    assert task.evaluate(tiny_translator(len(task.target))) == {"chrf": 100.0}


def test_an_untrained_model_is_scored_within_its_positions(task: Translation) -> None:
    assert 0 <= task.evaluate(tiny_translator(len(task.target)).eval())["chrf"] < 50


def test_a_hub_checkpoint_is_padded_with_its_own_symbol(corpus: Corpus, tmp_path: Path) -> None:
    marian(tmp_path, TINY_MARIAN)
    for batch in Translation(corpus, tmp_path).epoch(0, 0.0):
        assert (batch.source[batch.mask == 0] == 399).all()
        assert ((batch.source == 0).sum(dim=1) == 1).all()  # its end of sentence is 0, and is read


def test_a_checkpoint_loads_here_and_in_transformers(task: Translation, tmp_path: Path) -> None:
    model = tiny_translator(len(task.target)).eval()
    task.save(model, tmp_path)
    loaded = load(tmp_path, torch.device("cpu"), torch.float32)
    theirs: Any = MarianMTModel.from_pretrained(tmp_path)
    ids = loaded.tokenizer.encode("أعلن الوزير أمس")
    assert ids == task.source.encode("أعلن الوزير أمس")
    labels = torch.tensor([task.target.encode("the minister announced")])
    expected = model(input_ids=torch.tensor([ids]), labels=labels).logits
    for other in (loaded.model, theirs):
        torch.testing.assert_close(other(input_ids=torch.tensor([ids]), labels=labels).logits, expected)
    assert loaded.tokenizer.limit == 512
    assert theirs.generation_config.num_beams == 4
    with pytest.warns(UserWarning, match="sacremoses"):
        assert MarianTokenizer.from_pretrained(tmp_path)("أعلن الوزير أمس")["input_ids"] == ids


def test_a_new_translator_starts_from_small_logits(task: Translation) -> None:
    torch.manual_seed(0)
    model: Any = new_translator(len(task.target)).train(False)
    ids = torch.tensor([task.source.encode("أعلن الوزير أمس")])
    chances = model(input_ids=ids, labels=ids).logits.softmax(-1)
    assert chances.max() < 0.5
    assert model.get_output_embeddings().weight is model.get_input_embeddings().weight
