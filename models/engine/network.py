"""The forward pass, one for both families: the encoder, the keys and values of the source, and one decoder step.

Marian (Junczys-Dowmunt et al., 2018) normalises after each sublayer and adds sinusoidal positions; mT5 (Xue et al., 2021)
normalises before it, without mean, and adds a learnt bias for the distance to the attention scores.
"""

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from models.engine.attention import View, attend, attend_in_blocks, words
from models.engine.formats import MATRICES
from models.engine.linear import ACTIVATIONS, Linear, linear
from models.engine.pace import on_device
from models.engine.weights import Activation, Shape, Weights

_SMALL = frozenset({"out", "query", "cross", "kv"})
"""Matrices of the decoder that are no faster in int8 than in bfloat16 where there is a matrix unit: rounding the inputs takes as
long as reading the matrix, and `kv`, like the whole encoder, has many rows."""


@dataclass(frozen=True, slots=True)
class Precision:
    """`compute`: what matrices that are not int8, and attention, are computed in; `sums`: what layers add up in."""

    compute: torch.dtype
    sums: torch.dtype


class Part:
    """The tensors of one layer, and what is made of them."""

    def __init__(
        self, tensors: Mapping[str, Tensor], prefix: str, shape: Shape, precision: Precision, dense: Collection[str]
    ) -> None:
        """`dense`: which int8 matrices are computed with as floats."""
        self._tensors, self._prefix, self.shape, self.precision, self._dense = tensors, prefix, shape, precision, dense

    def linear(
        self, name: str, *, inner: bool = False, half: int | None = None, activation: Activation | None = None
    ) -> Linear:
        """The product with the matrix `name`, or with a half of it; `inner`: its result is not added up but computed with."""
        name = self._prefix + name
        matrix, bias, scale = (self._tensors.get(name + kind) for kind in ("", ".bias", ".scale"))
        assert matrix is not None
        if scale is not None and name.rsplit(".", 1)[-1] in self._dense:
            matrix, scale = (matrix * scale[:, None]).to(self.precision.compute), None
        rows = slice(None) if half is None else slice(half * len(matrix) // 2, (half + 1) * len(matrix) // 2)
        # What is added up afterwards need not be rewritten first; only int8 products would lose by being rounded.
        out = self.precision.compute if inner or scale is None else self.precision.sums
        return linear(
            matrix[rows],
            None if bias is None else bias[rows],
            compute=self.precision.compute,
            out=out,
            scale=None if scale is None else scale[rows],
            activation=activation,
        )

    def rounds(self, name: str) -> bool:
        """Whether that product is computed in int8, its input rounded."""
        return f"{self._prefix}{name}.scale" in self._tensors and name not in self._dense

    def norm(self, name: str) -> "Norm":
        name = self._prefix + name
        bias = self._tensors.get(f"{name}.bias")
        return Norm(self._tensors[name], bias, self.shape.epsilon, self.precision.sums)


class Norm:
    """Layer normalisation with mean and bias, or without (root mean square; Zhang and Sennrich, 2019)."""

    def __init__(self, weight: Tensor, bias: Tensor | None, epsilon: float, dtype: torch.dtype) -> None:
        self._weight, self._bias = weight.to(dtype), None if bias is None else bias.to(dtype)
        self._epsilon, self._floor = epsilon, torch.tensor(epsilon, dtype=dtype)

    def __call__(self, x: Tensor) -> Tensor:
        if self._bias is not None:
            return functional.layer_norm(x, self._weight.shape, self._weight, self._bias, self._epsilon)
        if x.is_cuda:
            return functional.rms_norm(x, self._weight.shape, self._weight, self._epsilon)
        length: Tensor = torch.linalg.vector_norm(x, dim=-1, keepdim=True)  # `rms_norm` takes half as long again
        return (x * torch.addcmul(self._floor, length, length, value=1 / x.shape[-1]).rsqrt_()).mul_(self._weight)


class Sublayer:
    """A function with its norm and its residual connection, in the family's order. The sum overwrites the input."""

    def __init__(self, part: Part, norm: str, function: Callable[..., Tensor]) -> None:
        self._norm, self._function, self._first = part.norm(norm), function, part.shape.family == "mt5"

    def __call__(self, x: Tensor, *context: Any) -> Tensor:
        if self._first:
            return x.add_(self._function(self._norm(x), *context))
        return self._norm(x.add_(self._function(x, *context)))


class FeedForward:
    """Two products with an activation between them; with a gate, half of the first product's outputs are multiplied with it."""

    def __init__(self, part: Part) -> None:
        activation = part.shape.activation
        self._down = part.linear("down")
        if part.shape.gated and part.rounds("up"):
            # The input is rounded once for both halves, so the activation cannot be part of the product.
            up, self._activation = part.linear("up"), ACTIVATIONS[activation]
            self._halves: Callable[[Tensor], Sequence[Tensor]] = lambda x: self._activated(up(x))
        elif part.shape.gated:
            gate, rest = (
                part.linear("up", inner=True, half=0, activation=activation),
                part.linear("up", inner=True, half=1),
            )
            self._halves = lambda x: (gate(x), rest(x))
        else:
            whole = part.linear("up", inner=True, activation=activation)
            self._halves = lambda x: (whole(x),)

    def __call__(self, x: Tensor) -> Tensor:
        hidden, *rest = self._halves(x)
        return self._down(hidden.mul_(rest[0]) if rest else hidden)

    def _activated(self, both: Tensor) -> Sequence[Tensor]:
        gate, rest = both.chunk(2, -1)
        return self._activation(gate), rest


class EncoderLayer:
    def __init__(self, part: Part) -> None:
        self._heads = part.shape.heads
        self._qkv, self._out = part.linear("qkv", inner=True), part.linear("out")
        self._attend = Sublayer(part, "norm1", self._attention)
        self._feed = Sublayer(part, "norm2", FeedForward(part))

    def __call__(self, x: Tensor, mask: Tensor | None) -> Tensor:
        """x: (B, S, width); mask: (B, 1 or heads, 1 or S, S), added to the scores."""
        return self._feed(self._attend(x, mask))

    def _attention(self, x: Tensor, mask: Tensor | None) -> Tensor:
        batch, length = x.shape[:2]
        q, k, v = self._qkv(x).view(batch, length, 3, self._heads, -1).permute(2, 0, 3, 1, 4)
        y = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask, scale=1.0)  # (B, heads, S, head width)
        return self._out(y.transpose(1, 2).reshape(batch, length, -1))


class DecoderLayer:
    def __init__(self, part: Part) -> None:
        self._heads = part.shape.heads
        self._qkv, self._query = part.linear("qkv", inner=True), part.linear("query", inner=True)
        self._out, self._cross = part.linear("out"), part.linear("cross")
        self._kv = part.linear("kv", inner=True)
        self._attend = Sublayer(part, "norm1", self._self_attention)
        self._read = Sublayer(part, "norm2", self._source_attention)
        self._feed = Sublayer(part, "norm3", FeedForward(part))

    def sources(self, states: Tensor) -> Tensor:
        """The keys and values of encoder states (B, S, width): (2, B, heads, S, head width)."""
        batch, length = states.shape[:2]
        return self._kv(states).view(batch, length, 2, self._heads, -1).permute(2, 0, 3, 1, 4)

    def __call__(self, x: Tensor, views: Sequence[View], layer: int) -> Tensor:
        """x: (rows, width), the rows of the views one after the other."""
        return self._feed(self._read(self._attend(x, views, layer), views, layer))

    def _self_attention(self, x: Tensor, views: Sequence[View], layer: int) -> Tensor:
        outputs = []
        for view, mine in _by_view(self._qkv(x), views):
            past = view.past.layers[layer]
            qkv = mine.view(view.slots, view.beams, 3, self._heads, -1).permute(2, 0, 3, 1, 4).contiguous()
            words(past)[view.past.places] = words(qkv[1:])
            outputs.append(attend_in_blocks(qkv[0], past, view.past))
        return self._out(outputs[0] if len(outputs) == 1 else torch.cat(outputs))

    def _source_attention(self, x: Tensor, views: Sequence[View], layer: int) -> Tensor:
        outputs = []
        for view, mine in _by_view(self._query(x), views):
            q = mine.view(view.slots, view.beams, self._heads, -1).transpose(1, 2)
            outputs.append(attend(q, view.sources[layer][:, : view.slots], view.source_mask))
        return self._cross(outputs[0] if len(outputs) == 1 else torch.cat(outputs))


def _by_view(rows: Tensor, views: Sequence[View]) -> Iterable[tuple[View, Tensor]]:
    if len(views) == 1:
        return ((views[0], rows),)
    return zip(views, torch.split(rows, [view.slots * view.beams for view in views]), strict=True)


class Network:
    """A checkpoint's forward pass on one device."""

    def __init__(self, weights: Weights, device: torch.device, precision: Precision) -> None:
        shape = weights.shape
        tensors = {name: tensor.to(device) for name, tensor in weights.tensors.items()}
        self.shape, self.device, self.precision = shape, device, precision
        self._embedding = tensors["embedding"]
        self._decoder_embedding = tensors.get("decoder_embedding", self._embedding)
        tiles = device.type == "cpu" and precision.compute == torch.bfloat16 and torch.cpu._is_amx_tile_supported()

        def part(prefix: str, dense: Collection[str] = ()) -> Part:
            return Part(tensors, prefix, shape, precision, dense if tiles else ())

        self._encoder = [EncoderLayer(part(f"encoder.{i}.", MATRICES)) for i in range(shape.encoder_layers)]
        self._decoder = [DecoderLayer(part(f"decoder.{i}.", _SMALL)) for i in range(shape.decoder_layers)]
        self._output = part("").linear("output")
        self._sinusoids: Tensor | None = None
        self._norms: tuple[Norm, Norm] | None = None
        if shape.family == "marian":
            self._sinusoids = sinusoids(shape.positions or 0, shape.width).to(device, precision.sums)
        else:
            self._norms = part("encoder.").norm("norm"), part("decoder.").norm("norm")
            steps = torch.arange(shape.distance + 1)
            bias = weights.tensors["decoder.bias"][buckets(-steps, shape, both=False)]
            self._decoder_bias = bias.to(device, precision.compute)  # (distance + 1, heads)
            self._encoder_bias = tensors["encoder.bias"]

    @property
    def source_vocabulary(self) -> int:
        return len(self._embedding)

    def encode(self, ids: Tensor, lengths: Sequence[int]) -> list[Tensor]:
        """Read padded source ids (B, S): keys and values of each decoder layer, (2, B, heads, S, head width)."""
        batch, size = ids.shape
        x = self._embed(self._embedding, ids)
        if self._sinusoids is not None:
            x = x + self._sinusoids[:size]
        mask = self.padding(lengths, size) if min(lengths) < size else None
        if self._norms is not None:
            steps = torch.arange(size, device=self.device)
            bias = self._encoder_bias[buckets(steps[None] - steps[:, None], self.shape, both=True)]  # (S, S, heads)
            bias = bias.permute(2, 0, 1).to(self.precision.compute).contiguous()
            mask = bias.expand(batch, -1, -1, -1) if mask is None else bias + mask
        for layer in self._encoder:
            x = layer(x, mask)
        if self._norms is not None:
            x = self._norms[0](x)
        return [layer.sources(x) for layer in self._decoder]

    def padding(self, lengths: Sequence[int], size: int) -> Tensor:
        """(B, 1, 1, S): 0 for a source's own positions, and what takes a score out of the softmax for the others."""
        beyond = torch.arange(size, device=self.device) >= on_device(lengths, self.device)[:, None]
        mask = torch.zeros(beyond.shape, dtype=self.precision.compute, device=self.device)
        return mask.masked_fill_(beyond, self.never)[:, None, None]

    @property
    def never(self) -> float:
        """Added to a score, it leaves a weight of exactly zero; finite, so that a row without any key is not NaN."""
        return torch.finfo(self.precision.compute).min / 2

    def distances(self, steps: Tensor) -> Tensor | None:
        """mT5's bias for entries so many positions back: (blocks, size) to (blocks, heads, size). None for Marian."""
        if self._norms is None:
            return None
        return functional.embedding(steps.clamp(0, self.shape.distance), self._decoder_bias).transpose(1, 2)

    def step(self, ids: Tensor, positions: Tensor, views: Sequence[View]) -> Tensor:
        """Logits (rows, outputs) that follow the target ids (rows,) at `positions` (rows,), in the order of the views.

        They are what the output is computed in: rewriting a vocabulary's worth of bfloat16 takes longer than a decoder layer.
        """
        x = self._embed(self._decoder_embedding, ids)
        if self._sinusoids is not None:
            x = x + self._sinusoids[positions]
        for number, layer in enumerate(self._decoder):
            x = layer(x, views, number)
        if self._norms is not None:
            x = self._norms[1](x)
        return self._output(x)

    def _embed(self, table: Tensor, ids: Tensor) -> Tensor:
        x = functional.embedding(ids, table).to(self.precision.sums)
        return x if self.shape.embedding_scale == 1.0 else x * self.shape.embedding_scale


def sinusoids(positions: int, width: int) -> Tensor:
    """Marian's positions (positions, width): sines in the first half, cosines in the second (float64 before rounding)."""
    rates = 10000 ** -(torch.arange(0, width, 2, dtype=torch.float64) / width)
    angles = torch.arange(positions, dtype=torch.float64)[:, None] * rates
    return torch.cat([angles.sin(), angles.cos()], 1)


def buckets(distance: Tensor, shape: Shape, *, both: bool) -> Tensor:
    """T5's bucket of each relative position (key minus query): exact when near, logarithmic up to `shape.distance` (Raffel et
    al., 2020). `both`: keys may stand behind the query as well, and have half of the buckets."""
    count = shape.buckets // 2 if both else shape.buckets
    offset = torch.where(distance > 0, count, 0) if both else torch.zeros_like(distance)
    away = distance.abs() if both else (-distance).clamp(min=0)
    exact = count // 2
    ratio = torch.log(away.clamp(min=1).float() / exact) / math.log(shape.distance / exact)
    far = (exact + (ratio * (count - exact)).long()).clamp(max=count - 1)
    return offset + torch.where(away < exact, away, far)
