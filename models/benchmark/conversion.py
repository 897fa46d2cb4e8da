"""Checkpoints in CTranslate2's own format, converted so that they mean the same."""

import json
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from ctranslate2.converters import TransformersConverter

from models.benchmark.job import SUPPRESSED
from models.load import quiet


def convert(checkpoint: Path, folder: Path, quantization: str) -> None:
    """Write the checkpoint of either family into `folder`, its weights stored as `quantization` says."""
    config = json.loads((checkpoint / "config.json").read_text(encoding="utf-8"))
    converter = _Converter(str(checkpoint))
    converter.config = config
    with quiet(), warnings.catch_warnings(action="ignore"):
        converter.convert(str(folder), quantization=quantization, force=True)
    vocabulary: list[str] = json.loads((folder / "shared_vocabulary.json").read_text(encoding="utf-8"))
    own = checkpoint / "generation_config.json"
    words = json.loads(own.read_text(encoding="utf-8")).get("bad_words_ids") if own.is_file() else None
    # Ids beyond the conversion's vocabulary, such as Marian's <pad>, cannot be written anyway.
    left = [[vocabulary[number] for number in word] for word in words or () if max(word) < len(vocabulary)]
    (folder / SUPPRESSED).write_text(json.dumps(left), encoding="utf-8")


class _Converter(TransformersConverter):  # type: ignore[misc]  # not typed
    """CTranslate2's converter without two assumptions that do not hold here."""

    config: Mapping[str, Any]

    def load_model(self, *args: Any, **options: Any) -> Any:
        """The Marian loader takes the last id for `<pad>` and drops it: where `<pad>` is another, it is given one to drop."""
        model = super().load_model(*args, **options)
        if self._pad_stays():
            model.resize_token_embeddings(self.config["vocab_size"] + 1, mean_resizing=False)
        return model

    def _load(self) -> Any:
        """The T5 loader scales outputs where embeddings are tied, as transformers 5 says of every mT5 and yet does not scale.

        With the scale the best token would be the same, but all scores nearly equal: beam search would choose something else.
        The Marian loader starts the decoder from a zero embedding, which that of `<pad>` need not be where it stays.
        """
        spec = super()._load()
        if self._pad_stays():
            spec.decoder.start_from_zero_embedding = False
            spec.config.decoder_start_token = "<pad>"
        if self.config["model_type"] == "mt5":
            spec.decoder.scale_outputs = np.dtype("float32").type(1.0)  # None would not pass CTranslate2's own check
        return spec

    def _pad_stays(self) -> bool:
        last: int = self.config["vocab_size"] - 1
        pad: int = self.config["pad_token_id"]
        return self.config["model_type"] == "marian" and pad != last
