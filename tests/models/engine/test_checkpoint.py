"""A checkpoint becomes the engine's weights: each stored number once, or the tensor at fault is named."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from models.catalog import SAMPLE
from models.engine.checkpoint import read
from models.engine.weights import Weights
from models.errors import WeightsCorrupt
from tests.support import engines
from tests.support.engines import NETWORKS, VOCABULARY

Tensors = dict[str, Tensor]


def tiny(tmp_path: Path, name: str) -> Path:
    return engines.write(tmp_path / name, NETWORKS[name])


def stored(folder: Path) -> Tensors:
    return load_file(folder / "model.safetensors")


def store(folder: Path, tensors: Tensors) -> None:
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def edit(folder: Path, file: str = "config.json", **changes: Any) -> None:
    path = folder / file
    kept = json.loads(path.read_text(encoding="utf-8")) | changes
    path.write_text(json.dumps({name: value for name, value in kept.items() if value != "absent"}), encoding="utf-8")


def size(tensors: dict[int, Tensor]) -> int:
    return sum(tensor.numel() for tensor in tensors.values())


@pytest.mark.parametrize("name", NETWORKS)
def test_every_stored_number_is_there_once(name: str, checkpoint: Callable[[str], Path]) -> None:
    folder = checkpoint(name)
    files, weights = stored(folder), read(folder)
    mine = {id(tensor): tensor for tensor in weights.tensors.values()}
    assert size(mine) == size({id(tensor): tensor for tensor in files.values()})
    assert {tensor.dtype for tensor in mine.values()} == {torch.float32}


def test_queries_keys_and_values_are_one_matrix(tmp_path: Path) -> None:
    files, weights = stored(tiny(tmp_path, "mt5")), read(tmp_path / "mt5")
    own = [files[f"decoder.block.1.layer.0.SelfAttention.{part}.weight"] for part in "qkv"]
    assert torch.equal(weights.tensors["decoder.1.qkv"], torch.cat(own))
    halves = [files[f"encoder.block.0.layer.1.DenseReluDense.wi_{part}.weight"] for part in (0, 1)]
    assert torch.equal(weights.tensors["encoder.0.up"], torch.cat(halves))


def test_marians_queries_are_scaled_for_their_heads(tmp_path: Path) -> None:
    files, weights = stored(tiny(tmp_path, "marian")), read(tmp_path / "marian")
    factor = weights.shape.head_width**-0.5
    for kind, suffix in (("weight", ""), ("bias", ".bias")):
        query = files[f"model.decoder.layers.0.encoder_attn.q_proj.{kind}"] * factor
        torch.testing.assert_close(weights.tensors[f"decoder.0.query{suffix}"], query)


@pytest.mark.parametrize("name", ["marian", "mt5-ungated"])
def test_a_tied_output_is_the_embedding_itself(name: str, tmp_path: Path) -> None:
    tensors = read(tiny(tmp_path, name)).tensors
    assert tensors["output"] is tensors["embedding"]


@pytest.mark.parametrize("name", ["marian-separate", "mt5"])
def test_an_output_of_its_own_stays_its_own(name: str, tmp_path: Path) -> None:
    folder = tiny(tmp_path, name)
    assert torch.equal(read(folder).tensors["output"], stored(folder)["lm_head.weight"])


def test_without_an_output_of_its_own_separate_marian_has_the_decoders_embedding(tmp_path: Path) -> None:
    folder = tiny(tmp_path, "marian-separate")
    store(folder, {name: tensor for name, tensor in stored(folder).items() if name != "lm_head.weight"})
    tensors = read(folder).tensors
    assert tensors["output"] is tensors["decoder_embedding"]
    assert not torch.equal(tensors["output"], tensors["embedding"])


@pytest.mark.parametrize(
    ("name", "leftover"),
    [
        ("marian", "lm_head.weight"),
        ("marian", "model.encoder.embed_tokens.weight"),
        ("marian", "model.decoder.embed_positions.weight"),
        ("mt5-ungated", "decoder.embed_tokens.weight"),
        ("mt5-ungated", "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight"),
    ],
)
def test_leftovers_of_conversions_are_not_used(name: str, leftover: str, tmp_path: Path) -> None:
    folder = tiny(tmp_path, name)
    before = read(folder)
    store(folder, stored(folder) | {leftover: torch.randn(VOCABULARY, 16)})
    assert same(read(folder), before)


def same(one: Weights, other: Weights) -> bool:
    named = one.tensors.keys() == other.tensors.keys()
    alike = (one.shape, one.search, one.format) == (other.shape, other.search, other.format)
    return named and alike and all(torch.equal(tensor, other.tensors[name]) for name, tensor in one.tensors.items())


@pytest.mark.parametrize("name", ["marian-separate", "mt5"])
def test_each_missing_tensor_is_named(name: str, tmp_path: Path) -> None:
    folder = tiny(tmp_path, name)
    files = stored(folder)
    optional = {"lm_head.weight"}
    for missing in files.keys() - optional:
        store(folder, {other: tensor for other, tensor in files.items() if other != missing})
        with pytest.raises(WeightsCorrupt, match=f"lacks the tensor {missing}"):
            read(folder)


@pytest.mark.parametrize("name", ["marian", "mt5-ungated"])
def test_each_tensor_of_a_wrong_shape_is_named(name: str, tmp_path: Path) -> None:
    folder = tiny(tmp_path, name)
    files = stored(folder)
    for wrong, tensor in files.items():
        store(folder, files | {wrong: torch.zeros(*tensor.shape[:-1], tensor.shape[-1] + 1)})
        with pytest.raises(WeightsCorrupt, match=f"{wrong} .* has the shape"):
            read(folder)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_tensor_without_use_is_named(name: str, tmp_path: Path) -> None:
    folder = tiny(tmp_path, name)
    store(folder, stored(folder) | {"encoder.mystery": torch.zeros(1)})
    with pytest.raises(WeightsCorrupt, match="no use for 1 tensors, such as encoder.mystery"):
        read(folder)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("marian", {"model_type": "bart"}),
        ("marian", {"model_type": "absent"}),
        ("marian", {"normalize_before": True}),
        ("marian", {"normalize_embedding": True}),
        ("marian", {"add_final_layer_norm": True}),
        ("marian", {"decoder_attention_heads": 4}),
        ("marian", {"encoder_ffn_dim": 64}),
        ("marian", {"activation_function": "tanh"}),
        ("marian", {"d_model": "absent"}),
        ("mt5", {"model_type": "t5"}),
        ("mt5", {"feed_forward_proj": "gated-tanh"}),
        ("mt5", {"d_kv": "absent"}),
        ("mt5", {"d_ff": "absent"}),
        ("mt5", {"num_layers": "two"}),
    ],
)
def test_what_the_engine_does_not_run_is_refused(name: str, changes: dict[str, Any], tmp_path: Path) -> None:
    folder = tiny(tmp_path, name)
    edit(folder, **changes)
    with pytest.raises(WeightsCorrupt):
        read(folder)


@pytest.mark.parametrize("file", ["config.json", "generation_config.json"])
@pytest.mark.parametrize("text", ["", "{", "[]", "7"])
def test_a_damaged_config_is_named(file: str, text: str, tmp_path: Path) -> None:
    folder = tiny(tmp_path, "mt5")
    (folder / file).write_text(text, encoding="utf-8")
    with pytest.raises(WeightsCorrupt, match=file):
        read(folder)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1000])


@pytest.mark.parametrize(
    "damage", [Path.unlink, _cut, lambda path: path.write_bytes(b"")], ids=["gone", "cut", "empty"]
)
def test_damaged_weights_are_refused(damage: Callable[[Path], None], tmp_path: Path) -> None:
    folder = tiny(tmp_path, "mt5")
    damage(folder / "model.safetensors")
    with pytest.raises(WeightsCorrupt):
        read(folder)


def test_what_a_checkpoint_says_of_decoding(tmp_path: Path) -> None:
    search = read(tiny(tmp_path, "marian-renormalized")).search
    assert (search.start, search.pad, search.ends, search.forced_end) == (VOCABULARY - 1, VOCABULARY - 1, (0, 9), 9)
    assert {(VOCABULARY - 1,), (5,), (20, 20), (100, 0)} <= set(search.bad_words)
    assert search.renormalize
    edit(
        tmp_path / "marian-renormalized", "generation_config.json", num_beams=6, length_penalty=0.6, early_stopping=True
    )
    search = read(tmp_path / "marian-renormalized").search
    assert (search.beams, search.length_penalty, search.early_stopping) == (6, 0.6, True)


def test_without_a_generation_config_the_config_says_it(tmp_path: Path) -> None:
    folder = tiny(tmp_path, "marian")
    said = json.loads((folder / "generation_config.json").read_text(encoding="utf-8"))
    before = read(folder)
    (folder / "generation_config.json").unlink()
    edit(folder, **{name: said[name] for name in said if name != "transformers_version"})
    assert same(read(folder), before)


@pytest.mark.parametrize("job", ["translator", "summarizer"])
def test_the_sample_checkpoints_are_read(job: str) -> None:
    weights = read(SAMPLE / job)
    assert weights.shape.vocabulary == len(weights.tensors["output"]) == 8000


def test_an_early_stopping_that_the_search_lacks_is_refused(tmp_path: Path) -> None:
    folder = tiny(tmp_path, "marian")
    edit(folder, "generation_config.json", early_stopping="never")
    with pytest.raises(WeightsCorrupt, match="lacks: early stopping 'never'"):
        read(folder)
