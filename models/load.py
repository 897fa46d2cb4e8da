"""Checkpoints in the Hub's format become models in memory, and are what their files say, tensor for tensor.

The engine of our own reads the files itself (`models.engine.checkpoint`). For the reference engine and for training transformers
builds and fills the modules; what it decides about tied weights is then checked against the files, because its defaults differ
from what two of our checkpoints need:
- MT5Config forces `tie_word_embeddings`, while XL-Sum's `lm_head` is its own: it must come out as stored.
- Some Marian conversions store an `lm_head` that was never trained beside the shared embedding that was (transformers
  issues 26216, 26271). Until version 4.29 tying overwrote it after loading; version 5 keeps it and writes gibberish.
"""

import logging
import re
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import torch
from safetensors import SafetensorError, safe_open

from models.catalog import Entry, Family
from models.engine.checkpoint import read_config, stops_early
from models.engine.weights import Format, Weights
from models.errors import WeightsCorrupt
from models.tokenize import Tokenizer, tokenizer
from models.weights import check, read_lock, tensor_files
from models.weights.prepared import converted, open_prepared

_logger = logging.getLogger(__name__)

# transformers replaces a method of PreTrainedModel while it loads and puts back what it found: two loads that overlap leave
# weights untied for the rest of the process.
_one_at_a_time = threading.Lock()
_DEFAULT_LIMIT = 512  # mT5's relative positions set no limit of their own; it was pre-trained on 512 tokens

Content = TypeVar("Content")


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What an answer says about the model it came from. `revision` is None where no lock names it.

    `dtype` is the format of the matrices; `parameters` and `bytes` count what the tensors hold in memory.
    """

    repo: str
    revision: str | None
    family: Family
    licence: str
    sample: bool
    dtype: Format
    device: str
    parameters: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Defaults:
    """What a checkpoint says of its own decoding, under transformers' names; `positions`: its longest sequence, if it has one."""

    beams: int | None
    length_penalty: float
    early_stopping: bool
    no_repeat_ngram: int
    positions: int | None


@dataclass(frozen=True, slots=True)
class Loaded(Generic[Content]):
    """A checkpoint in memory: `model` is what an engine is made of."""

    model: Content
    tokenizer: Tokenizer
    info: ModelInfo
    defaults: Defaults


def load_weights(
    folder: Path,
    form: Format,
    device: torch.device,
    entry: Entry | None = None,
    languages: Collection[str] | None = None,
) -> Loaded[Weights]:
    """Load the checkpoint in `folder` for `MujazEngine`: its prepared form, or else converted in memory, not yet on `device`.

    `entry` is its row in the catalogue, None for a checkpoint of one's own; `languages` restrict the output vocabulary as in
    `models.weights.prepared.prepare`. Writes nothing, opens no connection and runs no code from the folder.
    Raises `WeightsCorrupt` as `load` does.
    """
    weights = open_prepared(folder, form, languages)
    if weights is None:
        check(folder)
        weights = converted(folder, form, languages)
        if entry and not entry.sample:
            _logger.info("%s is not prepared; `mujaz models prepare %s` makes loading it faster", entry.id, entry.id)
    tensors = {id(tensor): tensor for name, tensor in weights.tensors.items() if not name.endswith((".scale", ".ids"))}
    search = weights.search
    defaults = Defaults(
        search.beams, search.length_penalty, search.early_stopping, search.no_repeat_ngram, weights.shape.positions
    )
    return _loaded(weights, list(tensors.values()), defaults, folder, form, device, entry)


def load(folder: Path, device: torch.device, dtype: torch.dtype, entry: Entry | None = None) -> Loaded[Any]:
    """Load the checkpoint in `folder` as a model of transformers, in evaluation mode on `device`, in float32 or bfloat16.

    `entry` is its row in the catalogue, None for a checkpoint of one's own.
    The files are held to their lock first, where there is one. Opens no connection and runs no code from the folder.
    Raises `WeightsCorrupt` for a file that differs from the lock or cannot be read, for a tensor that is missing or has
    no use, and for a checkpoint of a family or with a search that Mujaz does not run.
    """
    check(folder)
    family = _family(folder, entry)
    model = _model(folder, family, dtype)
    if family == "marian":
        _tie_marian(model)
    _hold_to_files(model, folder, family)
    model = model.eval().requires_grad_(False).to(device)
    own = model.generation_config
    defaults = Defaults(
        beams=own.num_beams,
        length_penalty=1.0 if own.length_penalty is None else own.length_penalty,
        early_stopping=stops_early(own.early_stopping, folder),
        no_repeat_ngram=own.no_repeat_ngram_size or 0,
        positions=getattr(model.config, "max_position_embeddings", None),
    )
    form: Format = "float32" if dtype == torch.float32 else "bfloat16"
    return _loaded(model, list(model.parameters()), defaults, folder, form, device, entry)


def _loaded(
    model: Content,
    tensors: list[torch.Tensor],
    defaults: Defaults,
    folder: Path,
    form: Format,
    device: torch.device,
    entry: Entry | None,
) -> Loaded[Content]:
    """What both kinds of models have in common: where they come from, how big they are, and their tokenizer."""
    lock, family = read_lock(folder), _family(folder, entry)
    info = ModelInfo(
        repo=entry.repo if entry else lock.repo if lock else folder.name,
        revision=lock.revision if lock else None,
        family=family,
        licence=entry.licence if entry else lock.licence if lock else "unknown",
        sample=entry is not None and entry.sample,
        dtype=form,
        device=str(device),
        parameters=sum(tensor.numel() for tensor in tensors),
        bytes=sum(tensor.nbytes for tensor in tensors),
    )
    asked = entry.limits.max_tokens if entry else _DEFAULT_LIMIT
    limit = min(asked, defaults.positions or asked)
    prefixes = tuple(entry.prefix.values()) if entry else ()
    return Loaded(model, tokenizer(folder, family, limit, prefixes), info, defaults)


def _family(folder: Path, entry: Entry | None) -> Family:
    return read_config(folder, [entry.family])[0] if entry else read_config(folder)[0]


def _model(folder: Path, family: Family, dtype: torch.dtype) -> Any:
    import transformers

    classes = {"marian": transformers.MarianMTModel, "mt5": transformers.MT5ForConditionalGeneration}
    made: Any = classes[family]  # not usefully typed
    try:
        with _one_at_a_time, quiet():
            return made.from_pretrained(
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
def quiet() -> Iterator[None]:
    """Without transformers' progress bar and its advice, such as that on tied weights, which `_hold_to_files` settles."""
    from transformers.utils import logging as told

    hush: Any = told  # its functions are not typed
    verbosity = hush.get_verbosity()
    hush.set_verbosity_error()
    hush.disable_progress_bar()
    try:
        yield
    finally:
        hush.set_verbosity(verbosity)
