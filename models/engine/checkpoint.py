"""Checkpoints in the Hub's format as the engine's weights: read straight from their files, every tensor accounted for."""

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from models.catalog import Family
from models.engine.weights import Search, Shape, Weights
from models.errors import WeightsCorrupt
from models.weights import tensor_files

_ACTIVATIONS = {"silu": "swish", "swish": "swish", "relu": "relu", "gelu": "gelu", "gelu_new": "gelu_new"}


def read(folder: Path) -> Weights:
    """The network in `folder`, float32.

    Raises `WeightsCorrupt` for a family or a variant that the engine does not know, for files that cannot be read, and for a
    tensor that is missing, has no use or has the wrong shape.
    """
    family, config = read_config(folder)
    stored = Stored(folder)
    try:
        shape = _marian_shape(config) if family == "marian" else _mt5_shape(config)
        search = _search(folder, config)
        tensors = (_marian if family == "marian" else _mt5)(stored, shape, config)
    except (KeyError, TypeError, ValueError) as error:
        raise WeightsCorrupt(
            f"config.json in {folder.name} does not describe a network that Mujaz runs: {error}"
        ) from error
    stored.check_empty()
    return Weights(shape, search, "float32", tensors)


def read_config(folder: Path, families: Sequence[Family] = get_args(Family)) -> tuple[Family, dict[str, Any]]:
    """The family of the checkpoint in `folder`, and all that config.json says.

    Raises `WeightsCorrupt` if it is none of `families`, and for a file that is missing or damaged.
    """
    config = _json(folder / "config.json")
    kind = config.get("model_type")
    for family in families:
        if kind == family:
            return family, config
    raise WeightsCorrupt(f"{folder.name} holds a checkpoint of the family {kind!r}, not {' or '.join(families)}.")


def stops_early(said: object, folder: Path) -> bool:
    """What `early_stopping` in the generation config of the checkpoint in `folder` means.

    Raises `WeightsCorrupt` for "never", with which the search would go on until nothing better can come.
    """
    if said not in (None, False, True):
        raise WeightsCorrupt(f"{folder.name} asks for a search that Mujaz lacks: early stopping {said!r}.")
    return bool(said)


class Stored:
    """The tensors of a checkpoint's files, each taken once and as float32."""

    def __init__(self, folder: Path) -> None:
        self._name = folder.name
        self._tensors: dict[str, Tensor] = {}
        try:
            for path in tensor_files(folder):
                with safe_open(path, framework="pt") as file:
                    self._tensors |= {name: file.get_tensor(name) for name in list(file.keys())}
        except (OSError, SafetensorError) as error:
            raise WeightsCorrupt(f"The checkpoint in {folder.name} cannot be read: {error}") from error

    def take(self, name: str, *shape: int) -> Tensor:
        """The tensor of that name and shape."""
        tensor = self._tensors.pop(name, None)
        if tensor is None:
            raise WeightsCorrupt(f"The model in {self._name} lacks the tensor {name}.")
        if tuple(tensor.shape) != shape:
            raise WeightsCorrupt(f"{name} in {self._name} has the shape {tuple(tensor.shape)}, not {shape}.")
        return tensor.float()

    def optional(self, name: str, *shape: int) -> Tensor | None:
        return self.take(name, *shape) if name in self._tensors else None

    def drop(self, unused: Callable[[str], bool]) -> None:
        """Forget tensors that are known to have no use."""
        self._tensors = {name: tensor for name, tensor in self._tensors.items() if not unused(name)}

    def check_empty(self) -> None:
        if self._tensors:
            names = ", ".join(sorted(self._tensors)[:3])
            raise WeightsCorrupt(
                f"The model in {self._name} has no use for {len(self._tensors)} tensors, such as {names}."
            )


def _json(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise WeightsCorrupt(f"{path.name} in {path.parent.name} is missing or damaged.") from error
    if not isinstance(data, dict):
        raise WeightsCorrupt(f"{path.name} in {path.parent.name} is missing or damaged.")
    return data


def _search(folder: Path, config: Mapping[str, Any]) -> Search:
    """From generation_config.json where there is one, as transformers reads it; the ids also from config.json."""
    path = folder / "generation_config.json"
    own = _json(path) if path.is_file() else config

    def special(name: str) -> Any:
        return config.get(name) if own.get(name) is None else own[name]

    ends, forced = special("eos_token_id"), own.get("forced_eos_token_id")
    return Search(
        start=int(special("decoder_start_token_id")),
        pad=int(special("pad_token_id")),
        ends=tuple(ends) if isinstance(ends, list) else (int(ends),),
        forced_end=None if forced is None else int(forced),
        bad_words=tuple(tuple(word) for word in own.get("bad_words_ids") or ()),
        renormalize=bool(own.get("renormalize_logits")),
        beams=own.get("num_beams"),
        length_penalty=1.0 if own.get("length_penalty") is None else float(own["length_penalty"]),
        early_stopping=stops_early(own.get("early_stopping"), folder),
        no_repeat_ngram=int(own.get("no_repeat_ngram_size") or 0),
    )


def _marian_shape(config: Mapping[str, Any]) -> Shape:
    sides = [(config[f"{side}_attention_heads"], config[f"{side}_ffn_dim"]) for side in ("encoder", "decoder")]
    if sides[0] != sides[1]:
        raise ValueError("encoder and decoder differ in heads or feed-forward width")
    refused = [name for name in ("normalize_before", "normalize_embedding", "add_final_layer_norm") if config.get(name)]
    if refused:
        raise ValueError(f"{', '.join(refused)} are not supported")
    width, heads = int(config["d_model"]), int(config["encoder_attention_heads"])
    return Shape(
        family="marian",
        width=width,
        heads=heads,
        head_width=width // heads,
        encoder_layers=config["encoder_layers"],
        decoder_layers=config["decoder_layers"],
        vocabulary=config.get("decoder_vocab_size") or config["vocab_size"],
        activation=_activation(config["activation_function"]),
        gated=False,
        epsilon=1e-5,
        embedding_scale=math.sqrt(width) if config.get("scale_embedding") else 1.0,
        positions=config["max_position_embeddings"],
    )


def _mt5_shape(config: Mapping[str, Any]) -> Shape:
    feed_forward = config.get("feed_forward_proj", "gated-gelu")
    gated, activation = feed_forward.startswith("gated-"), feed_forward.removeprefix("gated-")
    return Shape(
        family="mt5",
        width=config["d_model"],
        heads=config["num_heads"],
        head_width=config["d_kv"],
        encoder_layers=config["num_layers"],
        decoder_layers=config.get("num_decoder_layers") or config["num_layers"],
        vocabulary=config["vocab_size"],
        activation=_activation("gelu_new" if feed_forward == "gated-gelu" else activation),
        gated=gated,
        epsilon=config.get("layer_norm_epsilon", 1e-6),
        embedding_scale=1.0,
        buckets=config.get("relative_attention_num_buckets", 32),
        distance=config.get("relative_attention_max_distance", 128),
    )


def _activation(name: str) -> Any:
    if name not in _ACTIVATIONS:
        raise ValueError(f"the activation {name!r} is not supported")
    return _ACTIVATIONS[name]


def _marian(stored: Stored, shape: Shape, config: Mapping[str, Any]) -> dict[str, Tensor]:
    """Marian ties both embeddings and the output; an `lm_head` of a shared vocabulary is one that was never trained."""
    table = (shape.vocabulary, shape.width)
    stored.drop(lambda name: name.endswith("embed_positions.weight"))  # sinusoids, which are computed
    tensors: dict[str, Tensor] = {}
    if config.get("share_encoder_decoder_embeddings", True):
        tensors["embedding"] = stored.take("model.shared.weight", *table)
        tied = {"lm_head.weight", "model.encoder.embed_tokens.weight", "model.decoder.embed_tokens.weight"}
        stored.drop(lambda name: name in tied)
        tensors["output"] = tensors["embedding"]
    else:
        tensors["embedding"] = stored.take("model.encoder.embed_tokens.weight", config["vocab_size"], shape.width)
        tensors["decoder_embedding"] = stored.take("model.decoder.embed_tokens.weight", *table)
        head = stored.optional("lm_head.weight", *table)
        tensors["output"] = tensors["decoder_embedding"] if head is None else head
    tensors["output.bias"] = stored.take("final_logits_bias", 1, shape.vocabulary)[0]
    ffn = int(config["encoder_ffn_dim"])
    for side, layers in (("encoder", shape.encoder_layers), ("decoder", shape.decoder_layers)):
        for layer in range(layers):
            tensors |= _marian_layer(stored, shape, ffn, side, layer)
    return tensors


def _marian_layer(stored: Stored, shape: Shape, ffn: int, side: str, layer: int) -> dict[str, Tensor]:
    source, target, width = f"model.{side}.layers.{layer}.", f"{side}.{layer}.", shape.width
    scale = shape.head_width**-0.5
    tensors: dict[str, Tensor] = {}

    def affine(name: str, parts: Iterable[str], outputs: int, inputs: int) -> None:
        for kind, size in (("weight", (outputs, inputs)), ("bias", (outputs,))):
            rows = [stored.take(f"{source}{part}.{kind}", *size) * (scale if "q_proj" in part else 1) for part in parts]
            tensors[target + name + ("" if kind == "weight" else ".bias")] = torch.cat(rows)

    def norm(name: str, part: str) -> None:
        tensors[target + name] = stored.take(f"{source}{part}.weight", width)
        tensors[f"{target}{name}.bias"] = stored.take(f"{source}{part}.bias", width)

    affine("qkv", [f"self_attn.{part}_proj" for part in "qkv"], width, width)
    affine("out", ["self_attn.out_proj"], width, width)
    norm("norm1", "self_attn_layer_norm")
    if side == "decoder":
        affine("query", ["encoder_attn.q_proj"], width, width)
        affine("kv", ["encoder_attn.k_proj", "encoder_attn.v_proj"], width, width)
        affine("cross", ["encoder_attn.out_proj"], width, width)
        norm("norm2", "encoder_attn_layer_norm")
    affine("up", ["fc1"], ffn, width)
    affine("down", ["fc2"], width, ffn)
    norm("norm3" if side == "decoder" else "norm2", "final_layer_norm")
    return tensors


def _mt5(stored: Stored, shape: Shape, config: Mapping[str, Any]) -> dict[str, Tensor]:
    table = (shape.vocabulary, shape.width)
    tied = {"encoder.embed_tokens.weight", "decoder.embed_tokens.weight"}
    cross_bias = (
        "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight"  # older conversions; never used
    )
    stored.drop(lambda name: name in tied or name == cross_bias)
    tensors = {"embedding": stored.take("shared.weight", *table)}
    head = stored.optional("lm_head.weight", *table)
    tensors["output"] = tensors["embedding"] if head is None else head
    for side, layers in (("encoder", shape.encoder_layers), ("decoder", shape.decoder_layers)):
        bias = f"{side}.block.0.layer.0.SelfAttention.relative_attention_bias.weight"
        tensors[f"{side}.bias"] = stored.take(bias, shape.buckets, shape.heads)
        tensors[f"{side}.norm"] = stored.take(f"{side}.final_layer_norm.weight", shape.width)
        for layer in range(layers):
            tensors |= _mt5_layer(stored, shape, int(config["d_ff"]), side, layer)
    return tensors


def _mt5_layer(stored: Stored, shape: Shape, ffn: int, side: str, layer: int) -> dict[str, Tensor]:
    block, target = f"{side}.block.{layer}.layer.", f"{side}.{layer}."
    width, inner = shape.width, shape.heads * shape.head_width
    last = 2 if side == "decoder" else 1
    tensors: dict[str, Tensor] = {}

    def linear(name: str, part: str, names: Iterable[str], outputs: int, inputs: int) -> None:
        rows = [stored.take(f"{block}{part}.{name}.weight", outputs, inputs) for name in names]
        tensors[target + name] = torch.cat(rows)

    linear("qkv", "0.SelfAttention", "qkv", inner, width)
    linear("out", "0.SelfAttention", "o", width, inner)
    if side == "decoder":
        linear("query", "1.EncDecAttention", "q", inner, width)
        linear("kv", "1.EncDecAttention", "kv", inner, width)
        linear("cross", "1.EncDecAttention", "o", width, inner)
    linear("up", f"{last}.DenseReluDense", ("wi_0", "wi_1") if shape.gated else ("wi",), ffn, width)
    linear("down", f"{last}.DenseReluDense", ("wo",), width, ffn)
    for number in range(last + 1):
        tensors[f"{target}norm{number + 1}"] = stored.take(f"{block}{number}.layer_norm.weight", width)
    return tensors
