"""Checkpoints in the Hub's format become models in memory, and are what their files say, tensor for tensor.

transformers builds and fills the modules; what it decides about tied weights is then checked against the files, because
its defaults differ from what two of our checkpoints need:
- MT5Config forces `tie_word_embeddings`, while XL-Sum's `lm_head` is its own: it must come out as stored.
- Some Marian conversions store an `lm_head` that was never trained beside the shared embedding that was (transformers
  issues 26216, 26271). Until version 4.29 tying overwrote it after loading; version 5 keeps it and writes gibberish.
"""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from transformers import MarianMTModel, MT5ForConditionalGeneration
from transformers.utils import logging

from models.catalog import Entry, Family
from models.errors import WeightsCorrupt
from models.tokenize import Tokenizer, tokenizer
from models.weights import check, tensor_files

_CLASSES: dict[str, Any] = {"marian": MarianMTModel, "mt5": MT5ForConditionalGeneration}
# transformers replaces a method of PreTrainedModel while it loads and puts back what it found: two loads that overlap leave
# weights untied for the rest of the process.
_one_at_a_time = threading.Lock()
_DEFAULT_LIMIT = 512  # mT5's relative positions set no limit of their own; it was pre-trained on 512 tokens


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What an answer says about the model it came from. `revision` is None where no lock names it."""

    repo: str
    revision: str | None
    family: Family
    licence: str
    sample: bool
    dtype: str
    device: str
    parameters: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model in evaluation mode on its device (typed `Any`: transformers' classes are not usefully typed)."""

    model: Any
    tokenizer: Tokenizer
    info: ModelInfo


def load(folder: Path, device: torch.device, dtype: torch.dtype, entry: Entry | None = None) -> Loaded:
    """Load the checkpoint in `folder`; `entry` is its row in the catalogue, None for a checkpoint of one's own.

    The files are held to their lock first, where there is one. Opens no connection and runs no code from the folder.
    Raises `WeightsCorrupt` for a file that differs from the lock or cannot be read, for a tensor that is missing or has
    no use, and for a checkpoint of a family that Mujaz does not run.
    """
    lock = check(folder)
    family = _family(folder, entry)
    model = _model(folder, family, dtype)
    if family == "marian":
        _tie_marian(model)
    _hold_to_files(model, folder, family)
    model = model.eval().requires_grad_(False).to(device)
    weights = list(model.parameters())
    info = ModelInfo(
        repo=entry.repo if entry else lock.repo if lock else folder.name,
        revision=lock.revision if lock else None,
        family=family,
        licence=entry.licence if entry else lock.licence if lock else "unknown",
        sample=entry is not None and entry.sample,
        dtype=str(dtype).removeprefix("torch."),
        device=str(device),
        parameters=sum(w.numel() for w in weights),
        bytes=sum(w.numel() * w.element_size() for w in weights),
    )
    asked = entry.limits.max_tokens if entry else _DEFAULT_LIMIT
    limit = min(asked, getattr(model.config, "max_position_embeddings", asked))
    prefixes = tuple(entry.prefix.values()) if entry else ()
    return Loaded(model, tokenizer(folder, family, limit, prefixes), info)


def _family(folder: Path, entry: Entry | None) -> Family:
    try:
        kind = json.loads((folder / "config.json").read_text(encoding="utf-8"))["model_type"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WeightsCorrupt(f"config.json in {folder.name} is missing or damaged.") from error
    if kind not in _CLASSES or (entry and kind != entry.family):
        wanted = entry.family if entry else " or ".join(_CLASSES)
        raise WeightsCorrupt(f"{folder.name} holds a checkpoint of the family {kind!r}, not {wanted}.")
    family: Family = "marian" if kind == "marian" else "mt5"
    return family


def _model(folder: Path, family: Family, dtype: torch.dtype) -> Any:
    try:
        with _one_at_a_time, _quiet():
            return _CLASSES[family].from_pretrained(
                folder, dtype=dtype, local_files_only=True, use_safetensors=True, trust_remote_code=False
            )
    except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
        raise WeightsCorrupt(f"The checkpoint in {folder.name} cannot be read: {error}") from error


def _tie_marian(model: Any) -> None:
    """Let `lm_head` and both embeddings be the shared one, as Marian trained them, whatever else the file holds."""
    if model.config.share_encoder_decoder_embeddings:
        shared = model.model.shared.weight
        model.model.encoder.embed_tokens.weight = shared
        model.model.decoder.embed_tokens.weight = shared
        model.lm_head.weight = shared


def _hold_to_files(model: Any, folder: Path, family: Family) -> None:
    """Every stored tensor is in the model and every tensor of the model is stored, or tied to one that is.

    For mT5 also: `lm_head` is the stored one. Two kinds of tensor are exempt: sinusoidal positions, which are computed,
    and those that transformers lists as leftovers of older versions.
    """
    state: dict[str, torch.Tensor] = model.state_dict()
    leftovers = [re.compile(pattern) for pattern in model._keys_to_ignore_on_load_unexpected or ()]
    stored: set[str] = set()
    for path in tensor_files(folder):
        with safe_open(path, framework="pt") as file:
            names = set(file.keys())
            if family == "mt5" and "lm_head.weight" in names:
                head = file.get_tensor("lm_head.weight").to(state["lm_head.weight"].dtype)
                if not torch.equal(head, state["lm_head.weight"]):
                    raise WeightsCorrupt(f"lm_head of {folder.name} did not come out as it is stored.")
        stored |= names
    unused = [n for n in stored - state.keys() if not any(pattern.search(n) for pattern in leftovers)]
    present = {state[name].data_ptr() for name in stored & state.keys()}
    missing = [
        name
        for name, tensor in state.items()
        if name not in stored and tensor.data_ptr() not in present and not name.endswith("embed_positions.weight")
    ]
    for fault, names_at_fault in (("has no use for", unused), ("lacks", missing)):
        if names_at_fault:
            listed = ", ".join(sorted(names_at_fault)[:3])
            raise WeightsCorrupt(f"The model in {folder.name} {fault} {len(names_at_fault)} tensors, such as {listed}.")


@contextmanager
def _quiet() -> Iterator[None]:
    """Without transformers' progress bar and its advice on tied weights, which `_hold_to_files` settles."""
    hush: Any = logging  # its functions are not typed
    verbosity = hush.get_verbosity()
    hush.set_verbosity_error()
    hush.disable_progress_bar()
    try:
        yield
    finally:
        hush.set_verbosity(verbosity)
