"""What a decoder step attends to, and how: the sources, and what has been written, shared by the beams of a slot."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

_FEW_KEYS = 64  # measured with 4 beams: up to here the keys may stand on the right


@dataclass(frozen=True, slots=True)
class Pages:
    """The past of `n` slots with `beams` rows each, in `count` blocks of `size` entries, each of which is one slot's.

    `layers`: keys and values of each layer, (2, count or more, heads, size, head width), dense. This step's are written to the
    entries `places`, (2 * n * heads * beams,), all entries of a layer being counted through. `owners`: each block's slot.
    `allowed`, (count * heads, beams, size), is added to the scores: it tells each beam which entries are its own past. `scores`,
    (n * heads * beams + 1, most * size), rules everything out that no block has; `rows`, (count * heads * beams,), is where a
    block's scores belong in it, counted in rows of `size`. `shares`, (n, count), is 1 where a block is the slot's.
    """

    layers: Sequence[Tensor]
    places: Tensor
    owners: Tensor
    allowed: Tensor
    rows: Tensor
    scores: Tensor
    shares: Tensor


@dataclass(frozen=True, slots=True)
class View:
    """What a decoder step needs of the rows that belong together: `slots` slots with `beams` rows each.

    `sources`: keys and values of each layer, (2, slots or more, heads, S, head width), dense. `source_mask`,
    (slots * heads, beams, S), is added to the scores; None stands for sources without padding.
    """

    slots: int
    beams: int
    past: Pages
    sources: Sequence[Tensor]
    source_mask: Tensor | None


def attend(q: Tensor, sources: Tensor, mask: Tensor | None) -> Tensor:
    """q: (n, heads, beams, head width) over keys and values (2, n, heads, S, head width), to (n * beams, heads * head width).

    oneDNN rearranges a product's right factor for the matrix unit. With many keys, that had better be the queries.
    """
    n, heads, beams, width = q.shape
    q, keys, values = q.reshape(n * heads, beams, width), sources[0].flatten(0, 1), sources[1].flatten(0, 1)
    if mask is None:
        scores = (keys @ q.mT).mT.contiguous()  # (n * heads, beams, S)
    elif keys.shape[1] <= _FEW_KEYS:
        scores = torch.baddbmm(mask, q, keys.mT)
    else:
        scores = (keys @ q.mT).mT.contiguous().add_(mask)
    y = torch.softmax(scores, -1) @ values
    return y.view(n, heads, beams, width).transpose(1, 2).reshape(n * beams, heads * width)


def attend_in_blocks(q: Tensor, past: Tensor, pages: Pages) -> Tensor:
    """As `attend`, over `past`: one of the layers of `pages`.

    A softmax needs a row's scores side by side: they are brought together, and its weights apart again, which is little next to
    the keys and values.
    """
    n, heads, beams, width = q.shape
    count, size = len(pages.owners), past.shape[3]
    keys, values = past[0, :count].flatten(0, 1), past[1, :count].flatten(0, 1)
    words(pages.scores.view(-1, size))[pages.rows] = words(
        torch.baddbmm(pages.allowed, q.index_select(0, pages.owners).flatten(0, 1), keys.mT)
    )
    weights = torch.softmax(pages.scores, -1).view(-1, size)
    mine = words(weights)[pages.rows].view(q.dtype).view(count * heads, beams, size)
    y = pages.shares @ (mine @ values).view(count, -1)  # each slot's sum over its blocks
    return y.view(n, heads, beams, width).transpose(1, 2).reshape(n * beams, heads * width)


def words(entries: Tensor) -> Tensor:
    """The last dimension's rows in the longest words there are: fewer of them are quicker to put in place."""
    rows = entries.view(-1, entries.shape[-1])
    return rows.view(torch.complex128) if rows.shape[1] * rows.element_size() % 16 == 0 else rows
