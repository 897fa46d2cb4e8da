"""Text to token ids and back: one interface for both families, safe to use from any thread.

Marian's tokenizer can apply Moses punctuation normalisation (`MarianTokenizer.normalize`). It is knowingly not applied:
transformers does not call it either, so ids stay equal to the reference, and offsets into the text stay true.
"""

import re
import threading
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from transformers import MarianTokenizer, T5Tokenizer

from models.catalog import Family
from models.errors import WeightsCorrupt

Backend = Any
"""A tokenizer of transformers; its classes are not usefully typed."""

_loading = threading.Lock()


class Tokenizer:
    """A checkpoint's tokenizer. Each thread works on its own copy: the fast ones raise "Already borrowed" when shared.

    `limit` is the number of tokens the model reads, end-of-sentence token included. Nothing is ever cut to it here.
    """

    def __init__(self, factory: Callable[[], Backend], limit: int) -> None:
        self._factory = factory
        self._local = threading.local()
        self.limit = limit

    def encode(self, text: str, prefix: str = "") -> list[int]:
        """The ids of `text`, end-of-sentence token last; `prefix` is a target-language token such as `>>ara<<`.

        Special tokens written in the text ("</s>", ">>fra<<") are text, not instructions to the model.
        """
        backend = self._backend
        # transformers cannot be told to read "</s>" as text: T5's unigram model holds it as an ordinary piece. A space
        # inside takes its power away. The space in front does so for ">>fra<<", which counts only at the very start.
        text = self._local.special.sub(lambda found: f"{found[0][0]} {found[0][1:]}", text)
        ids: list[int] = backend(f"{prefix} {text}")["input_ids"]
        return ids

    def count(self, text: str, prefix: str = "") -> int:
        """How many tokens `encode` gives, to hold against `limit`."""
        return len(self.encode(text, prefix))

    def decode(self, ids: Sequence[int]) -> str:
        """The text of generated `ids`, special tokens left out."""
        text: str = self._backend.decode(
            list(ids), skip_special_tokens=True, clean_up_tokenization_spaces=False, **self._options
        )
        return text.strip()

    @property
    def _backend(self) -> Backend:
        if not hasattr(self._local, "backend"):
            backend = self._factory()
            self._local.special = re.compile("|".join(map(re.escape, backend.all_special_tokens)))
            self._local.backend = backend
        return self._local.backend

    @property
    def _options(self) -> dict[str, bool]:
        # Written pieces belong to target.spm, while Marian's tokenizer decodes with source.spm unless told.
        return {"use_source_tokenizer": False} if isinstance(self._backend, MarianTokenizer) else {}


def tokenizer(folder: Path, family: Family, limit: int, prefixes: Sequence[str] = ()) -> Tokenizer:
    """The tokenizer of the checkpoint in `folder`, its files read once now so that a fault shows at loading.

    Raises `WeightsCorrupt` for files that are missing, damaged, or do not know one of the `prefixes`.
    """
    made = Tokenizer(lambda: _load(folder, family), limit)
    unknown = made._backend.unk_token_id
    for prefix in prefixes:
        if unknown in made.encode("", prefix):
            raise WeightsCorrupt(f"The vocabulary in {folder.name} does not know the target {prefix}.")
    return made


def _load(folder: Path, family: Family) -> Backend:
    cls: Any = MarianTokenizer if family == "marian" else T5Tokenizer
    try:
        # Without sacremoses MarianTokenizer warns that it cannot normalise, which we do not ask of it (see above);
        # warning filters are global, hence the lock.
        with _loading, warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Recommended: pip install sacremoses")
            return cls.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError, KeyError, TypeError, AssertionError, RuntimeError) as error:
        raise WeightsCorrupt(f"The tokenizer files in {folder.name} are missing or damaged.") from error
