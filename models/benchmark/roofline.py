"""How long the work would take at least: its operations and bytes, counted from the shape, against the machine's peaks.

The model is that of Williams, Waterman and Patterson (2009): a phase takes at least its operations at the peak rate, and at least
its bytes at the memory's rate. Counted are products with weights and attention; norms, softmax and search are left out, so the
bound is a true one.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from models.engine.protocol import Item

_WIDTHS = {"float32": 4, "float16": 2, "bfloat16": 2}
_CACHED = 2  # bytes of a key's or value's number in any format but float32


@dataclass(frozen=True, slots=True)
class Shape:
    """What decides the work: `width` of the states, `inner` of all heads together, `ffn` with 3 matrices if gated, else 2."""

    width: int
    inner: int
    ffn: int
    ffn_matrices: int
    encoder_layers: int
    decoder_layers: int
    vocabulary: int

    @staticmethod
    def read(folder: Path) -> "Shape":
        """From a checkpoint's config.json, of either family."""
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        if config["model_type"] == "marian":
            return Shape(
                width=config["d_model"],
                inner=config["d_model"],
                ffn=config["encoder_ffn_dim"],
                ffn_matrices=2,
                encoder_layers=config["encoder_layers"],
                decoder_layers=config["decoder_layers"],
                vocabulary=config["vocab_size"],
            )
        return Shape(
            width=config["d_model"],
            inner=config["num_heads"] * config["d_kv"],
            ffn=config["d_ff"],
            ffn_matrices=3 if config["feed_forward_proj"].startswith("gated") else 2,
            encoder_layers=config["num_layers"],
            decoder_layers=config["num_decoder_layers"],
            vocabulary=config["vocab_size"],
        )

    @property
    def encoder(self) -> int:
        """Weights of the encoder's layers: four attention matrices and the feed-forward ones each."""
        return self.encoder_layers * (4 * self.width * self.inner + self._ffn)

    @property
    def cross(self) -> int:
        """Weights that make the source's keys and values, once for each source position."""
        return self.decoder_layers * 2 * self.width * self.inner

    @property
    def decoder(self) -> int:
        """Weights that every step reads: self-attention, the query and output of cross-attention, feed-forward."""
        return self.decoder_layers * (6 * self.width * self.inner + self._ffn)

    @property
    def head(self) -> int:
        """Weights of the output projection."""
        return self.width * self.vocabulary

    @property
    def _ffn(self) -> int:
        return self.ffn_matrices * self.width * self.ffn


@dataclass(frozen=True, slots=True)
class Phase:
    """Operations with weights and of attention (a multiplication and an addition are two), and bytes read."""

    linear: float
    attention: float
    bytes: float

    def seconds(self, form: str, peaks: Mapping[str, float]) -> float:
        """The least time this takes with weights in the number format `form`; `peaks` as `machine.peaks` gives them."""
        floats = peaks["float32"] if form == "float32" else max(peaks["float32"], peaks["bfloat16"])
        linear = max(peaks["int8"], floats) if form.startswith("int8") else floats  # int8 may be widened on the way
        return max(self.linear / linear + self.attention / floats, self.bytes / peaks["bandwidth"])


def work(shape: Shape, items: Sequence[Item], targets: Sequence[int], batch: int, form: str) -> tuple[Phase, Phase]:
    """Encoding and decoding of `items`, whose outputs have `targets` tokens, `batch` at one time.

    Weights are read once for every batch that is encoded and every step that is decoded, with all places taken; the source's
    keys and values once for each step of an item, whatever its beams; the target's own once for each beam and step.
    """
    weight, cached = (_WIDTHS[form], _WIDTHS[form]) if form in _WIDTHS else (1, _CACHED)
    sources = [len(item.ids) for item in items]
    encoding = Phase(
        linear=2.0 * sum(sources) * (shape.encoder + shape.cross),
        attention=4.0 * shape.encoder_layers * shape.inner * sum(s * s for s in sources),
        bytes=-(-len(items) // batch) * weight * float(shape.encoder + shape.cross),
    )
    rows = sum(t * item.settings.beams for item, t in zip(items, targets, strict=True))
    seen_source = sum(s * t for s, t in zip(sources, targets, strict=True))
    beams = [item.settings.beams for item in items]
    seen_target = sum(b * t * (t + 1) // 2 for b, t in zip(beams, targets, strict=True))
    seen = sum(b * s * t for b, s, t in zip(beams, sources, targets, strict=True)) + seen_target
    steps = sum(targets) / min(batch, len(items))
    decoding = Phase(
        linear=2.0 * rows * (shape.decoder + shape.head),
        attention=4.0 * shape.decoder_layers * shape.inner * seen,
        bytes=steps * weight * (shape.decoder + shape.head)
        + 2.0 * shape.decoder_layers * shape.inner * cached * (seen_source + seen_target),
    )
    return encoding, decoding
