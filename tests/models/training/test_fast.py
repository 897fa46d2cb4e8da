"""The shortcuts of training compute what plain torch computes."""

from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch.nn import functional
from transformers import MT5Config, MT5ForConditionalGeneration

from models.training import fast
from models.training.fast import SmoothedLoss, lighten, pooled_dropout, smoothed_loss


@pytest.fixture(autouse=True)
def _seeded(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(fast, "_POOL", 1 << 20)
    with torch.random.fork_rng():
        torch.manual_seed(1)
        yield


def gradients(loss: torch.Tensor, *inputs: torch.Tensor) -> tuple[torch.Tensor, ...]:
    return torch.autograd.grad(loss, inputs)


@pytest.mark.parametrize("rows", [1, SmoothedLoss.SLICE, SmoothedLoss.SLICE + 1, 2 * SmoothedLoss.BLOCK + 7])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("biased", [False, True])
def test_the_loss_is_torchs_in_value_and_gradients(rows: int, smoothing: float, biased: bool) -> None:
    hidden = torch.randn(rows, 8, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(50, 8, dtype=torch.float64, requires_grad=True)
    bias = torch.randn(1, 50, dtype=torch.float64) if biased else None
    labels = torch.randint(50, (rows,))
    logits = hidden @ weight.T if bias is None else hidden @ weight.T + bias
    expected = functional.cross_entropy(logits, labels, label_smoothing=smoothing)
    ours = smoothed_loss(hidden, weight, labels, smoothing, bias)
    torch.testing.assert_close(ours, expected)
    torch.testing.assert_close(gradients(3 * ours, hidden, weight), gradients(3 * expected, hidden, weight))


def test_the_loss_of_bfloat16_is_summed_in_float32() -> None:
    hidden, weight = (torch.randn(600, 16).bfloat16().requires_grad_() for _ in range(2))
    labels = torch.randint(600, (600,))
    loss = smoothed_loss(hidden, weight, labels, 0.1)
    expected = functional.cross_entropy(hidden.float() @ weight.float().T, labels, label_smoothing=0.1)
    assert loss.dtype == torch.float32
    assert loss.item() == pytest.approx(expected.item(), rel=1e-3)
    assert all(gradient.dtype == torch.bfloat16 for gradient in gradients(loss, hidden, weight))


@pytest.mark.parametrize("shape", [(50, 100, 100), (1100, 1000)])  # within the pool, and beyond it
def test_pooled_dropout_keeps_the_expected_value(shape: tuple[int, ...]) -> None:
    with pooled_dropout():
        out = functional.dropout(torch.full(shape, 2.0), 0.25)
    assert set(out.flatten().tolist()) == set(torch.tensor([0.0, 2 / 0.75]).tolist())
    assert out.mean().item() == pytest.approx(2.0, rel=0.02)
    assert (out == 0).double().mean().item() == pytest.approx(0.25, rel=0.02)


def test_every_call_has_another_mask_and_the_gradient_has_the_same() -> None:
    values = torch.ones(1000, requires_grad=True)
    with pooled_dropout():
        first, second = (functional.dropout(values, 0.5) for _ in range(2))
    assert not torch.equal(first, second)
    assert torch.equal(gradients(first.sum(), values)[0], first.detach())


def test_the_masks_follow_from_the_seed_alone() -> None:
    def drawn(seeds: list[int]) -> torch.Tensor:
        with pooled_dropout():
            for seed in seeds:
                torch.manual_seed(seed)
                out = functional.dropout(torch.ones(1000), 0.5)
        return out

    assert torch.equal(drawn([7]), drawn([1200, 3, 7]))
    assert not torch.equal(drawn([7]), drawn([8]))
    assert not torch.equal(drawn([7]), drawn([1007]))


def test_without_dropout_to_do_torchs_own_function_answers() -> None:
    values = torch.randn(100)
    with pooled_dropout():
        assert functional.dropout(values, 0.5, training=False) is values
        assert torch.equal(functional.dropout(values, 0.0), values)
        assert torch.equal(functional.dropout(values, 1.0), torch.zeros(100))
        assert torch.nn.Dropout(0.5).train(False)(values) is values


def test_modules_take_pooled_masks_and_the_function_is_restored() -> None:
    original = functional.dropout

    def fail() -> None:
        with pooled_dropout():
            assert functional.dropout is not original
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        fail()
    assert functional.dropout is original


def test_a_lightened_mt5_computes_the_same() -> None:
    config = MT5Config(vocab_size=60, d_model=16, d_kv=8, d_ff=32, num_layers=1, num_heads=2, decoder_start_token_id=0)
    model: Any = MT5ForConditionalGeneration(config).train(False)
    ids = torch.randint(3, 60, (2, 7))
    before = model(input_ids=ids, labels=ids).logits
    lighten(model)
    torch.testing.assert_close(model(input_ids=ids, labels=ids).logits, before)
    assert model.encoder.block[0].layer[0].SelfAttention.dropout == 0
    assert isinstance(model.encoder.block[0].layer[1].DenseReluDense.act, torch.nn.GELU)
