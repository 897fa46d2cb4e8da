"""The reference engine says what `transformers.generate` says of each item alone, whoever its neighbours are."""

import copy
import random
from typing import Any

import pytest
import torch
from transformers import MarianConfig, MarianMTModel, MT5Config, MT5ForConditionalGeneration

from models.engine.protocol import Generation, Item
from models.engine.reference import ReferenceEngine

VOCABULARY = 60
PLENTY = 1_000_000
GREEDY = Generation(beams=1, max_tokens=12)
BEAMS = Generation(beams=4, max_tokens=12, length_penalty=0.6, no_repeat_ngram=2)


def marian() -> Any:
    config = MarianConfig(
        vocab_size=VOCABULARY,
        decoder_vocab_size=VOCABULARY,
        d_model=16,
        encoder_layers=2,
        decoder_layers=2,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=32,
        decoder_ffn_dim=32,
        max_position_embeddings=64,
        init_std=1.0,  # so that the next token depends on the source
        pad_token_id=VOCABULARY - 1,
        decoder_start_token_id=VOCABULARY - 1,
        eos_token_id=0,
        bos_token_id=0,
    )
    model = MarianMTModel(config)
    model.generation_config.forced_eos_token_id = 0
    model.generation_config.bad_words_ids = [[VOCABULARY - 1], [5]]
    model.generation_config.num_beams = 6  # what a checkpoint says of the search is not followed
    model.generation_config.max_length = 3
    model.generation_config.renormalize_logits = True
    return model


def mt5() -> Any:
    config = MT5Config(
        vocab_size=VOCABULARY,
        d_model=16,
        d_kv=8,
        d_ff=32,
        num_layers=2,
        num_decoder_layers=2,
        num_heads=2,
        initializer_factor=3.0,
        tie_word_embeddings=False,
    )
    model = MT5ForConditionalGeneration(config)
    model.generation_config.length_penalty = 0.1
    model.generation_config.no_repeat_ngram_size = 1
    return model


@pytest.fixture(params=[marian, mt5], ids=["marian", "mt5"])
def model(request: pytest.FixtureRequest) -> Any:
    torch.manual_seed(0)
    return request.param().eval().double()


def items(count: int, settings: Generation, seed: int = 0) -> list[Item]:
    draw = random.Random(seed)
    return [Item((*draw.choices(range(6, 50), k=draw.randint(1, 20)), 0), settings) for _ in range(count)]


def alone(model: Any, item: Item) -> tuple[int, ...]:
    """What `generate` gives for this item by itself, with every setting spelt out."""
    settings = item.settings
    row = model.generate(
        input_ids=torch.tensor([item.ids]),
        num_beams=settings.beams,
        max_length=settings.max_tokens + 1,  # counts the start token
        min_length=settings.min_tokens + 1 if settings.min_tokens else 0,
        length_penalty=settings.length_penalty,
        early_stopping=settings.early_stopping,
        no_repeat_ngram_size=settings.no_repeat_ngram,
        do_sample=False,
    )[0].tolist()
    end, pad = model.generation_config.eos_token_id, model.generation_config.pad_token_id
    return tuple(token for token in row if token not in (end, pad))


def decode(engine: ReferenceEngine, batch: list[Item]) -> dict[Item, tuple[int, ...]]:
    engine.admit(batch)
    finished = engine.step()
    assert not engine.busy()
    assert len(finished) == len(batch)
    assert not any(done.error for done in finished)
    return {done.item: done.ids for done in finished}


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(
    "settings",
    [
        GREEDY,
        BEAMS,
        Generation(beams=3, max_tokens=15, early_stopping=False, length_penalty=2.0),
        Generation(beams=1, max_tokens=9, min_tokens=9),
        Generation(beams=4, max_tokens=9, min_tokens=9),
        Generation(beams=2, max_tokens=1),
    ],
    ids=repr,
)
def test_neighbours_do_not_change_an_answer(model: Any, settings: Generation, dtype: torch.dtype) -> None:
    oracle = copy.deepcopy(model).to(dtype)
    batch = items(12, settings)
    answers = decode(ReferenceEngine(model.to(dtype), PLENTY), batch)
    assert answers == {item: alone(oracle, item) for item in batch}
    assert len(set(answers.values())) > 1 or settings.max_tokens == 1, "the model does not read its source"


def test_items_of_different_settings_are_decoded_side_by_side(model: Any) -> None:
    oracle = copy.deepcopy(model)
    batch = [item for pair in zip(items(5, GREEDY), items(5, BEAMS, seed=1), strict=True) for item in pair]
    assert decode(ReferenceEngine(model, PLENTY), batch) == {item: alone(oracle, item) for item in batch}


@pytest.mark.parametrize("beams", [1, 4])
def test_least_and_most_tokens_alike_give_just_so_many(beams: int) -> None:
    torch.manual_seed(0)
    model = mt5().eval()
    model.generation_config.bad_words_ids = [[0]]  # padding, which is stripped
    settings = Generation(beams=beams, max_tokens=7, min_tokens=7)
    answers = decode(ReferenceEngine(model, PLENTY), items(6, settings))
    assert {len(ids) for ids in answers.values()} == {7}


def test_a_forced_end_is_the_last_of_the_tokens() -> None:
    torch.manual_seed(0)
    answers = decode(
        ReferenceEngine(marian().eval(), PLENTY), items(6, Generation(beams=4, max_tokens=7, min_tokens=7))
    )
    assert {len(ids) for ids in answers.values()} == {6}
    assert all(not {0, 5, VOCABULARY - 1} & set(ids) for ids in answers.values())  # end, forbidden, padding


def test_costs_count_source_and_target_over_the_beams(model: Any) -> None:
    item = Item((7, 8, 0), Generation(beams=4, max_tokens=10))
    assert ReferenceEngine(model, capacity=100).cost(item) == 4 * (3 + 10)


def test_no_call_is_padded_beyond_the_capacity(model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    shapes: list[tuple[int, ...]] = []
    generate = model.generate

    def spy(**inputs: Any) -> Any:
        shapes.append(tuple(inputs["input_ids"].shape))
        return generate(**inputs)

    monkeypatch.setattr(model, "generate", spy)
    engine = ReferenceEngine(model, capacity=200)
    batch = [Item((*[7] * n, 0), GREEDY) for n in (2, 30, 2, 2, 30, 2, 2)]
    assert sum(map(engine.cost, batch)) <= engine.capacity()
    decode(engine, batch)
    assert shapes == [(5, 3), (2, 31)]
