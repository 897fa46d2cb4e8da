"""The forward pass, one for both families: the encoder, the keys and values of the source, and one decoder step.

Marian (Junczys-Dowmunt et al., 2018) normalises after each sublayer and adds sinusoidal positions; mT5 (Xue et al., 2021)
normalises before it, without mean, and adds a learnt bias for the distance to the attention scores.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from models.engine.linear import Linear, linear
from models.engine.weights import Shape, Weights

_ACTIVATIONS: Mapping[str, Callable[[Tensor], Tensor]] = {
    "relu": torch.relu_,
    "swish": F.silu,
    "gelu": F.gelu,
    "gelu_new": lambda x: F.gelu(x, approximate="tanh"),
}


@dataclass(frozen=True, slots=True)
class View:
    """What a decoder step needs of the rows that belong together: `n` slots with `beams` rows each.

    `past` and `sources`: keys and values of each layer by turns, (n, heads, positions, head width), dense; those of the past have
    all beams of a position side by side. This step's go to the position `column`. `allowed` and `source_mask`, (n * heads, beams,
    positions), are added to the scores; `allowed` tells each beam which of the rows are its own past.
    """

    slots: int
    beams: int
    column: int
    past: Sequence[Tensor]
    allowed: Tensor
    sources: Sequence[Tensor]
    source_mask: Tensor


class Norm:
    """Layer normalisation with mean and bias, or without (root mean square; Zhang and Sennrich, 2019)."""

    def __init__(self, tensors: Mapping[str, Tensor], name: str, epsilon: float, dtype: torch.dtype) -> None:
        self._weight = tensors[name].to(dtype)
        bias = tensors.get(f"{name}.bias")
        self._bias = None if bias is None else bias.to(dtype)
        self._epsilon = epsilon

    def __call__(self, x: Tensor) -> Tensor:
        if self._bias is not None:
            return F.layer_norm(x, self._weight.shape, self._weight, self._bias, self._epsilon)
        return F.rms_norm(x, self._weight.shape, self._weight, self._epsilon)


class Sublayer:
    """A function with its norm and its residual connection, in the family's order."""

    def __init__(self, norm: Norm, first: bool) -> None:
        self._norm, self._first = norm, first

    def __call__(self, x: Tensor, function: Callable[[Tensor], Tensor]) -> Tensor:
        if self._first:
            return x + function(self._norm(x))
        return self._norm(x + function(x))


class FeedForward:
    def __init__(self, tensors: Mapping[str, Tensor], prefix: str, shape: Shape, dtype: torch.dtype) -> None:
        self._up = linear(tensors, f"{prefix}up", dtype)
        self._down = linear(tensors, f"{prefix}down", dtype)
        self._activation, self._gated = _ACTIVATIONS[shape.activation], shape.gated

    def __call__(self, x: Tensor) -> Tensor:
        hidden = self._up(x)
        if self._gated:
            gate, rest = hidden.chunk(2, -1)
            return self._down(self._activation(gate).mul_(rest))
        return self._down(self._activation(hidden))


class EncoderLayer:
    def __init__(self, tensors: Mapping[str, Tensor], prefix: str, shape: Shape, dtype: torch.dtype) -> None:
        self._heads = shape.heads
        self._qkv, self._out = (linear(tensors, prefix + name, dtype) for name in ("qkv", "out"))
        self._feed_forward = FeedForward(tensors, prefix, shape, dtype)
        first = shape.family == "mt5"
        self._attend, self._feed = (
            Sublayer(Norm(tensors, f"{prefix}norm{number}", shape.epsilon, dtype), first) for number in (1, 2)
        )

    def __call__(self, x: Tensor, mask: Tensor | None) -> Tensor:
        """x: (B, S, width); mask: (B, 1 or heads, 1 or S, S), added to the scores."""
        return self._feed(self._attend(x, lambda y: self._attention(y, mask)), self._feed_forward)

    def _attention(self, x: Tensor, mask: Tensor | None) -> Tensor:
        batch, length = x.shape[:2]
        q, k, v = self._qkv(x).view(batch, length, 3, self._heads, -1).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, scale=1.0)  # (B, heads, S, head width)
        return self._out(y.transpose(1, 2).reshape(batch, length, -1))


class DecoderLayer:
    def __init__(self, tensors: Mapping[str, Tensor], prefix: str, shape: Shape, dtype: torch.dtype) -> None:
        self._heads = shape.heads
        self._qkv, self._out, self._query, self._kv, self._cross = (
            linear(tensors, prefix + name, dtype) for name in ("qkv", "out", "query", "kv", "cross")
        )
        self._feed_forward = FeedForward(tensors, prefix, shape, dtype)
        first = shape.family == "mt5"
        self._attend, self._read, self._feed = (
            Sublayer(Norm(tensors, f"{prefix}norm{number}", shape.epsilon, dtype), first) for number in (1, 2, 3)
        )

    def sources(self, states: Tensor) -> tuple[Tensor, Tensor]:
        """The keys and values of encoder states (B, S, width)."""
        batch, length = states.shape[:2]
        k, v = self._kv(states).view(batch, length, 2, self._heads, -1).permute(2, 0, 3, 1, 4)
        return k, v

    def __call__(self, x: Tensor, views: Sequence[View], layer: int) -> Tensor:
        """x: (rows, width), the rows of the views one after the other."""
        x = self._attend(x, lambda y: self._out(self._self_attention(self._qkv(y), views, layer)))
        x = self._read(x, lambda y: self._cross(self._source_attention(self._query(y), views, layer)))
        return self._feed(x, self._feed_forward)

    def _self_attention(self, qkv: Tensor, views: Sequence[View], layer: int) -> Tensor:
        outputs, start = [], 0
        for view in views:
            rows = view.slots * view.beams
            mine = qkv[start : start + rows].view(view.slots, view.beams, 3, self._heads, -1)
            q, k, v = mine.permute(2, 0, 3, 1, 4)  # (n, heads, beams, head width) each
            keys, values = view.past[2 * layer : 2 * layer + 2]
            here = slice(view.column * view.beams, (view.column + 1) * view.beams)
            keys[:, :, here] = k
            values[:, :, here] = v
            outputs.append(_attend(q, keys, values, view.allowed))
            start += rows
        return outputs[0] if len(outputs) == 1 else torch.cat(outputs)

    def _source_attention(self, q: Tensor, views: Sequence[View], layer: int) -> Tensor:
        outputs, start = [], 0
        for view in views:
            rows = view.slots * view.beams
            mine = q[start : start + rows].view(view.slots, view.beams, self._heads, -1).transpose(1, 2)
            outputs.append(_attend(mine, *view.sources[2 * layer : 2 * layer + 2], view.source_mask))
            start += rows
        return outputs[0] if len(outputs) == 1 else torch.cat(outputs)


def _attend(q: Tensor, keys: Tensor, values: Tensor, mask: Tensor) -> Tensor:
    """q: (n, heads, beams, head width) over keys and values (n, heads, S, head width), to (n * beams, heads * head width).

    oneDNN rearranges a product's right factor for the matrix unit: that had better be the queries than the keys.
    """
    n, heads, beams, width = q.shape
    scores = keys.flatten(0, 1) @ q.reshape(n * heads, beams, width).mT
    weights = torch.softmax(scores.mT.contiguous().add_(mask), -1)  # (n * heads, beams, S)
    y = weights @ values.flatten(0, 1)
    return y.view(n, heads, beams, width).transpose(1, 2).reshape(n * beams, heads * width)


class Network:
    """A checkpoint's forward pass on one device. Tensors are in `dtype`, logits always float32."""

    def __init__(self, weights: Weights, device: torch.device, dtype: torch.dtype) -> None:
        """`dtype`: what everything but int8 matrices is computed in."""
        shape = weights.shape
        tensors = {name: tensor.to(device) for name, tensor in weights.tensors.items()}
        self.shape, self.device, self.dtype = shape, device, dtype
        self._embedding = tensors["embedding"].to(dtype)
        decoder_embedding = tensors.get("decoder_embedding")
        self._decoder_embedding = self._embedding if decoder_embedding is None else decoder_embedding.to(dtype)
        self._encoder = [EncoderLayer(tensors, f"encoder.{i}.", shape, dtype) for i in range(shape.encoder_layers)]
        self._decoder = [DecoderLayer(tensors, f"decoder.{i}.", shape, dtype) for i in range(shape.decoder_layers)]
        self._output: Linear = linear({k: v for k, v in tensors.items() if k != "output.bias"}, "output", dtype, torch.float32)
        self._output_bias = tensors.get("output.bias")
        self._sinusoids: Tensor | None = None
        self._norms: tuple[Norm, Norm] | None = None
        if shape.family == "marian":
            self._sinusoids = sinusoids(shape.positions or 0, shape.width).to(device, dtype)
        else:
            self._norms = (
                Norm(tensors, "encoder.norm", shape.epsilon, dtype),
                Norm(tensors, "decoder.norm", shape.epsilon, dtype),
            )
            steps = torch.arange(shape.distance + 1)
            decoder = tensors["decoder.bias"].cpu()[buckets(-steps, shape, both=False)]
            self._decoder_bias = decoder.T.contiguous().to(device, dtype)  # (heads, distance + 1)
            self._encoder_bias = tensors["encoder.bias"]

    @property
    def source_vocabulary(self) -> int:
        return len(self._embedding)

    def encode(self, ids: Tensor, lengths: Sequence[int]) -> list[Tensor]:
        """Read padded source ids (B, S): keys and values of each decoder layer by turns, (B, heads, S, head width)."""
        batch, size = ids.shape
        x = self._embed(self._embedding, ids)
        if self._sinusoids is not None:
            x = x + self._sinusoids[:size]
        mask = self.padding(lengths, size) if min(lengths) < size else None
        if self._norms is not None:
            steps = torch.arange(size, device=self.device)
            bias = self._encoder_bias[buckets(steps[None] - steps[:, None], self.shape, both=True)]  # (S, S, heads)
            bias = bias.permute(2, 0, 1).to(self.dtype, memory_format=torch.contiguous_format)
            mask = bias.expand(batch, -1, -1, -1) if mask is None else bias + mask
        for layer in self._encoder:
            x = layer(x, mask)
        if self._norms is not None:
            x = self._norms[0](x)
        return [tensor for layer in self._decoder for tensor in layer.sources(x)]

    def padding(self, lengths: Sequence[int], size: int) -> Tensor:
        """(B, 1, 1, S): 0 for a source's own positions, and what takes a score out of the softmax for the others."""
        beyond = torch.arange(size) >= torch.tensor(lengths)[:, None]
        mask = torch.zeros(beyond.shape, dtype=self.dtype).masked_fill_(beyond, self.never)
        return mask[:, None, None].to(self.device)

    @property
    def never(self) -> float:
        """Added to a score, it leaves a weight of exactly zero; finite, so that a row without any key is not NaN."""
        return torch.finfo(self.dtype).min / 2

    def distances(self, column: int, window: int) -> Tensor | None:
        """mT5's bias of the positions 0 to `window` - 1 seen from `column`: (heads, window). None for Marian."""
        if self._norms is None:
            return None
        steps = (column - torch.arange(window, device=self.device)).clamp(0, self.shape.distance)
        return self._decoder_bias[:, steps]

    def step(self, ids: Tensor, positions: Tensor, views: Sequence[View]) -> Tensor:
        """Logits (rows, outputs) that follow the target ids (rows,) at `positions` (rows,), in the order of the views."""
        x = self._embed(self._decoder_embedding, ids)
        if self._sinusoids is not None:
            x = x + self._sinusoids[positions]
        for number, layer in enumerate(self._decoder):
            x = layer(x, views, number)
        if self._norms is not None:
            x = self._norms[1](x)
        logits = self._output(x)
        return logits if self._output_bias is None else logits.add_(self._output_bias)

    def _embed(self, table: Tensor, ids: Tensor) -> Tensor:
        x = F.embedding(ids, table)
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
