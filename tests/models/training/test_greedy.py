"""Greedy outputs: in the order of their sources, never longer than they may be."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from models.training import greedy as module
from models.training.greedy import greedy
from models.training.pieces import marian_pieces
from tests.support.corpus import tiny_translator


class Echo:
    """A model that repeats what it reads, and remembers how it was asked."""

    device = torch.device("cpu")

    def __init__(self) -> None:
        self.asked: list[SimpleNamespace] = []

    def generate(self, ids: torch.Tensor, **settings: Any) -> torch.Tensor:
        self.asked.append(SimpleNamespace(rows=len(ids), **settings))
        return torch.cat([torch.zeros(len(ids), 1, dtype=ids.dtype), ids], dim=1)


def test_outputs_stand_in_the_order_of_their_sources(marian_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_ROWS", 2)
    pieces, echo = marian_pieces(marian_folder)[0], Echo()
    texts = ["the minister opened the school", "today", "", "the city closed the bridge", "after"]
    assert greedy(echo, [pieces.encode(text) for text in texts], pieces, lambda length: length + 3) == texts
    assert [asked.rows for asked in echo.asked] == [2, 2, 1]
    assert all(asked.num_beams == 1 and asked.do_sample is False for asked in echo.asked)


def test_padding_is_masked_and_the_room_follows_the_longest_source(marian_folder: Path) -> None:
    pieces, echo = marian_pieces(marian_folder)[0], Echo()
    short, long = pieces.encode("today"), pieces.encode("the minister opened the school")
    greedy(echo, [long, short], pieces, lambda length: 2 * length)
    (asked,) = echo.asked
    assert sorted(asked.attention_mask.sum(dim=1).tolist()) == sorted([len(short), len(long)])
    assert asked.max_length == 2 * len(long) + 1  # with the start symbol


def test_an_untrained_model_writes_no_more_than_it_may(marian_folder: Path) -> None:
    source, target = marian_pieces(marian_folder)
    torch.manual_seed(0)
    outputs = greedy(tiny_translator(len(target)).eval(), [source.encode("الوزير")], target, lambda _: 5)
    assert len(outputs) == 1
    assert len(target.encode(outputs[0])) <= 20
