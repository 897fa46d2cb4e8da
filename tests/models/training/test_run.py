"""Runs from their arguments: from scratch, from a checkpoint, and again after a stop."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from models.errors import WeightsCorrupt
from models.load import load
from models.training.data import Corpus
from models.training.run import train_summarizer, train_translator
from models.training.schedule import Budget
from models.training.trainer import Options
from tests.support.checkpoints import TINY_MARIAN, TINY_MT5, marian, mt5
from tests.support.corpus import train_cheaply

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    train_cheaply(monkeypatch)


def options(steps: int, peak: float = 1e-3) -> Options:
    return Options(Budget(steps=steps), peak=peak, warmup=1)


def test_a_translator_from_scratch_has_a_vocabulary_of_its_corpus(corpus: Corpus, tmp_path: Path) -> None:
    assert train_translator(corpus, tmp_path, options(2)).step == 2
    loaded = load(tmp_path / "checkpoint", CPU, torch.float32)
    assert loaded.info.family == "marian"
    assert (
        loaded.tokenizer.decode(loaded.tokenizer.encode("the minister opened the school."))
        == "the minister opened the school."
    )


def test_a_summarizer_from_scratch_too(corpus: Corpus, tmp_path: Path) -> None:
    assert train_summarizer(corpus, tmp_path, options(2)).step == 2
    assert load(tmp_path / "checkpoint", CPU, torch.float32).info.family == "mt5"


def test_the_same_arguments_go_on_where_the_run_stopped(corpus: Corpus, tmp_path: Path) -> None:
    train_translator(corpus, tmp_path, options(2))
    vocabulary = (tmp_path / "tokenizer" / "vocab.json").read_bytes()
    assert train_translator(corpus, tmp_path, options(5)).step == 5
    assert (tmp_path / "tokenizer" / "vocab.json").read_bytes() == vocabulary


def test_the_seed_decides_the_first_weights(corpus: Corpus, tmp_path: Path) -> None:
    def first(name: str, seed: int) -> torch.Tensor:
        train_translator(corpus, tmp_path / name, Options(Budget(steps=1), seed=seed))
        state = torch.load(tmp_path / name / "state.pt", weights_only=True)
        weight: torch.Tensor = state["weights"]["master"]["model.shared.weight"]
        return weight

    assert torch.equal(first("a", 1), first("b", 1))
    assert not torch.equal(first("a", 1), first("c", 2))


def test_a_run_from_a_checkpoint_continues_it_with_its_own_vocabulary(corpus: Corpus, tmp_path: Path) -> None:
    stored = marian(tmp_path / "hub", TINY_MARIAN | {"max_position_embeddings": 512})
    before = {path.name: path.read_bytes() for path in (tmp_path / "hub").iterdir()}
    train_translator(corpus, tmp_path / "run", options(2, peak=1e-6), start=tmp_path / "hub")
    assert {path.name: path.read_bytes() for path in (tmp_path / "hub").iterdir()} == before
    trained = load(tmp_path / "run" / "checkpoint", CPU, torch.float32)
    for name in ("source.spm", "target.spm", "vocab.json"):
        assert (tmp_path / "run" / "checkpoint" / name).read_bytes() == before[name]
    weight = trained.model.state_dict()["model.shared.weight"]
    assert not torch.equal(weight, stored["model.shared.weight"].float())
    torch.testing.assert_close(weight, stored["model.shared.weight"].float(), atol=1e-4, rtol=0)
    assert (trained.model.config.eos_token_id, trained.model.config.pad_token_id) == (0, 399)


def test_a_run_from_an_mt5_keeps_its_output_layer_apart(corpus: Corpus, tmp_path: Path) -> None:
    stored = mt5(tmp_path / "hub", TINY_MT5, own_head=True)
    train_summarizer(corpus, tmp_path / "run", options(2, peak=1e-6), start=tmp_path / "hub")
    state = load(tmp_path / "run" / "checkpoint", CPU, torch.float32).model.state_dict()
    for name in ("lm_head.weight", "shared.weight"):
        torch.testing.assert_close(state[name], stored[name].float(), atol=1e-4, rtol=0)


def test_a_run_may_start_from_its_own_checkpoint(corpus: Corpus, tmp_path: Path) -> None:
    train_translator(corpus, tmp_path, options(1))
    assert train_translator(corpus, tmp_path, options(2), start=tmp_path / "checkpoint").step == 2
    assert load(tmp_path / "checkpoint", CPU, torch.float32).info.family == "marian"


def test_what_is_no_checkpoint_or_one_of_another_family_is_refused(corpus: Corpus, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(WeightsCorrupt):
        train_translator(corpus, tmp_path / "run", options(1), start=tmp_path / "empty")
    assert list((tmp_path / "empty").iterdir()) == []
    mt5(tmp_path / "mt5", TINY_MT5)
    with pytest.raises(ValueError, match="of the family mt5, not marian"):
        train_translator(corpus, tmp_path / "run", options(1), start=tmp_path / "mt5")


def test_a_folder_of_another_run_is_refused(corpus: Corpus, tmp_path: Path) -> None:
    marian(tmp_path / "hub", TINY_MARIAN)
    train_translator(corpus, tmp_path / "run", options(1))
    with pytest.raises(ValueError, match="another model"):
        train_translator(corpus, tmp_path / "run", options(2), start=tmp_path / "hub")


def test_weights_are_stored_in_float32_under_their_hub_names(corpus: Corpus, tmp_path: Path) -> None:
    train_translator(corpus, tmp_path, options(1))
    tensors = load_file(tmp_path / "checkpoint" / "model.safetensors")
    assert {tensor.dtype for tensor in tensors.values()} == {torch.float32}
    assert "model.shared.weight" in tensors
    assert not [name for name in tensors if "embed_positions" in name]
    config = json.loads((tmp_path / "checkpoint" / "config.json").read_text(encoding="utf-8"))
    assert config["architectures"] == ["MarianMTModel"]
