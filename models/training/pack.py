"""A trained checkpoint made fit for shipping: weights in float16, one lock beside the files."""

import shutil
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from models.training.pieces import TOKENIZER_FILES
from models.weights import seal

_WEIGHTS = "model.safetensors"
_FILES = ("config.json", "generation_config.json", *TOKENIZER_FILES)


def pack(checkpoint: Path, folder: Path, *, repo: str, licence: str) -> int:
    """Write `checkpoint` to `folder` with float16 weights and seal it as `repo`; return the bytes of all files.

    The revision in the lock is a digest of the weights, so that an answer names the very weights that made it.
    Raises FileNotFoundError for a checkpoint without weights, and ValueError for weights that float16 cannot hold.
    """
    weights = {name: tensor.to(torch.float16) for name, tensor in load_file(checkpoint / _WEIGHTS).items()}
    if not all(tensor.isfinite().all() for tensor in weights.values()):
        raise ValueError("some weights are beyond what float16 can hold")
    folder.mkdir(parents=True, exist_ok=True)
    save_file(weights, folder / _WEIGHTS, metadata={"format": "pt"})
    (folder / _WEIGHTS).chmod(folder.stat().st_mode & 0o666)  # save_file lets nobody else read
    copied = [name for name in _FILES if (checkpoint / name).exists()]
    for name in copied:
        shutil.copyfile(checkpoint / name, folder / name)
    names = [_WEIGHTS, *copied]
    unnamed = seal(folder, names, repo=repo, revision="", licence=licence)
    seal(folder, names, repo=repo, revision=unnamed.files[_WEIGHTS].sha256[:12], licence=licence)
    return sum((folder / name).stat().st_size for name in names)
