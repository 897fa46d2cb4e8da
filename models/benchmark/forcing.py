"""Teacher forcing: the logits at every position of a target that is given, not decoded; from Mujaz and from transformers.

Mujaz goes through the network, the pools and the number formats that it serves with, step by step: after each step the search is
told that the given id is the only one possible.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import torch
from torch import Tensor

from models import device as devices
from models.engine.checkpoint import read
from models.engine.formats import convert
from models.engine.mujaz import MujazEngine
from models.engine.pool import Pool, encode
from models.engine.protocol import Generation, Item
from models.engine.weights import Format
from models.errors import EngineFailed
from models.load import load

_CAPACITY = 1  # tokens: nothing is admitted to the engine itself


@dataclass(frozen=True, slots=True)
class Pair:
    """Source and target ids, each with its end symbol; the start symbol is the checkpoint's."""

    source: tuple[int, ...]
    target: tuple[int, ...]


Forced = Callable[[Sequence[Pair]], list[Tensor]]
"""The logits of a batch of pairs: (target positions, vocabulary) of each, float32, on the CPU."""


def mujaz(folder: Path, form: str, device: torch.device) -> Forced:
    """Mujaz's engine with the checkpoint in `folder`, its matrices in `form`.

    Raises `EngineFailed` for a target whose ids the search does not write, such as padding or an end symbol before the end.
    """
    known: Format = next(known for known in get_args(Format) if known == form)
    weights = convert(read(folder), known)
    engine = MujazEngine(weights, device, devices.compute_dtype(known, device), _CAPACITY)
    return lambda batch: _stepwise(engine, weights.search.pad, batch)


@torch.inference_mode()
def _stepwise(engine: MujazEngine, pad: int, batch: Sequence[Pair]) -> list[Tensor]:
    network, rules = engine._network, engine._rules
    items = [Item(pair.source, Generation(beams=1, max_tokens=len(pair.target) + 1)) for pair in batch]
    pool = Pool(network, rules, 1, engine._pace)
    pool.add(encode(network, items, pad))  # into the first slots, in this order
    found: list[list[Tensor]] = [[] for _ in batch]
    for at in range(max(len(pair.target) for pair in batch)):
        view = pool.view()
        ids, positions = pool.last(view.slots)
        logits = network.step(ids, positions, [view])
        only = torch.full_like(logits, -torch.inf)
        for slot, pair in enumerate(batch):
            if at < len(pair.target):
                if int(ids[slot]) != (pair.target[at - 1] if at else rules.start):
                    raise EngineFailed("A target holds an id that the engine does not write there.")
                found[slot].append(logits[slot].float().cpu())
                only[slot, pair.target[at]] = 0.0
        pool.advance(only, look=True)
    return [torch.stack(rows) for rows in found]


def transformers(folder: Path, form: str, device: torch.device) -> Forced:
    """The model of transformers with the checkpoint in `folder`, all of it in `form` ("float32" or "bfloat16")."""
    model = load(folder, device, devices.DTYPES[form]).model
    return lambda batch: _at_once(model, batch)


@torch.inference_mode()
def _at_once(model: Any, batch: Sequence[Pair]) -> list[Tensor]:
    config = model.generation_config
    sources, mask = _padded([pair.source for pair in batch], config.pad_token_id)
    targets, _ = _padded([(config.decoder_start_token_id, *pair.target[:-1]) for pair in batch], config.pad_token_id)
    given = {"input_ids": sources, "attention_mask": mask, "decoder_input_ids": targets}
    logits = model(**{name: tensor.to(model.device) for name, tensor in given.items()}, use_cache=False).logits
    return [logits[row, : len(pair.target)].float().cpu() for row, pair in enumerate(batch)]


def _padded(rows: Sequence[Sequence[int]], pad: int) -> tuple[Tensor, Tensor]:
    """The ids, padded at the end, and the mask that tells them from the padding: (rows, longest) each."""
    longest = max(map(len, rows))
    ids = torch.tensor([[*row, *[pad] * (longest - len(row))] for row in rows])
    return ids, (torch.arange(longest) < torch.tensor([len(row) for row in rows])[:, None]).long()
