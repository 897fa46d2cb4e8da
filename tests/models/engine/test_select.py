"""Selection: what is largest, and the sum, whatever the shape."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from models.engine.select import largest, logsumexp

shapes = st.tuples(st.integers(1, 5), st.integers(24, 6000), st.integers(1, 24), st.integers(0, 2**32))


@given(shapes)
def test_the_largest_are_those_of_topk(shape: tuple[int, int, int, int]) -> None:
    rows, outputs, count, seed = shape
    logits = torch.randn(rows, outputs, generator=torch.Generator().manual_seed(seed))
    values, where = largest(logits, count)
    assert torch.equal(values, logits.topk(count)[0])
    assert torch.equal(logits.gather(1, where), values)


@given(shapes)
def test_equals_are_chosen_once_each(shape: tuple[int, int, int, int]) -> None:
    rows, outputs, count, seed = shape
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randint(0, 4, (rows, outputs), generator=generator).float().log()  # zeros are -inf
    values, where = largest(logits, count)
    assert torch.equal(values, logits.topk(count)[0])
    assert torch.equal(logits.gather(1, where), values)
    assert all(len(set(row)) == count for row in where.tolist())


@pytest.mark.parametrize("size", [1.0, 20.0, 80.0, 1000.0])
def test_the_sum_is_right_for_logits_of_any_size(size: float) -> None:
    torch.manual_seed(0)
    logits = torch.randn(70, 500) * size
    logits[:, ::7] = -torch.inf
    logits[3] += 200
    logits[40] -= 200
    expected = logits.double().logsumexp(1)
    torch.testing.assert_close(logsumexp(logits).double(), expected, rtol=1e-6, atol=2e-6)
