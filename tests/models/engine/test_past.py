"""What has been written: each beam sees its own past and nothing else, however slots come, go and move."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from models.engine.attention import Pages, attend_in_blocks
from models.engine.checkpoint import read
from models.engine.network import Network, Precision
from models.engine.pace import Pace
from models.engine.past import Past
from tests.support.engines import CPU

Written = list[list[list[int]]]
"""For each slot and beam the numbers of the entries it has written, in order."""


@pytest.fixture(scope="module")
def network(checkpoint: Callable[[str], Path]) -> Network:
    return Network(read(checkpoint("marian")), CPU, Precision(torch.float64, torch.float64))


class Slots:
    """Slots that write numbers in place of keys and values, beside a record of who has written what."""

    def __init__(self, network: Network, beams: int, draw: random.Random) -> None:
        self.past, self.beams, self.draw, self.next = Past(network, beams, Pace()), beams, draw, 1
        self.written: Written = []

    def come_and_go(self, most: int) -> None:
        """End some slots, let the last ones take their places, and begin others, as `Pool` does."""
        for slot in reversed(range(len(self.written))):
            if self.draw.random() < 0.05:
                last = self.written.pop()
                if slot < len(self.written):
                    self.past.move(len(self.written), slot)
                    self.written[slot] = last
        while len(self.written) < most and (not self.written or self.draw.random() < 0.3):
            self.past.clear(len(self.written))
            self.written.append([[] for _ in range(self.beams)])

    def write(self, view: int) -> Pages:
        """One entry for each beam of the first `view` slots; those beyond the ones in use write 0."""
        positions = [len(slot[0]) for slot in self.written] + [0] * view
        pages = self.past.pages(view, len(self.written), torch.tensor(positions[:view]))
        numbers = torch.zeros(view, self.beams)
        for slot, beams in enumerate(self.written):
            for beam, entries in enumerate(beams):
                entries.append(self.next)
                numbers[slot, beam] = self.next
                self.next += 1
        layer = pages.layers[0]
        heads, width = layer.shape[2], layer.shape[4]
        entries = numbers[None, :, None, :, None].expand(2, -1, heads, -1, width)
        layer.view(-1, width)[pages.places] = entries.reshape(-1, width).to(layer.dtype)
        return pages

    def go_on(self) -> None:
        """Let each beam go on from one drawn at random."""
        parents = torch.tensor([[self.draw.randrange(self.beams) for _ in slot] for slot in self.written])
        self.past.reorder(parents)
        self.written = [
            [list(slot[parent]) for parent in row] for slot, row in zip(self.written, parents.tolist(), strict=True)
        ]


def seen(pages: Pages, slot: int, beam: int) -> list[int]:
    """The numbers that a beam may look at, sorted."""
    count = len(pages.owners)
    blocks = pages.shares[slot].nonzero()[:, 0]
    assert pages.owners[blocks].eq(slot).all()
    numbers = pages.layers[0][0, :count, 0, :, 0]
    heads = pages.layers[0].shape[2]
    own = pages.allowed.view(count, heads, -1, numbers.shape[1])[:, 0, beam] == 0
    return sorted(int(number) for block in blocks for number in numbers[block][own[block]])


@pytest.mark.parametrize("beams", [1, 2, 4, 40])
@pytest.mark.parametrize("seed", range(3))
def test_each_beam_sees_what_it_has_written(network: Network, beams: int, seed: int) -> None:
    slots = Slots(network, beams, random.Random(seed))
    for _ in range(60):
        slots.come_and_go(6)
        pages = slots.write(len(slots.written) + seed)  # some slots are not in use
        for slot, of_beams in enumerate(slots.written):
            for beam, entries in enumerate(of_beams):
                assert seen(pages, slot, beam) == entries
        slots.go_on()


def test_entries_of_nobodys_past_are_written_over(network: Network) -> None:
    """All beams go on from the first one: of each step's four entries one lasts."""
    past = Past(network, 4, Pace())
    for step in range(28):
        pages = past.pages(1, 1, torch.tensor([step]))
        past.reorder(torch.zeros(1, 4, dtype=torch.long))
    assert pages.shares.sum() == 1  # 28 and 3 fit into one block of 32


def test_blocks_are_handed_back(network: Network) -> None:
    past = Past(network, 4, Pace())
    for step in range(100):
        pages = past.pages(1, 1, torch.tensor([step]))
    before = len(pages.layers[0][0])
    for _ in range(20):
        past.clear(0)
        for step in range(100):
            pages = past.pages(1, 1, torch.tensor([step]))
    assert len(pages.layers[0][0]) == before


def test_attention_in_blocks_is_attention_over_each_beams_own_past(network: Network) -> None:
    slots = Slots(network, 3, random.Random(7))
    for _ in range(50):
        slots.come_and_go(5)
        pages = slots.write(len(slots.written) + 1)
        slots.go_on()
    slots.come_and_go(5)
    pages = slots.write(len(slots.written) + 1)
    layer = pages.layers[0]
    layer.copy_(torch.randn(layer.shape, dtype=layer.dtype))
    heads, width, size = layer.shape[2], layer.shape[4], layer.shape[3]
    q = torch.randn(len(slots.written) + 1, heads, 3, width, dtype=layer.dtype)
    got = attend_in_blocks(q, layer, pages).view(-1, 3, heads, width)
    allowed = pages.allowed.view(-1, heads, 3, size)
    for slot in range(len(slots.written)):
        for beam in range(3):
            own = [
                (block, entry)
                for block in pages.shares[slot].nonzero()[:, 0].tolist()
                for entry in (allowed[block, 0, beam] == 0).nonzero()[:, 0].tolist()
            ]
            keys, values = (torch.stack([half[block, :, entry] for block, entry in own], 1) for half in layer)
            weights = torch.softmax(torch.einsum("hw,hew->he", q[slot, :, beam], keys), -1)
            torch.testing.assert_close(got[slot, beam], torch.einsum("he,hew->hw", weights, values))
