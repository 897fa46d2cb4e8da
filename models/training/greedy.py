"""Greedy outputs for the scores that watch over training; serving has an engine of its own."""

from collections.abc import Callable, Sequence
from typing import Any

import torch

from models.training.pieces import Pieces

_ROWS = 64


@torch.inference_mode()
def greedy(model: Any, sources: Sequence[list[int]], pieces: Pieces, room: Callable[[int], int]) -> list[str]:
    """The texts that `model` writes for id lists, in order; `room` says how many tokens one may have for a source of so many."""
    order = sorted(range(len(sources)), key=lambda index: len(sources[index]))
    outputs = [""] * len(sources)
    for start in range(0, len(order), _ROWS):
        rows = order[start : start + _ROWS]
        longest = max(len(sources[row]) for row in rows)
        ids = torch.tensor(
            [sources[row] + [pieces.pad] * (longest - len(sources[row])) for row in rows], device=model.device
        )
        generated = model.generate(
            ids, attention_mask=(ids != pieces.pad).long(), num_beams=1, do_sample=False, max_length=room(longest) + 1
        )
        for row, line in zip(rows, generated.tolist(), strict=True):
            outputs[row] = pieces.decode(line)
    return outputs
