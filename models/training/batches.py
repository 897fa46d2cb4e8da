"""Batches of a few fixed shapes.

A CPU kernel library compiles for every new shape, and a GPU graph is captured for one: so sequences are padded to one of a few
lengths, and every length has its own fixed number of rows.
"""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import torch

LENGTHS = (12, 16, 24, 32, 40, 48, 64, 80, 96, 128, 192, 256, 320, 384, 448, 512)
IGNORED = -100  # the label that the loss leaves out


@dataclass(frozen=True, slots=True)
class Example:
    """Token ids of one source and its target, both with their end symbols."""

    source: list[int]
    target: list[int]


@dataclass(frozen=True, slots=True)
class Batch:
    """`source` and `mask` (rows, source length); `target` (rows, target length), padded with IGNORED."""

    source: torch.Tensor
    mask: torch.Tensor
    target: torch.Tensor

    def to(self, device: torch.device) -> "Batch":
        return Batch(self.source.to(device), self.mask.to(device), self.target.to(device))


def bucket(length: int) -> int:
    """The smallest fixed length that holds `length` tokens; the largest for anything longer."""
    return next((size for size in LENGTHS if length <= size), LENGTHS[-1])


def batches(examples: Iterable[Example], tokens: int, pad: int, rng: random.Random) -> Iterator[Batch]:
    """Group examples by padded shape into batches of about `tokens` padded tokens on the longer side, in random order.

    A shape has at most four numbers of rows: its last, smaller batch is rounded up to a quarter of a full one, with other rows
    of that shape.
    Sequences beyond the largest length lose their tail here: training only, never serving.
    """
    shapes: dict[tuple[int, int], list[Example]] = {}
    for example in examples:
        shapes.setdefault(_shape(example), []).append(example)
    groups: list[tuple[tuple[int, int], list[Example]]] = []
    for shape, members in shapes.items():
        rng.shuffle(members)
        rows = max(1, tokens // max(shape))
        quarter = max(1, rows // 4)
        rows = min(rows, 4 * quarter)
        for start in range(0, len(members), rows):
            group = members[start : start + rows]
            groups.append((shape, group + rng.choices(members, k=-len(group) % quarter)))
    rng.shuffle(groups)
    for shape, group in groups:
        yield _pad(group, shape, pad)


def _shape(example: Example) -> tuple[int, int]:
    """(source length, target length): short pairs share one length; a long source keeps a target bucket of its own."""
    source, target = bucket(len(example.source)), bucket(len(example.target))
    if max(source, target) <= 128:
        source = target = max(source, target)
    return source, target


def _pad(group: list[Example], shape: tuple[int, int], pad: int) -> Batch:
    source = torch.full((len(group), shape[0]), pad)
    target = torch.full((len(group), shape[1]), IGNORED)
    for row, example in enumerate(group):
        ids, labels = example.source[: shape[0]], example.target[: shape[1]]
        source[row, : len(ids)] = torch.tensor(ids)
        target[row, : len(labels)] = torch.tensor(labels)
    return Batch(source, (source != pad).long(), target)
