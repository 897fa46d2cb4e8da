"""How items reach a system: sorted batches, one setting for a batch where a system takes one only, or as room comes free."""

import pytest

from models.benchmark.feeding import (
    arriving_continuously,
    arriving_in_batches,
    batches,
    continuously,
    in_batches,
    in_shared_batches,
    shared,
)
from models.engine.protocol import Finished, Generation, Item
from models.errors import EngineFailed
from tests.support.fake_engine import FakeEngine


def item(*ids: int, low: int = 0, high: int = 9) -> Item:
    return Item(ids, Generation(min_tokens=low, max_tokens=high))


ITEMS = [item(1, 2), item(3), item(4, 5, 6), item(7, 8)]
REVERSED = [(2, 1), (3,), (6, 5, 4), (8, 7)]


def test_batches_hold_neighbours_in_length_the_longest_first() -> None:
    assert batches(ITEMS, 2) == [[2, 0], [3, 1]]
    assert batches(ITEMS, 3) == [[2, 0, 3], [1]]
    assert batches([], 3) == []


def test_forced_lengths_become_their_mean_so_that_as_much_is_written() -> None:
    forced = [item(1, low=length, high=length) for length in (4, 8, 9)]
    assert shared(forced) == Generation(min_tokens=7, max_tokens=7)


def test_bounds_become_the_highest_of_them() -> None:
    assert shared([item(1, high=4), item(1, high=8)]) == Generation(max_tokens=8)


def test_outputs_come_in_the_order_of_the_items_however_they_are_fed() -> None:
    assert in_batches(FakeEngine(steps=2), ITEMS, 2) == REVERSED
    assert in_shared_batches(FakeEngine(), ITEMS, 3) == REVERSED
    assert continuously(FakeEngine(capacity=4, steps=2), ITEMS) == REVERSED
    assert arriving_in_batches(FakeEngine(steps=2), ITEMS, 2, 3) == REVERSED
    assert arriving_continuously(FakeEngine(capacity=4, steps=2), ITEMS, 3) == REVERSED


def test_a_batch_is_decoded_to_its_end_before_the_next_one_enters() -> None:
    engine = FakeEngine(steps=3)
    in_batches(engine, ITEMS, 2)
    assert engine.admissions == [[(4, 5, 6), (1, 2)], [(7, 8), (3,)]]


def test_a_batch_of_what_arrives_is_the_oldest_and_its_nearest_in_length_among_what_waits() -> None:
    engine = FakeEngine(steps=3)
    arriving_in_batches(engine, ITEMS, 2, 3)  # the fourth, a neighbour of the first, comes too late for it
    assert engine.admissions == [[(1, 2), (3,)], [(4, 5, 6), (7, 8)]]


def test_no_more_than_is_present_is_handed_to_the_scheduler() -> None:
    engine, most = FakeEngine(capacity=100, steps=2), list[int]()
    engine.fail = lambda admitted: most.append(len(engine.admitted))
    arriving_continuously(engine, [*ITEMS, *ITEMS], 3)
    assert max(most) <= 3


def test_every_item_of_a_shared_batch_has_the_same_settings() -> None:
    engine = FakeEngine()
    seen: list[Generation] = []

    def look(admitted: object) -> None:
        seen.extend(entry.settings for entry in engine.admitted)

    engine.fail = look
    in_shared_batches(engine, [item(1, low=2, high=2), item(1, low=4, high=4)], 2)
    assert seen == [Generation(min_tokens=3, max_tokens=3)] * 2


def test_an_item_that_fails_is_no_measurement() -> None:
    engine = FakeEngine()
    engine.script.append(lambda admitted: [Finished(entry, error=EngineFailed("no")) for entry in admitted])
    with pytest.raises(EngineFailed):
        in_batches(engine, ITEMS[:1], 1)
