"""Packing: what is admitted fits, is alike, is fair between lanes, and leaves nobody waiting for ever."""

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from models.batching.packing import BULK_SHARE, PADDED, pack


@dataclass(frozen=True, eq=False)
class Waiting:
    cost: int
    length: int


waiting = st.builds(Waiting, cost=st.integers(1, 60), length=st.integers(1, 60))
lanes = st.lists(waiting, max_size=20)
costs = st.lists(st.builds(lambda n: Waiting(n, n), st.integers(1, 50)), min_size=1, max_size=30)


@given(lanes, lanes, st.integers(0, 200), st.integers(0, 100))
def test_a_batch_fits_when_each_item_is_padded_to_the_largest(
    interactive: list[Waiting], bulk: list[Waiting], free: int, credit: int
) -> None:
    batch, _ = pack(interactive, bulk, free, credit)
    assert len(batch) * max((w.cost for w in batch), default=0) <= free
    assert len(batch) * max((w.length for w in batch), default=0) <= PADDED * sum(w.length for w in batch)


@given(lanes, lanes, st.integers(0, 200), st.integers(0, 100))
def test_a_batch_is_of_one_lane_and_holds_each_item_once(
    interactive: list[Waiting], bulk: list[Waiting], free: int, credit: int
) -> None:
    batch, left = pack(interactive, bulk, free, credit)
    assert set(batch) <= set(interactive) or set(batch) <= set(bulk)
    assert len(set(batch)) == len(batch)
    assert left >= 0


@given(lanes, lanes, st.integers(60, 200), st.integers(0, 100))
def test_the_oldest_of_a_lane_is_never_passed_over(
    interactive: list[Waiting], bulk: list[Waiting], free: int, credit: int
) -> None:
    batch, _ = pack(interactive, bulk, free, credit)
    if interactive or bulk:  # the costliest item fits into 60
        assert batch[0] in (interactive[:1] + bulk[:1])


def test_an_item_too_large_for_now_keeps_its_place_and_smaller_ones_wait_behind_it() -> None:
    assert pack([Waiting(50, 5), Waiting(1, 5)], [], 49, 0) == ([], 0)


def test_items_of_like_length_go_together() -> None:
    short, long = [Waiting(100, 4), Waiting(100, 5), Waiting(100, 6)], [Waiting(100, 90), Waiting(100, 95)]
    batch, _ = pack([short[0], long[0], short[1], long[1], short[2]], [], 1000, 0)
    assert batch == short


def test_interactive_goes_first() -> None:
    mine, theirs = Waiting(5, 5), Waiting(5, 5)
    assert pack([mine], [theirs], 100, 0)[0] == [mine]


def test_bulk_alone_takes_all_there_is() -> None:
    bulk = [Waiting(5, 5) for _ in range(20)]
    assert pack([], bulk, 100, 0) == (bulk, 0)


@settings(deadline=None)  # many turns an example, on a machine that may be busy
@given(costs, costs, st.integers(50, 300))
def test_under_constant_interactive_load_bulk_gets_its_share_of_tokens(
    calls: list[Waiting], corpus: list[Waiting], free: int
) -> None:
    taken = {"interactive": 0, "bulk": 0}
    interactive = [Waiting(w.cost, w.length) for w in calls]
    bulk = [Waiting(w.cost, w.length) for w in corpus]
    credit = 0
    for _ in range(300):
        batch, credit = pack(interactive, bulk, free, credit)
        assert batch
        lane, queue = ("interactive", interactive) if batch[0] in interactive else ("bulk", bulk)
        taken[lane] += sum(w.cost for w in batch)
        for done in batch:  # as many arrive as leave
            queue.remove(done)
            queue.append(Waiting(done.cost, done.length))
    owed = taken["interactive"] // (BULK_SHARE - 1)
    most_unspent = 50 + free  # bulk's dearest item, and the credit of one interactive batch
    rounding = 300
    assert owed - most_unspent - rounding <= taken["bulk"] <= owed


@given(st.lists(waiting, min_size=1, max_size=15), st.integers(60, 200))
def test_everything_is_admitted_in_the_end_however_much_arrives_behind_it(first: list[Waiting], free: int) -> None:
    queue, turns = list(first), 0
    while set(first) & set(queue):
        batch, _ = pack(queue, [], free, 0)
        queue = [w for w in queue if w not in batch] + [Waiting(1, 1), Waiting(60, 60)]
        turns += 1
    assert turns <= len(first)
