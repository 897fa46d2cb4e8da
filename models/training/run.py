"""One training run from its arguments: a fresh model or an existing checkpoint, a corpus, a folder to work in."""

from pathlib import Path
from typing import Any

import torch

from models.catalog import Family
from models.load import load
from models.memory import keep_freed
from models.training.data import Corpus
from models.training.pieces import train_pieces, write_marian_vocabulary, write_mt5_vocabulary
from models.training.summarizer import Summaries, new_summarizer
from models.training.trainer import Options, Progress, Trainer
from models.training.translator import Translation, new_translator

VOCABULARY = 8000  # pieces, of both languages together


def train_translator(corpus: Corpus, folder: Path, options: Options, start: Path | None = None) -> Progress:
    """Train an Arabic-English MarianMT in `folder`, from scratch or from the checkpoint `start`; go on if it was stopped.

    Raises WeightsCorrupt for a `start` that cannot be read, ValueError for one of another family, and for a `folder` that holds
    the run of another model.
    """
    _prepare(options)
    tokenizer = start or folder / "tokenizer"
    if not start and not (tokenizer / "vocab.json").exists():
        train_pieces(_lines(corpus), VOCABULARY, folder / "pieces.spm")
        write_marian_vocabulary(folder / "pieces.spm", tokenizer)
    model = _checkpoint(start, "marian") if start else None
    task = Translation(corpus, tokenizer)
    return Trainer(model or new_translator(len(task.target)), task, options, folder).run()


def train_summarizer(corpus: Corpus, folder: Path, options: Options, start: Path | None = None) -> Progress:
    """Train an Arabic and English mT5 summarizer in `folder`, as `train_translator` does."""
    _prepare(options)
    tokenizer = start or folder / "tokenizer"
    if not start and not (tokenizer / "spiece.model").exists():
        train_pieces(_lines(corpus), VOCABULARY, folder / "pieces.spm", sentinels=True)
        write_mt5_vocabulary(folder / "pieces.spm", tokenizer)
    model = _checkpoint(start, "mt5") if start else None
    task = Summaries(corpus, tokenizer)
    return Trainer(model or new_summarizer(len(task.pieces)), task, options, folder).run()


def _prepare(options: Options) -> None:
    keep_freed()
    torch.manual_seed(options.seed)
    if options.threads:
        torch.set_num_threads(options.threads)


def _checkpoint(folder: Path, family: Family) -> Any:
    """The model in `folder` in float32, ready to learn; Marian's positions are computed, not learned."""
    loaded = load(folder, torch.device("cpu"), torch.float32)
    if loaded.info.family != family:
        raise ValueError(f"{folder} holds a checkpoint of the family {loaded.info.family}, not {family}")
    for name, parameter in loaded.model.named_parameters():
        parameter.requires_grad_(not name.endswith("embed_positions.weight"))
    return loaded.model


def _lines(corpus: Corpus) -> list[str]:
    return [text for pair in corpus.pairs("train") for text in (pair.ar, pair.en)]
