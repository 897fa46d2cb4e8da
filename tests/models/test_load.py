"""Loading: a model is what its files say, tensor for tensor, or the file at fault is named."""

import json
import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from models.catalog import Catalog
from models.engine.weights import Format
from models.errors import WeightsCorrupt
from models.load import Loaded, load, load_weights
from models.weights import seal
from tests.support.checkpoints import OPUS_MT_AR_EN, TINY_MARIAN, TINY_MT5, XLSUM, marian, mt5

CPU = torch.device("cpu")
CATALOG = Catalog.load()
FORMATS: tuple[Format, ...] = ("float32", "bfloat16", "int8")
Tensors = dict[str, torch.Tensor]


def changed(stored: Tensors, loaded: Loaded[Any]) -> list[str]:
    """The stored tensors that do not stand in the model under their name, value for value."""
    state = loaded.model.state_dict()
    return [name for name, tensor in stored.items() if not torch.equal(state[name], tensor.to(state[name].dtype))]


def rewrite(folder: Path, change: Tensors | None = None, drop: str | None = None) -> None:
    """Store other tensors in the checkpoint of `folder`."""
    tensors = load_file(folder / "model.safetensors") | (change or {})
    save_file({n: t for n, t in tensors.items() if n != drop}, folder / "model.safetensors", metadata={"format": "pt"})


def written(loaded: Loaded[Any], text: str, **settings: Any) -> str:
    """What the model makes of `text`."""
    ids = torch.tensor([loaded.tokenizer.encode(text)])
    with torch.inference_mode():
        output = loaded.model.generate(ids, max_new_tokens=6, num_beams=2, **settings)
    return loaded.tokenizer.decode(output[0].tolist())


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_marian_is_loaded_as_stored_with_its_embeddings_tied(tmp_path: Path, dtype: torch.dtype) -> None:
    stored = marian(tmp_path / "m", TINY_MARIAN)
    loaded = load(tmp_path / "m", CPU, dtype)
    assert not changed(stored, loaded)
    model = loaded.model
    assert model.dtype == dtype
    assert not model.training
    shared = model.model.shared.weight
    tied = (model.lm_head.weight, model.model.encoder.embed_tokens.weight, model.model.decoder.embed_tokens.weight)
    assert all(weight.data_ptr() == shared.data_ptr() for weight in tied)


def test_marian_positions_are_the_sinusoids_of_vaswani_et_al(tmp_path: Path) -> None:
    marian(tmp_path / "m", TINY_MARIAN)
    table = load(tmp_path / "m", CPU, torch.float32).model.model.encoder.embed_positions.weight
    half = TINY_MARIAN["d_model"] // 2
    angles = torch.arange(64)[:, None] / 10000 ** (torch.arange(half) / half)
    torch.testing.assert_close(table, torch.cat([angles.sin(), angles.cos()], 1))


def test_a_marian_lm_head_that_was_never_trained_gives_way_to_the_shared_embedding(tmp_path: Path) -> None:
    stored = marian(tmp_path / "m", TINY_MARIAN)
    good = load(tmp_path / "m", CPU, torch.float32)
    rewrite(tmp_path / "m", {"lm_head.weight": torch.randn_like(stored["model.shared.weight"])})
    bad = load(tmp_path / "m", CPU, torch.float32)
    assert torch.equal(bad.model.lm_head.weight, stored["model.shared.weight"].float())
    assert written(bad, "the minister said") == written(good, "the minister said")


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_an_mt5_lm_head_of_its_own_stays_its_own(tmp_path: Path, dtype: torch.dtype) -> None:
    stored = mt5(tmp_path / "t", TINY_MT5, own_head=True)
    loaded = load(tmp_path / "t", CPU, dtype)
    assert not changed(stored, loaded)
    model = loaded.model
    assert model.lm_head.weight.data_ptr() != model.shared.weight.data_ptr()
    assert model.encoder.embed_tokens.weight.data_ptr() == model.shared.weight.data_ptr()
    assert model.decoder.embed_tokens.weight.data_ptr() == model.shared.weight.data_ptr()


def test_an_mt5_without_an_lm_head_ties_it(tmp_path: Path) -> None:
    stored = mt5(tmp_path / "t", TINY_MT5, own_head=False)
    loaded = load(tmp_path / "t", CPU, torch.float32)
    assert not changed(stored, loaded)
    assert loaded.model.lm_head.weight.data_ptr() == loaded.model.shared.weight.data_ptr()


def test_shards_load_like_one_file(tmp_path: Path) -> None:
    folder = tmp_path / "t"
    stored = mt5(folder, TINY_MT5)
    (folder / "model.safetensors").unlink()
    names = sorted(stored)
    weight_map: dict[str, str] = {}
    for number, part in enumerate((names[::2], names[1::2]), start=1):
        shard = f"model-0000{number}-of-00002.safetensors"
        save_file({name: stored[name] for name in part}, folder / shard, metadata={"format": "pt"})
        weight_map |= dict.fromkeys(part, shard)
    (folder / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": weight_map}))
    assert not changed(stored, load(folder, CPU, torch.float32))


def test_the_info_says_where_the_model_comes_from(tmp_path: Path) -> None:
    entry = CATALOG.translator("ar", "en")
    folder = tmp_path / entry.folder
    stored = marian(folder, TINY_MARIAN)
    names = [path.name for path in folder.iterdir()]
    seal(folder, names, repo=entry.repo, revision="a" * 40, licence=entry.licence)
    info = load(folder, CPU, torch.bfloat16, entry).info
    positions = 2 * 64 * TINY_MARIAN["d_model"]  # computed, not stored
    parameters = sum(t.numel() for n, t in stored.items() if n != "final_logits_bias") + positions
    assert (info.repo, info.revision, info.licence, info.sample) == (entry.repo, "a" * 40, "CC-BY-4.0", False)
    assert (info.family, info.dtype, info.device) == ("marian", "bfloat16", "cpu")
    assert (info.parameters, info.bytes) == (parameters, 2 * parameters)


@pytest.mark.parametrize("make", [lambda f: marian(f, TINY_MARIAN), lambda f: mt5(f, TINY_MT5)], ids=["marian", "mt5"])
def test_both_engines_are_told_the_same(tmp_path: Path, make: Any) -> None:
    make(tmp_path / "x")
    module, weights = load(tmp_path / "x", CPU, torch.float32), load_weights(tmp_path / "x", "float32", CPU)
    assert weights.defaults == module.defaults
    assert weights.tokenizer.limit == module.tokenizer.limit
    said = [replace(loaded.info, parameters=0, bytes=0) for loaded in (module, weights)]
    assert said[0] == said[1]


def test_the_info_of_weights_counts_what_they_hold(tmp_path: Path) -> None:
    stored = mt5(tmp_path / "t", TINY_MT5, own_head=False)
    embedding = stored["shared.weight"].numel()
    parameters = sum(tensor.numel() for tensor in stored.values())
    vectors = sum(tensor.numel() for name, tensor in stored.items() if tensor.dim() == 1 or "bias" in name)
    info = {form: load_weights(tmp_path / "t", form, CPU).info for form in FORMATS}
    assert [info[form].dtype for form in FORMATS] == list(FORMATS)
    assert (info["float32"].parameters, info["float32"].bytes) == (parameters, 4 * parameters)
    assert info["bfloat16"].bytes == 2 * (parameters - vectors) + 4 * vectors
    assert info["int8"].parameters == parameters + embedding  # the output is no longer one with it


def test_weights_of_another_family_or_with_a_fault_are_refused(tmp_path: Path) -> None:
    stored = mt5(tmp_path / "t", TINY_MT5)
    with pytest.raises(WeightsCorrupt, match="of the family 'mt5', not marian"):
        load_weights(tmp_path / "t", "float32", CPU, CATALOG.get("ar-en"))
    rewrite(tmp_path / "t", {"stranger": torch.zeros(3)})
    with pytest.raises(WeightsCorrupt, match="no use for 1 tensors, such as stranger"):
        load_weights(tmp_path / "t", "float32", CPU)
    rewrite(tmp_path / "t", stored, drop="stranger")
    seal(tmp_path / "t", ["model.safetensors"], repo="o/n", revision="a" * 40, licence="MIT")
    rewrite(tmp_path / "t", {"shared.weight": stored["shared.weight"] + 1})
    with pytest.raises(WeightsCorrupt, match=r"model\.safetensors of o/n differs"):
        load_weights(tmp_path / "t", "float32", CPU)


def test_a_checkpoint_of_ones_own_has_no_revision_and_no_known_licence(tmp_path: Path) -> None:
    mt5(tmp_path / "mine", TINY_MT5)
    info = load(tmp_path / "mine", CPU, torch.float32).info
    assert (info.repo, info.revision, info.licence, info.sample) == ("mine", None, "unknown", False)


def test_a_sample_model_says_that_it_is_one(tmp_path: Path) -> None:
    marian(tmp_path / "translator", TINY_MARIAN)
    assert load(tmp_path / "translator", CPU, torch.float32, CATALOG.get("sample-translator")).info.sample


def test_the_limit_is_the_smaller_of_catalogue_and_checkpoint(tmp_path: Path) -> None:
    marian(tmp_path / "m", TINY_MARIAN)
    mt5(tmp_path / "t", TINY_MT5)
    assert load(tmp_path / "m", CPU, torch.float32, CATALOG.get("ar-en")).tokenizer.limit == 64
    assert load(tmp_path / "t", CPU, torch.float32, CATALOG.get("xlsum")).tokenizer.limit == 512


def test_a_file_that_differs_from_its_lock_is_not_loaded(tmp_path: Path) -> None:
    folder = tmp_path / "m"
    marian(folder, TINY_MARIAN)
    seal(folder, [path.name for path in folder.iterdir()], repo="o/n", revision="a" * 40, licence="MIT")
    weights = folder / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-3] ^= 0x40
    weights.write_bytes(content)
    with pytest.raises(WeightsCorrupt, match=r"model\.safetensors of o/n differs"):
        load(folder, CPU, torch.float32)


@pytest.mark.parametrize("make", [lambda f: marian(f, TINY_MARIAN), lambda f: mt5(f, TINY_MT5)])
def test_a_missing_a_useless_and_a_misshapen_tensor_are_found(tmp_path: Path, make: Any) -> None:
    folder = tmp_path / "x"
    stored = make(folder)
    victim = next(name for name in stored if name.endswith("layer_norm.weight"))
    rewrite(folder, drop=victim)
    with pytest.raises(WeightsCorrupt, match=rf"lacks 1 tensors, such as {victim}"):
        load(folder, CPU, torch.float32)
    rewrite(folder, {victim: stored[victim], "stranger": torch.zeros(3)})
    with pytest.raises(WeightsCorrupt, match="no use for 1 tensors, such as stranger"):
        load(folder, CPU, torch.float32)
    rewrite(folder, {victim: torch.zeros(3)}, drop="stranger")
    with pytest.raises(WeightsCorrupt, match="cannot be read"):
        load(folder, CPU, torch.float32)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("config.json", "{"),
        ("config.json", '{"model_type": "llama"}'),
        ("config.json", "[]"),
        ("model.safetensors", "garbage"),
        ("vocab.json", "{"),
        ("vocab.json", '{"a": 1}'),
        ("source.spm", "garbage"),
    ],
)
def test_a_damaged_file_without_a_lock_is_found_too(tmp_path: Path, name: str, content: str) -> None:
    marian(tmp_path / "m", TINY_MARIAN)
    (tmp_path / "m" / name).write_text(content)
    with pytest.raises(WeightsCorrupt):
        load(tmp_path / "m", CPU, torch.float32)


def test_a_checkpoint_of_another_family_than_the_catalogue_says_is_refused(tmp_path: Path) -> None:
    mt5(tmp_path / "t", TINY_MT5)
    with pytest.raises(WeightsCorrupt, match="of the family 'mt5', not marian"):
        load(tmp_path / "t", CPU, torch.float32, CATALOG.get("ar-en"))


def test_an_early_stopping_that_the_search_lacks_is_refused_for_both_engines(tmp_path: Path) -> None:
    marian(tmp_path / "m", TINY_MARIAN)
    path = tmp_path / "m" / "generation_config.json"
    said = json.loads(path.read_text(encoding="utf-8")) | {"early_stopping": "never", "num_beams": 2}
    path.write_text(json.dumps(said), encoding="utf-8")
    with pytest.raises(WeightsCorrupt, match="lacks: early stopping 'never'"):
        load(tmp_path / "m", CPU, torch.float32)
    with pytest.raises(WeightsCorrupt, match="lacks: early stopping 'never'"):
        load_weights(tmp_path / "m", "float32", CPU)


def test_a_vocabulary_without_the_target_token_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "m"
    marian(folder, TINY_MARIAN)
    assert load(folder, CPU, torch.float32, CATALOG.get("en-ar"))
    vocab = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))
    vocab[">>heb<<"] = vocab.pop(">>ara<<")
    (folder / "vocab.json").write_text(json.dumps(vocab), encoding="utf-8")
    with pytest.raises(WeightsCorrupt, match=">>ara<<"):
        load(folder, CPU, torch.float32, CATALOG.get("en-ar"))


def test_loading_opens_no_connection_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("loading tried to open a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    marian(tmp_path / "m", TINY_MARIAN)
    mt5(tmp_path / "t", TINY_MT5)
    capfd.readouterr()
    load(tmp_path / "m", CPU, torch.float32)
    load(tmp_path / "t", CPU, torch.float32)
    load_weights(tmp_path / "t", "int8", CPU)
    assert capfd.readouterr() == ("", "")


@pytest.mark.slow
def test_a_marian_of_the_exact_shape_of_opus_mt_ar_en_loads_and_translates(tmp_path: Path) -> None:
    entry = CATALOG.get("ar-en-small")
    stored = marian(tmp_path / "m", OPUS_MT_AR_EN)
    loaded = load(tmp_path / "m", CPU, torch.bfloat16, entry)
    assert not changed(stored, loaded)
    assert loaded.model.get_output_embeddings().weight.shape == (62834, 512)
    assert isinstance(written(loaded, "أعلن الوزير أمس أن المدرسة ستفتح قريبا"), str)


@pytest.mark.slow
def test_an_mt5_of_the_exact_shape_of_xl_sum_loads_and_summarizes(tmp_path: Path) -> None:
    entry = CATALOG.get("xlsum")
    stored = mt5(tmp_path / "t", XLSUM)
    loaded = load(tmp_path / "t", CPU, torch.bfloat16, entry)
    assert not changed(stored, loaded)
    assert loaded.model.lm_head.weight.shape == (250112, 768)
    assert loaded.model.lm_head.weight.data_ptr() != loaded.model.shared.weight.data_ptr()
    assert isinstance(written(loaded, "أعلن الوزير أمس أن المدرسة ستفتح قريبا", no_repeat_ngram_size=2), str)


def test_models_that_load_at_the_same_time_are_all_tied(tmp_path: Path) -> None:
    for number in range(4):
        mt5(tmp_path / str(number), TINY_MT5, number)
    with ThreadPoolExecutor(8) as pool:
        loaded = list(pool.map(lambda number: load(tmp_path / str(number % 4), CPU, torch.float32), range(24)))
    for made in loaded:
        assert made.model.encoder.embed_tokens.weight.data_ptr() == made.model.shared.weight.data_ptr()
