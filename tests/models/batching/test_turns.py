"""Turns: readers go first, and bulk work has its share of the compute thread's seconds. Durations are given, none is measured."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.batching.packing import BULK_SHARE, Lane
from models.batching.turns import Turns

BOTH: set[Lane] = {"interactive", "bulk"}
seconds = st.floats(1e-4, 1.0)


def take(turns: Turns, lengths: dict[Lane, float], count: int) -> list[Lane]:
    """The lanes of `count` turns while both have work; a lane's turn takes as long as `lengths` says."""
    taken: list[Lane] = []
    for _ in range(count):
        lane = turns.next(BOTH)
        turns.took(lane, lengths[lane])
        taken.append(lane)
    return taken


@pytest.mark.parametrize("lane", ["interactive", "bulk"])
def test_alone_a_lane_has_every_turn(lane: Lane) -> None:
    turns = Turns()
    for _ in range(5):
        assert turns.next({lane}) == lane
        turns.took(lane, 1.0)


def test_interactive_goes_first() -> None:
    assert Turns().next(BOTH) == "interactive"


def test_a_reader_who_needs_little_is_not_interrupted() -> None:
    turns = Turns()
    turns.next({"bulk"})
    turns.took("bulk", 1.0)  # what one turn of bulk costs now
    earned_only_after = BULK_SHARE - 1
    assert take(turns, {"interactive": 0.5, "bulk": 1.0}, 2 * earned_only_after) == ["interactive"] * 6


def test_what_bulk_did_alone_is_not_held_against_it_nor_saved_up_for_it() -> None:
    turns = Turns()
    take(turns, {"interactive": 1.0, "bulk": 1.0}, 3)  # bulk has earned most of a turn
    turns.next({"interactive"})
    turns.took("interactive", 100.0)
    assert turns.next(BOTH) == "interactive"
    turns.next({"bulk"})
    turns.took("bulk", 1.0)
    assert "bulk" in take(turns, {"interactive": 1.0, "bulk": 1.0}, BULK_SHARE + 1)


@given(st.lists(seconds, min_size=1, max_size=20), st.lists(seconds, min_size=1, max_size=20))
def test_while_both_have_work_bulk_has_its_share_of_the_seconds(readers: list[float], bulk: list[float]) -> None:
    turns, lengths = Turns(), {"interactive": itertools.cycle(readers), "bulk": itertools.cycle(bulk)}
    spent = {"interactive": 0.0, "bulk": 0.0}
    for _ in range(3000):
        lane = turns.next(BOTH)
        length = next(lengths[lane])
        turns.took(lane, length)
        spent[lane] += length
    owed = spent["interactive"] / (BULK_SHARE - 1)
    dearest = max(bulk) + max(readers)  # what may be earned and not yet spent, or spent on a turn dearer than the last
    assert owed - dearest - 1e-6 <= spent["bulk"] <= owed + dearest + 1e-6
