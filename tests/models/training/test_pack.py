"""Packed checkpoints: half the size, sealed, and still the same model."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from models.errors import WeightsCorrupt
from models.load import load
from models.training.data import Corpus
from models.training.pack import pack
from models.training.translator import Translation
from models.weights import check
from tests.support.corpus import tiny_translator

CPU = torch.device("cpu")


@pytest.fixture
def checkpoint(corpus: Corpus, marian_folder: Path, tmp_path: Path) -> Path:
    task = Translation(corpus, marian_folder)
    torch.manual_seed(0)
    task.save(tiny_translator(len(task.target)), tmp_path / "checkpoint")
    return tmp_path / "checkpoint"


def packed(checkpoint: Path) -> Path:
    pack(checkpoint, checkpoint.parent / "packed", repo="mujaz/tiny", licence="Apache-2.0")
    return checkpoint.parent / "packed"


def test_weights_are_float16_and_every_file_is_locked(checkpoint: Path) -> None:
    folder = packed(checkpoint)
    tensors = load_file(folder / "model.safetensors")
    assert {tensor.dtype for tensor in tensors.values()} == {torch.float16}
    assert tensors.keys() == load_file(checkpoint / "model.safetensors").keys()
    lock = check(folder)
    assert lock is not None
    assert {*lock.files, "mujaz.lock.json"} == {path.name for path in folder.iterdir()}
    assert len({path.stat().st_mode for path in folder.iterdir()}) == 1
    assert (lock.repo, lock.licence) == ("mujaz/tiny", "Apache-2.0")


def test_the_revision_names_the_weights(checkpoint: Path) -> None:
    lock = check(packed(checkpoint))
    assert lock is not None
    assert lock.revision == lock.files["model.safetensors"].sha256[:12]
    assert check(packed(checkpoint)) == lock


def test_the_size_is_that_of_the_locked_files(checkpoint: Path) -> None:
    folder = checkpoint.parent / "packed"
    size = pack(checkpoint, folder, repo="mujaz/tiny", licence="Apache-2.0")
    assert size == sum(path.stat().st_size for path in folder.iterdir() if path.name != "mujaz.lock.json")


def test_the_packed_model_answers_as_the_checkpoint_does(checkpoint: Path) -> None:
    before, after = (load(folder, CPU, torch.float32) for folder in (checkpoint, packed(checkpoint)))
    ids = torch.tensor([before.tokenizer.encode("أعلن الوزير")])
    assert after.info.repo == "mujaz/tiny"
    torch.testing.assert_close(
        after.model(input_ids=ids, labels=ids).logits, before.model(input_ids=ids, labels=ids).logits, atol=1e-2, rtol=0
    )


def test_a_changed_file_is_found(checkpoint: Path) -> None:
    folder = packed(checkpoint)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps(config | {"dropout": 0.9}), encoding="utf-8")
    with pytest.raises(WeightsCorrupt, match=r"config\.json of mujaz/tiny"):
        check(folder)


def test_weights_that_float16_cannot_hold_are_refused(checkpoint: Path) -> None:
    tensors = load_file(checkpoint / "model.safetensors")
    tensors["model.shared.weight"][0, 0] = 1e6
    save_file(tensors, checkpoint / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ValueError, match="beyond what float16 can hold"):
        packed(checkpoint)
    assert not (checkpoint.parent / "packed").exists()


def test_a_folder_without_weights_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        pack(tmp_path, tmp_path / "packed", repo="mujaz/tiny", licence="Apache-2.0")
