"""Batches: few shapes, nothing lost, padding that counts for nothing."""

import random
from collections import Counter, defaultdict

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from models.training.batches import IGNORED, LENGTHS, Batch, Example, batches, bucket

PAD = 0
IDS = st.integers(1, 9)


@st.composite
def examples(draw: st.DrawFn) -> list[Example]:
    """Examples that can be told apart by their first two tokens."""
    sizes = draw(st.lists(st.tuples(st.integers(1, 300), st.integers(1, 150)), min_size=1, max_size=60))
    return [
        Example([n + 10] + [3] * (source - 1), [n + 10] + [4] * (target - 1))
        for n, (source, target) in enumerate(sizes)
    ]


def rows(batch: Batch) -> list[Example]:
    """The examples of a batch, without their padding."""
    sources = [ids[mask.bool()].tolist() for ids, mask in zip(batch.source, batch.mask, strict=True)]
    targets = [labels[labels != IGNORED].tolist() for labels in batch.target]
    return [Example(source, target) for source, target in zip(sources, targets, strict=True)]


def made(given: list[Example], tokens: int = 600, seed: int = 0) -> list[Batch]:
    return list(batches(given, tokens, PAD, random.Random(seed)))


@given(examples())
def test_every_example_is_there_with_its_own_target_and_nothing_else_is(given: list[Example]) -> None:
    found = [row for batch in made(given) for row in rows(batch)]
    assert all(row in given for row in found)
    assert all(row in found for row in given)


@given(examples())
def test_shapes_are_fixed_lengths_and_at_most_four_numbers_of_rows(given: list[Example]) -> None:
    counts: dict[tuple[int, int], set[int]] = defaultdict(set)
    for batch in made(given):
        assert batch.source.shape == batch.mask.shape
        assert batch.source.shape[1] in LENGTHS and batch.target.shape[1] in LENGTHS
        counts[batch.source.shape[1], batch.target.shape[1]].add(len(batch.source))
    assert all(len(numbers) <= 4 for numbers in counts.values())


@given(examples(), st.integers(1, 2000))
def test_a_batch_stays_within_its_tokens(given: list[Example], tokens: int) -> None:
    for batch in made(given, tokens):
        longest = max(batch.source.shape[1], batch.target.shape[1])
        assert len(batch.source) == 1 or len(batch.source) * longest <= tokens


@pytest.mark.parametrize("length", LENGTHS)
def test_a_full_batch_repeats_no_row(length: int) -> None:
    full = 3200 // length // 4 * 4
    given = [Example([n + 10] * length, [n + 10]) for n in range(3 * full)]
    found = Counter(row.source[0] for batch in made(given, 3200) for row in rows(batch))
    assert set(found.values()) == {1}


def test_padding_is_masked_in_the_source_and_ignored_in_the_target() -> None:
    (batch,) = made([Example([5, 6, 1], [7, 1])], tokens=12)
    assert batch.source.tolist() == [[5, 6, 1] + [PAD] * 9]
    assert batch.mask.tolist() == [[1] * 3 + [0] * 9]
    assert batch.target.tolist() == [[7, 1] + [IGNORED] * 10]
    assert batch.source.dtype == batch.target.dtype == torch.int64


def test_short_pairs_share_a_length_and_a_long_source_keeps_a_short_target() -> None:
    shapes = [
        (batch.source.shape[1], batch.target.shape[1])
        for source, target in ((5, 30), (100, 20), (400, 30))
        for batch in made([Example([3] * source, [3] * target)])
    ]
    assert shapes == [(32, 32), (128, 128), (448, 32)]


def test_what_is_longer_than_every_length_loses_its_tail() -> None:
    (batch,) = made([Example(list(range(1, 700)), [3])])
    assert rows(batch)[0].source == list(range(1, LENGTHS[-1] + 1))


@given(st.integers(1, 2000))
def test_a_bucket_is_the_smallest_length_that_holds(length: int) -> None:
    size = bucket(length)
    assert size >= length or size == LENGTHS[-1]
    assert all(other < length for other in LENGTHS if other < size)


def test_the_same_seed_gives_the_same_batches_in_the_same_order() -> None:
    given = [Example([n + 10] * (n % 50 + 1), [n + 10]) for n in range(300)]
    first, again, other = (made(given, seed=seed) for seed in (1, 1, 2))
    assert all(torch.equal(a.source, b.source) for a, b in zip(first, again, strict=True))
    assert [batch.source.shape for batch in first] != [batch.source.shape for batch in other]
    assert [len(batch.source[0]) for batch in first] != sorted(len(batch.source[0]) for batch in first)
