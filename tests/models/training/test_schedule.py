"""The budget, the learning rate, and the three forms of the weights."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from models.training.schedule import Budget, Weights, learning_rate


def test_a_budget_is_steps_or_minutes() -> None:
    assert Budget(steps=200).progress(50, 1e9) == 0.25
    assert Budget(minutes=2).progress(10**9, 30) == 0.25
    assert Budget(steps=2).progress(3, 0) == Budget(minutes=1).progress(0, 61) == 1


@pytest.mark.parametrize(("steps", "minutes"), [(None, None), (1, 1.0), (0, None), (None, 0.0), (-1, None)])
def test_no_other_budget_is_accepted(steps: int | None, minutes: float | None) -> None:
    with pytest.raises(ValueError, match=r"give either|must be positive"):
        Budget(steps=steps, minutes=minutes)


@given(st.integers(0, 10_000), st.integers(0, 1000), st.floats(0, 1))
def test_the_learning_rate_stays_between_zero_and_its_peak(step: int, warmup: int, progress: float) -> None:
    assert 0 <= learning_rate(0.5, step, warmup, progress) <= 0.5


def test_the_learning_rate_rises_evenly_and_falls_to_zero() -> None:
    assert [learning_rate(1.0, step, 4, 0.0) for step in range(6)] == [0.25, 0.5, 0.75, 1.0, 1.0, 1.0]
    falling = [learning_rate(1.0, 100, 4, done / 10) for done in range(11)]
    assert falling == sorted(falling, reverse=True)
    assert falling[5] == pytest.approx(0.5)
    assert falling[10] == pytest.approx(0.0)


@pytest.fixture
def model() -> torch.nn.Linear:
    torch.manual_seed(0)
    model = torch.nn.Linear(3, 2)
    model.bias.requires_grad_(False)
    return model


def update(weights: Weights, by: float) -> None:
    weights.master["weight"] += by
    weights.publish()


def test_the_model_computes_with_a_copy_of_the_float32_weights(model: torch.nn.Linear) -> None:
    weights = Weights(model, torch.bfloat16, 0.9)
    update(weights, 1e-4)  # less than bfloat16 can see next to most weights, and not lost
    update(weights, 1e-4)
    assert model.weight.dtype == torch.bfloat16
    assert torch.equal(model.weight, weights.master["weight"].bfloat16())
    assert weights.learned == ["weight"]


def test_gradients_move_to_the_float32_weights(model: torch.nn.Linear) -> None:
    weights = Weights(model, torch.bfloat16, 0.9)
    model(torch.ones(1, 3, dtype=torch.bfloat16)).sum().backward()
    weights.gather_gradients()
    assert torch.equal(weights.master["weight"].grad, torch.ones(2, 3))
    assert model.weight.grad is None
    assert weights.master["bias"].grad is None


def test_the_average_forgets_the_start_and_then_follows_slowly(model: torch.nn.Linear) -> None:
    weights = Weights(model, torch.float32, 0.5)
    expected = weights.master["weight"].clone()
    for step in range(1, 30):
        update(weights, 1.0)
        decay = min(0.5, step / (step + 10))
        expected = decay * expected + (1 - decay) * weights.master["weight"]
    torch.testing.assert_close(weights.average["weight"], expected)


def test_within_averaged_the_model_is_the_average_in_float32_and_then_itself_again(model: torch.nn.Linear) -> None:
    weights = Weights(model, torch.bfloat16, 0.9)
    update(weights, 1.0)
    before = model.weight.clone()
    with weights.averaged():
        assert torch.equal(model.weight, weights.average["weight"])
        assert not torch.equal(model.weight, weights.master["weight"])
    assert torch.equal(model.weight, before)
    assert model.weight.dtype == torch.bfloat16


def test_the_state_restores_everything(model: torch.nn.Linear) -> None:
    weights = Weights(model, torch.float32, 0.9)
    update(weights, 1.0)
    other = torch.nn.Linear(3, 2)
    restored = Weights(other, torch.float32, 0.9)
    restored.restore(weights.state())
    assert torch.equal(other.weight, model.weight)
    assert torch.equal(other.bias, model.bias)
    assert restored.steps == 1
    for one in (weights, restored):
        update(one, 0.5)
    assert torch.equal(restored.average["weight"], weights.average["weight"])


@pytest.mark.parametrize(
    "other", [torch.nn.Linear(3, 4), torch.nn.Linear(3, 2, bias=False), torch.nn.Bilinear(3, 3, 2)]
)
def test_the_state_of_another_model_is_refused(model: torch.nn.Linear, other: torch.nn.Module) -> None:
    state = Weights(other, torch.float32, 0.9).state()
    with pytest.raises(ValueError, match="weights are of another model"):
        Weights(model, torch.float32, 0.9).restore(state)
