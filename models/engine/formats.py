"""Weights in another format, and with fewer output rows: what is done once, when a checkpoint is prepared."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import torch
from torch import Tensor

from models.engine.weights import Format, Weights

MATRICES = frozenset({"qkv", "out", "query", "kv", "cross", "up", "down", "output"})
"""The tensors that inputs are multiplied with, by the last part of their name."""

_TABLES = frozenset({"embedding", "decoder_embedding"})


def convert(weights: Weights, form: Format) -> Weights:
    """The weights with their matrices in `form`; biases and norms stay float32.

    int8 is symmetric and per output: row `i` is `scale[i]` times numbers of -127 to 127. Embeddings, which are looked up and
    not multiplied, become bfloat16 with int8 as well.
    """
    tensors: dict[str, Tensor] = {}
    done: dict[int, Tensor] = {}  # what is one tensor under two names stays one
    for name, tensor in weights.tensors.items():
        kind = name.rsplit(".", 1)[-1]
        if form == "float32" or kind not in MATRICES | _TABLES:
            tensors[name] = tensor
        elif form == "int8" and kind in MATRICES:
            tensors[name], tensors[f"{name}.scale"] = quantize(tensor)
        else:
            tensors[name] = done.setdefault(id(tensor), tensor.bfloat16())
    return replace(weights, format=form, tensors=tensors)


def quantize(matrix: Tensor) -> tuple[Tensor, Tensor]:
    """(outputs, inputs) floats as int8 and one float32 scale for each output."""
    scale = matrix.abs().amax(1).clamp(min=torch.finfo(torch.float32).tiny) / 127
    return (matrix / scale[:, None]).round_().to(torch.int8), scale


def restrict(weights: Weights, keep: Sequence[int]) -> Weights:
    """The weights with the output rows of the ids in `keep` alone, and the ids themselves as `output.ids`.

    Raises `ValueError` for ids that do not exist and where one of the checkpoint's own symbols is missing.
    """
    size = weights.shape.vocabulary
    kept = sorted(set(keep))
    if not kept or kept[0] < 0 or kept[-1] >= size:
        raise ValueError(f"The vocabulary has the ids 0 to {size - 1}.")
    if missing := weights.search.symbols - set(kept):
        raise ValueError(f"The ids {sorted(missing)} are the checkpoint's own symbols and have to be kept.")
    ids = torch.tensor(kept)
    tensors: Mapping[str, Tensor] = weights.tensors
    rows = {name: tensors[name][ids] for name in ("output", "output.scale", "output.bias") if name in tensors}
    return replace(weights, tensors={**tensors, **rows, "output.ids": ids})
