"""Weights on disk: where they are looked for, the lock beside them, and what differs from it."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from models.catalog import SAMPLE, Catalog, Entry
from models.errors import WeightsCorrupt, WeightsMissing
from models.weights import LOCK, check, find, read_lock, seal, tensor_bytes, tensor_files, verify

REVISION = "a" * 40


@pytest.fixture
def entry() -> Entry:
    return Catalog.load().translator("ar", "en")


def checkpoint(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    save_file({"a": torch.zeros(3, 4), "b": torch.zeros(5)}, folder / "model.safetensors")
    return folder


def locked(folder: Path) -> Path:
    checkpoint(folder)
    seal(folder, ["config.json", "model.safetensors"], repo="o/n", revision=REVISION, licence="MIT")
    return folder


@pytest.mark.parametrize("place", ["Helsinki-NLP--opus-mt-tc-big-ar-en", "Helsinki-NLP/opus-mt-tc-big-ar-en"])
def test_weights_are_found_as_pulled_and_as_cloned(tmp_path: Path, entry: Entry, place: str) -> None:
    folder = checkpoint(tmp_path / place)
    assert find(entry, tmp_path) == folder


def test_missing_weights_name_the_three_ways_out(tmp_path: Path, entry: Entry) -> None:
    with pytest.raises(WeightsMissing) as caught:
        find(entry, tmp_path)
    for way in ("mujaz models pull ar-en", "--models sample", "MUJAZ_MODELS"):
        assert way in str(caught.value)


def test_a_folder_without_tensors_is_not_a_checkpoint(tmp_path: Path, entry: Entry) -> None:
    (checkpoint(tmp_path / entry.folder) / "model.safetensors").unlink()
    with pytest.raises(WeightsMissing):
        find(entry, tmp_path)


def test_sample_models_lie_in_the_package(tmp_path: Path) -> None:
    sample = Catalog.load().translator("ar", "en", "sample")
    assert find(sample, checkpoint(tmp_path / "translator").parent) == tmp_path / "translator"
    assert (SAMPLE / sample.folder).parent.parent.name == "models"


def test_a_lock_reads_back_as_it_was_written(tmp_path: Path) -> None:
    folder = locked(tmp_path / "m")
    lock = read_lock(folder)
    assert lock is not None
    assert lock.revision == REVISION
    assert lock.files["config.json"].size == 2
    assert check(folder) == lock
    assert not list(folder.glob("*.part"))


def test_without_a_lock_there_is_nothing_to_hold_to(tmp_path: Path, entry: Entry) -> None:
    checkpoint(tmp_path / entry.folder)
    assert verify(entry, tmp_path) is None


def test_one_flipped_bit_is_found_and_the_file_named(tmp_path: Path, entry: Entry) -> None:
    weights = locked(tmp_path / entry.folder) / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    with pytest.raises(WeightsCorrupt, match=r"model\.safetensors of o/n differs from its lock"):
        verify(entry, tmp_path)


def test_a_locked_file_that_went_missing_is_named(tmp_path: Path) -> None:
    folder = locked(tmp_path / "m")
    (folder / "config.json").unlink()
    with pytest.raises(WeightsCorrupt, match=r"config\.json of o/n is missing"):
        check(folder)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"files": 3}', '{"files": {"a": {"size": 1}}}'])
def test_a_broken_lock_says_so(tmp_path: Path, content: str) -> None:
    folder = locked(tmp_path / "m")
    (folder / LOCK).write_text(content)
    with pytest.raises(WeightsCorrupt, match=r"mujaz\.lock\.json of m cannot be read"):
        check(folder)


def test_shards_are_found_through_their_index(tmp_path: Path, entry: Entry) -> None:
    folder = checkpoint(tmp_path / entry.folder)
    (folder / "model.safetensors").rename(folder / "model-00001-of-00002.safetensors")
    save_file({"c": torch.zeros(7)}, folder / "model-00002-of-00002.safetensors")
    weight_map = {"a": "model-00001-of-00002.safetensors", "b": "model-00001-of-00002.safetensors"}
    weight_map |= {"c": "model-00002-of-00002.safetensors"}
    index = folder / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": weight_map}))
    assert find(entry, tmp_path) == folder
    assert [path.name for path in tensor_files(folder)] == sorted(set(weight_map.values()))
    assert tensor_bytes(folder, 2) == 2 * (12 + 5 + 7)
    index.write_text(json.dumps({"weight_map": weight_map | {"d": "model-00003-of-00003.safetensors"}}))
    with pytest.raises(WeightsCorrupt, match="model-00003-of-00003"):
        tensor_files(folder)
    index.write_text(json.dumps({"weight_map": {"a": "../config.json"}}))
    with pytest.raises(WeightsCorrupt):
        tensor_files(folder)


@pytest.mark.parametrize("content", [b"", b"\xff" * 8, b"\x02\0\0\0\0\0\0\0[]", b"\x02\0\0\0\0\0\0\0{"])
def test_a_file_that_is_no_safetensors_has_no_weight(tmp_path: Path, content: bytes) -> None:
    folder = checkpoint(tmp_path / "m")
    (folder / "model.safetensors").write_bytes(content)
    with pytest.raises(WeightsCorrupt, match="not a safetensors file"):
        tensor_bytes(folder, 4)
