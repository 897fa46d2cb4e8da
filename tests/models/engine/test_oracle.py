"""The oracle itself: it does the search again as it was, notices what is wrong, and lets rounding pass."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from models.engine.protocol import Generation, Item
from tests.support import engines
from tests.support.engines import NETWORKS
from tests.support.oracle import CLOSE, Difference, Oracle, Replay, unallowed

BEAMS = Generation(beams=4, max_tokens=14, length_penalty=1.0, early_stopping=False)
END = 0


@pytest.mark.parametrize("name", NETWORKS)
def test_the_networks_are_such_that_rounding_stays_below_the_margin(
    name: str, checkpoint: Callable[[str], Path]
) -> None:
    single, double = (engines.reference(checkpoint(name), dtype) for dtype in (torch.float32, torch.float64))
    draw, start = random.Random(0), single.generation_config.decoder_start_token_id
    for item in engines.items(draw, 60, [BEAMS]):
        target = [start, *draw.choices(range(10, engines.VOCABULARY - 1), k=13)]
        inputs = {"input_ids": torch.tensor([item.ids]), "decoder_input_ids": torch.tensor([target])}
        with torch.inference_mode():
            error = (single(**inputs).logits.double() - double(**inputs).logits).abs().max()
        assert error < CLOSE


@pytest.mark.parametrize("name", NETWORKS)
def test_the_replay_says_what_generate_said(name: str, checkpoint: Callable[[str], Path]) -> None:
    asked, draw = Oracle(engines.reference(checkpoint(name))), random.Random(0)
    batch = engines.items(draw, 25, [engines.settings(draw) for _ in range(20)])
    answers = asked.answers(batch)
    replays = {item: asked.replay(item) for item in batch}
    assert not [item for item in batch if replays[item].ids != answers[item] and replays[item].margin > CLOSE]


@pytest.mark.parametrize(
    "wrong",
    [
        {"length_penalty": 2.0},
        {"length_penalty": 0.0},
        {"early_stopping": True},
        {"beams": 3},
        {"min_tokens": 8},
        {"max_tokens": 13},
        {"no_repeat_ngram": 2},
    ],
    ids=str,
)
def test_answers_to_other_settings_are_noticed(wrong: dict[str, Any], checkpoint: Callable[[str], Path]) -> None:
    asked = Oracle(engines.reference(checkpoint("mt5-ungated")))
    batch = engines.items(random.Random(0), 40, [BEAMS])
    others = asked.answers([Item(item.ids, replace(BEAMS, **wrong)) for item in batch])
    answers = dict(zip(batch, (others[other] for other in sorted(others, key=_place(others, batch))), strict=True))
    differences = asked.differences(answers)
    assert len(differences) > 2
    assert sum(difference.margin > CLOSE for difference in differences) > 0.7 * len(differences)
    assert unallowed(differences, len(answers)) == differences


def _place(others: dict[Item, Any], batch: Sequence[Item]) -> Any:
    order = {item.ids: place for place, item in enumerate(batch)}
    return lambda other: order[other.ids]


@pytest.mark.parametrize("name", ["marian", "mt5-ungated"])
def test_rounding_passes_and_more_does_not(name: str, checkpoint: Callable[[str], Path]) -> None:
    asked, draw = Oracle(engines.reference(checkpoint(name))), random.Random(0)
    model = engines.reference(checkpoint(name))
    batch = engines.items(draw, 200, [engines.settings(draw) for _ in range(20)])
    assert all(difference.margin < CLOSE for difference in asked.differences(_disturbed(model, batch, 1e-7)))
    assert any(difference.margin >= CLOSE for difference in asked.differences(_disturbed(model, batch, 0.03)))


def test_only_close_decisions_are_allowed_and_few_of_them() -> None:
    close, clear = (Difference(Item((1,), BEAMS), (2,), (3,), margin) for margin in (CLOSE / 2, CLOSE))
    assert unallowed([], 1) == []
    assert unallowed([close], 1) == []
    assert unallowed([clear], 10_000) == [clear]
    assert unallowed([close, clear], 2000) == [clear]
    assert unallowed([close] * 2, 1999) == [close] * 2
    assert unallowed([close] * 2, 2000) == []


def _disturbed(model: Any, batch: Sequence[Item], size: float) -> dict[Item, tuple[int, ...]]:
    """What a model answers whose matrices are off by about `size` of their values."""
    torch.manual_seed(0)
    with torch.no_grad():
        for weight in model.parameters():
            weight.mul_(1 + size * torch.randn_like(weight))
    return Oracle(model).answers(batch)


def replay(*steps: list[list[float]], **settings: Any) -> Replay:
    """The replay of scores written by hand; id 0 is the end."""
    scores: list[Tensor] = [torch.tensor(step) for step in steps]
    return Replay(scores, Generation(**settings), frozenset([END]), frozenset([END]))


def test_the_margin_of_greedy_search_is_that_between_the_two_best() -> None:
    done = replay([[0.0, 3.0, 2.5]], [[1.0, 0.75, -torch.inf]], beams=1, max_tokens=9)
    assert (done.ids, done.margin) == ((1,), 0.25)


def test_the_margin_of_beam_search_counts_who_goes_on() -> None:
    first = [[-9.0, -1.0, -2.0, -2.25, -8.0, -8.5, -8.75]] * 2
    last = [[-0.5, -9.0, -9.0, -9.0, -9.0, -9.0, -9.0], [-3.0, -9.0, -9.0, -9.0, -9.0, -9.0, -9.0]]
    done = replay(first, last, beams=2, max_tokens=2, length_penalty=0.0)
    assert (done.ids, done.margin) == ((1,), 0.25)  # 2 before 3; at the end -1.5 before -5


def test_the_margin_of_beam_search_counts_whether_an_end_is_among_the_first() -> None:
    first = [[-2.125, -1.0, -2.0, -4.0, -8.0, -8.5, -8.75]] * 2
    last = [[-0.5, -9.0, -9.0, -9.0, -9.0, -9.0, -9.0], [-3.0, -9.0, -9.0, -9.0, -9.0, -9.0, -9.0]]
    done = replay(first, last, beams=2, max_tokens=2, length_penalty=0.0)
    assert (done.ids, done.margin) == ((1,), 0.125)


def test_the_margin_of_beam_search_counts_the_best_against_the_next() -> None:
    first = [[-1.0, -0.5, -4.0, -5.0, -8.0, -8.5, -8.75]] * 2
    last = [[-0.5625, -9.0, -9.0, -9.0, -9.0, -9.0, -9.0], [-9.0] * 7]
    done = replay(first, last, beams=2, max_tokens=2, length_penalty=0.0)
    assert (done.ids, done.margin) == ((), 0.0625)  # ended at once with -1, or after another id with -1.0625
