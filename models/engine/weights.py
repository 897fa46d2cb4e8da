"""What the engine computes with: the shape of a network and its tensors under names of our own, both families alike.

Matrices are stored as (outputs, inputs). What reads the same input is one matrix, so that a step has few, large products:
`qkv` holds queries, keys and values, `kv` the keys and values of the source, `up` both halves of a gated feed-forward. The
factor 1/sqrt(head width) of Marian's attention is part of the query rows. Names, with `encoder.0.` for one layer:

    embedding, decoder_embedding (absent where it is the same), output, output.bias (Marian), output.ids (see `formats.restrict`)
    encoder.bias, decoder.bias: mT5's relative positions (buckets, heads)
    encoder.norm, decoder.norm: mT5's last norms
    encoder.0. qkv, out, up, down and norm1, norm2
    decoder.0. qkv, out, query, kv, cross, up, down and norm1, norm2, norm3

Marian's matrices and norms have a `.bias` each. An int8 matrix has a `.scale`: (outputs,), float32.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from torch import Tensor

from models.catalog import Family

Activation = Literal["relu", "swish", "gelu", "gelu_new"]

Format = Literal["float32", "bfloat16", "int8"]
"""How matrices are stored and multiplied. With int8, inputs are rounded row by row, and all else is as in bfloat16 where the
hardware computes in it, else as in float32."""


@dataclass(frozen=True, slots=True)
class Search:
    """What a checkpoint says of decoding. The ids are the engine's to obey; the rest are defaults for `Generation`.

    Names and meanings are those of `transformers.GenerationConfig`. `bad_words` are sequences of ids that never occur.
    """

    start: int
    pad: int
    ends: tuple[int, ...]
    forced_end: int | None = None
    bad_words: tuple[tuple[int, ...], ...] = ()
    renormalize: bool = False
    beams: int | None = None
    length_penalty: float = 1.0
    early_stopping: bool = False
    no_repeat_ngram: int = 0

    @property
    def symbols(self) -> frozenset[int]:
        """The ids of the checkpoint's own symbols, which every output vocabulary has to hold."""
        forced = () if self.forced_end is None else (self.forced_end,)
        return frozenset((self.start, self.pad, *self.ends, *forced))


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a network. Marian normalises after each sublayer (post-norm), mT5 before it (pre-norm, without mean)."""

    family: Family
    width: int
    heads: int
    head_width: int
    encoder_layers: int
    decoder_layers: int
    vocabulary: int
    activation: Activation
    gated: bool
    epsilon: float
    embedding_scale: float
    positions: int | None = None  # Marian's longest sequence; mT5 has none
    buckets: int = 0  # mT5's relative positions
    distance: int = 0


@dataclass(frozen=True, slots=True)
class Weights:
    """A network, ready to be put on a device."""

    shape: Shape
    search: Search
    format: Format
    tensors: Mapping[str, Tensor]
