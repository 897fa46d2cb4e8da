"""Tiny random checkpoints whose answers depend on what they read, and the ways to run an engine over items."""

import math
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor
from transformers import GenerationConfig, MarianConfig, MarianMTModel, MT5Config, MT5ForConditionalGeneration

from models.catalog import Family
from models.engine.protocol import Engine, Finished, Generation, Item
from models.load import load
from tests.support import checkpoints

CPU = torch.device("cpu")
PLENTY = 1_000_000
VOCABULARY = 200
POSITIONS = 64
"""The longest sequence of the Marian networks."""

_TIED = {
    "lm_head.weight",
    *("model.encoder.embed_tokens.weight", "model.decoder.embed_tokens.weight"),
    *("encoder.embed_tokens.weight", "decoder.embed_tokens.weight"),
}
_SIZES = {name: value for name, value in checkpoints.TINY_MARIAN.items() if name != "vocab_size"}
_LAST_NORM = f"model.decoder.layers.{_SIZES['decoder_layers'] - 1}.final_layer_norm"


@dataclass(frozen=True, slots=True)
class Network:
    """A kind of checkpoint: what its config says beyond the tiny shape, and what its generation config says of decoding."""

    family: Family
    config: Mapping[str, Any] = field(default_factory=dict)
    decoding: Mapping[str, Any] = field(default_factory=dict)
    tied: bool = True
    seed: int = 0
    """One whose answers are various: many networks so small say little more than one thing."""


_WORDS = (
    [[i] * 2 for i in range(20, 60, 3)] + [[i] * 3 for i in range(60, 100, 3)] + [[i, 0] for i in range(100, 140, 3)]
)
_LAST = VOCABULARY - 1

NETWORKS: Mapping[str, Network] = {
    "marian": Network("marian", decoding={"forced_eos_token_id": 0, "bad_words_ids": [[_LAST]]}),
    "marian-renormalized": Network(
        "marian",
        config={"activation_function": "relu", "scale_embedding": False},
        decoding={
            "eos_token_id": [0, 9],
            "forced_eos_token_id": 9,
            "bad_words_ids": [[_LAST], [0], [5], *_WORDS],
            "renormalize_logits": True,
        },
    ),
    "marian-separate": Network(
        "marian",
        config={"share_encoder_decoder_embeddings": False, "tie_word_embeddings": False, "activation_function": "gelu"},
        decoding={"bad_words_ids": [[_LAST]]},
        tied=False,
    ),
    "mt5": Network("mt5", tied=False),
    "mt5-ungated": Network(
        "mt5",
        config={"feed_forward_proj": "relu"},
        decoding={
            "eos_token_id": [1, 7, 8],
            "forced_eos_token_id": 1,
            "bad_words_ids": [[0], [1], [0, 30], [6, 7], *_WORDS],
            "renormalize_logits": True,
        },
        seed=3,
    ),
}
"""Both families, with every way of decoding that a checkpoint can ask for."""


def write(folder: Path, network: Network) -> Path:
    """Write a random checkpoint of `network` that `models.load.load` and `models.engine.checkpoint.read` take."""
    if network.family == "marian":
        checkpoints.marian(folder, checkpoints.TINY_MARIAN | {"vocab_size": VOCABULARY})  # for the tokenizer's files
        config, decoding, cls = _marian(network)
    else:
        checkpoints.mt5(folder, checkpoints.TINY_MT5 | {"vocab_size": VOCABULARY})
        config, decoding, cls = _mt5(network)
    config.save_pretrained(folder)
    decoding.save_pretrained(folder)
    torch.manual_seed(network.seed)
    with torch.device("meta"):
        shapes = {name: tensor.shape for name, tensor in cls(config).state_dict().items()}
    ends = decoding.eos_token_id if isinstance(decoding.eos_token_id, list) else [decoding.eos_token_id]
    unstored = _unstored(network)
    tensors = {
        name: _random(name, shape, network.family == "marian", ends)
        for name, shape in shapes.items()
        if name not in unstored and "embed_positions" not in name
    }
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    return folder


def _unstored(network: Network) -> set[str]:
    """The tensors that are others under a second name."""
    if not network.config.get("share_encoder_decoder_embeddings", True):
        return {"model.shared.weight"}
    return _TIED if network.tied else _TIED - {"lm_head.weight"}


def _marian(network: Network) -> tuple[Any, Any, Any]:
    ids = {"pad_token_id": _LAST, "decoder_start_token_id": _LAST, "eos_token_id": 0, "bos_token_id": 0}
    defaults = {"activation_function": "swish", "scale_embedding": True, "vocab_size": VOCABULARY}
    config = MarianConfig(**(_SIZES | defaults | ids | dict(network.config)), decoder_vocab_size=VOCABULARY)
    return config, _GenerationConfig(**(ids | dict(network.decoding))), MarianMTModel


def _mt5(network: Network) -> tuple[Any, Any, Any]:
    config = MT5Config(**(checkpoints.TINY_MT5 | {"vocab_size": VOCABULARY} | dict(network.config)))
    ids = {"pad_token_id": 0, "decoder_start_token_id": 0, "eos_token_id": 1}
    return config, _GenerationConfig(**(ids | dict(network.decoding))), MT5ForConditionalGeneration


_GenerationConfig: Any = GenerationConfig  # its constructor is not typed


def _random(name: str, shape: Sequence[int], marian: bool, ends: Sequence[int]) -> Tensor:
    """Values that keep answers various (sources matter, logits are spread out, ends are written now and then) but tame.

    Tame: the errors of float32 in the logits are far below `oracle.CLOSE`, as those of trained networks are.
    """
    values: Tensor = torch.randn(*shape)
    if "norm" in name:
        values = values * 0.2 + ("bias" not in name)
        return values * (4 if name.startswith(_LAST_NORM) else 1)
    if name == "final_logits_bias":
        values[:, list(ends)] += 4
        return values
    if "bias" in name:
        return values * (0.2 if marian else 0.5)
    if {"shared", "embed_tokens", "lm_head"} & set(name.split(".")):
        if not marian:
            values[list(ends)] *= 1.7
        return values * (0.25 if marian else 0.5)
    queries = name.endswith(".q.weight")  # mT5 has no factor for them: its queries are small
    return values * ((0.5 if queries else 1.5) / math.sqrt(shape[-1]))


def reference(folder: Path, dtype: torch.dtype = torch.float32) -> Any:
    """The checkpoint in `folder` as the module of transformers."""
    return load(folder, CPU, dtype).model


def settings(draw: random.Random, longest: int = 14) -> Generation:
    """Any decoding that an item may ask for."""
    most = draw.choice((1, 2, 6, longest, longest))
    return Generation(
        beams=draw.choice((1, 2, 4, 4, 6)),
        max_tokens=most,
        min_tokens=draw.choice((0, 0, draw.randint(0, most), most)),
        length_penalty=draw.choice((0.0, 0.6, 1.0, 2.0)),
        early_stopping=draw.random() < 0.5,
        no_repeat_ngram=draw.choice((0, 0, 1, 2, 3)),
    )


def items(draw: random.Random, count: int, asked: Sequence[Generation], longest: int = 40) -> list[Item]:
    """`count` items with random sources and one of the settings in `asked` each."""
    return [
        Item(tuple(draw.choices(range(10, VOCABULARY - 1), k=draw.randint(1, longest))), draw.choice(asked))
        for _ in range(count)
    ]


def together(engine: Engine, batch: Iterable[Item]) -> dict[Item, Finished]:
    """What comes of items that are all admitted at once."""
    engine.admit(list(batch))
    return _collect(engine, {})


def joining(engine: Engine, batch: Sequence[Item], draw: random.Random, cancelled: float = 0.0) -> dict[Item, Finished]:
    """What comes of items that join a few at a time, at any step; a share of them, `cancelled`, is cancelled on the way."""
    waiting, answers, gone = list(batch), dict[Item, Finished](), set[Item]()
    doomed = [item for item in batch if draw.random() < cancelled]
    while waiting or engine.busy():
        for _ in range(draw.randint(0, 6)):
            if waiting and engine.cost(waiting[0]) <= engine.free():
                engine.admit([waiting.pop(0)])
        if doomed and draw.random() < 0.5:
            item = doomed.pop(draw.randrange(len(doomed)))
            gone.add(item)
            waiting = [other for other in waiting if other is not item]
            engine.cancel(item)
        for done in engine.step():
            assert done.item not in answers, "an item was handed out twice"
            assert done.item not in gone, "a cancelled item was handed out"
            answers[done.item] = done
    return answers


def _collect(engine: Engine, answers: dict[Item, Finished]) -> dict[Item, Finished]:
    while engine.busy():
        for done in engine.step():
            assert done.item not in answers, "an item was handed out twice"
            answers[done.item] = done
    return answers


def ids(answers: Mapping[Item, Finished]) -> dict[Item, tuple[int, ...]]:
    """The answers' ids, once none of them is an error."""
    assert not [done.error for done in answers.values() if done.error]
    return {item: done.ids for item, done in answers.items()}
