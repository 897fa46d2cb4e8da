"""Trimmed checkpoints: the same network with fewer output ids, so that a rival can be given what Mujaz gives itself."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from models.benchmark.checkpoints import initialise, kept_ids, marian, mt5, trim
from models.load import load
from tests.support.checkpoints import TINY_MARIAN, TINY_MT5

ROWS = 150


@pytest.fixture(params=["marian", "mt5"])
def family(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def written(family: str, folder: Path) -> Path:
    if family == "marian":
        marian(folder, TINY_MARIAN)
    else:
        mt5(folder, TINY_MT5)
    return folder


def test_a_trimmed_checkpoint_gives_the_logits_of_the_kept_ids(family: str, tmp_path: Path) -> None:
    full = written(family, tmp_path / "full")
    trim(full, tmp_path / "trimmed", ROWS)
    kept = kept_ids("marian" if family == "marian" else "mt5", 400, ROWS)
    whole, part = (load(path, torch.device("cpu"), torch.float32).model for path in (full, tmp_path / "trimmed"))
    source, target = torch.tensor([[5, 9, 70, 1]]), torch.tensor([[4, 8]])
    expected = whole(input_ids=source, decoder_input_ids=target).logits[..., kept]
    assert part(input_ids=source, decoder_input_ids=target).logits.shape[-1] == ROWS
    assert torch.allclose(part(input_ids=source, decoder_input_ids=target).logits, expected, atol=1e-6)


def test_marian_keeps_its_padding_which_stays_the_last_and_starts_the_decoder(tmp_path: Path) -> None:
    assert kept_ids("marian", 400, 3) == [0, 1, 399]
    trim(written("marian", tmp_path / "full"), tmp_path / "trimmed", ROWS)
    loaded = load(tmp_path / "trimmed", torch.device("cpu"), torch.float32)
    assert loaded.model.generation_config.decoder_start_token_id == ROWS - 1
    assert loaded.model.generation_config.bad_words_ids == [[ROWS - 1]]
    assert not loaded.model.get_input_embeddings().weight[ROWS - 1].any()


def test_there_are_never_more_kept_than_there_are() -> None:
    assert kept_ids("mt5", 5, 100) == [0, 1, 2, 3, 4]
    assert kept_ids("marian", 5, 100) == [0, 1, 2, 3, 4]


def test_initialised_checkpoints_have_norms_of_one_and_matrices_scaled_to_their_inputs(
    family: str, tmp_path: Path
) -> None:
    initialise(written(family, tmp_path / "full"), tmp_path / "initialised")
    tensors = load_file(tmp_path / "initialised" / "model.safetensors")
    assert tensors.keys() == load_file(tmp_path / "full" / "model.safetensors").keys()
    assert {tensor.dtype for tensor in tensors.values()} == {torch.float32}
    norms = [tensor for name, tensor in tensors.items() if "norm" in name and name.endswith(".weight")]
    assert norms and all(bool((tensor == 1).all()) for tensor in norms)
    widest = (
        "model.encoder.layers.0.fc2.weight"
        if family == "marian"
        else "encoder.block.0.layer.1.DenseReluDense.wo.weight"
    )
    assert float(tensors[widest].std()) == pytest.approx(32**-0.5, rel=0.1)
    assert load(tmp_path / "initialised", torch.device("cpu"), torch.float32).info.parameters
