"""A tiny corpus in the format of `models/training/corpus`, regular enough for a tiny model to learn from, and tiny models."""

import random
from pathlib import Path
from typing import Any

import pytest

from models.training import fast, run
from models.training.data import Corpus, read_corpus
from models.training.pieces import train_pieces, write_marian_vocabulary, write_mt5_vocabulary
from models.training.summarizer import new_summarizer
from models.training.translator import new_translator

_WORDS = {
    "الوزير": "the minister", "المدينة": "the city", "المدرسة": "the school", "الجسر": "the bridge", "المستشفى": "the hospital",
    "أعلن": "announced", "أغلق": "closed", "زار": "visited", "افتتح": "opened", "أمس": "yesterday", "اليوم": "today",
    "غدا": "tomorrow", "قرب": "near", "بعد": "after", "قبل": "before",
}  # fmt: skip


def line(rng: random.Random, words: int = 5) -> str:
    """`Arabic ||| English`, word for word."""
    chosen = rng.choices(list(_WORDS), k=words)
    return f"{' '.join(chosen)}. ||| {' '.join(_WORDS[word] for word in chosen)}."


def article(rng: random.Random) -> str:
    """A title, four sentences, and a summary that repeats the first of them."""
    sentences = [line(rng) for _ in range(4)]
    return "\n".join(["# topic", f"T: {line(rng, 3)}", *(f"S: {text}" for text in sentences), f"M: {sentences[0]}"])


def write_corpus(folder: Path, articles: int = 12, sentences: int = 20) -> Path:
    """Write two files of articles and one of single sentences into `folder`."""
    rng = random.Random(1)
    for name in ("articles", "sentences"):
        (folder / name).mkdir(parents=True)
    for number in (1, 2):
        text = "\n\n".join(article(rng) for _ in range(articles // 2))
        (folder / "articles" / f"a{number}.txt").write_text(text, encoding="utf-8")
    lines = [line(rng).replace(" ||| ", "\t") for _ in range(sentences)]
    (folder / "sentences" / "s.tsv").write_text("\n".join(lines), encoding="utf-8")
    return folder


def make_corpus(folder: Path) -> Corpus:
    """The corpus of `write_corpus`, read."""
    return read_corpus(write_corpus(folder))


def marian_tokenizer(corpus: Corpus, folder: Path) -> Path:
    """Train a translator's vocabulary on `corpus`; return the folder of its files."""
    train_pieces(_lines(corpus), 400, folder / "pieces.spm")
    write_marian_vocabulary(folder / "pieces.spm", folder / "tokenizer")
    return folder / "tokenizer"


def mt5_tokenizer(corpus: Corpus, folder: Path) -> Path:
    """Train a summarizer's vocabulary on `corpus`; return the folder of its files."""
    train_pieces(_lines(corpus), 400, folder / "pieces.spm", sentinels=True)
    write_mt5_vocabulary(folder / "pieces.spm", folder / "tokenizer")
    return folder / "tokenizer"


def tiny_translator(vocabulary: int, dropout: float = 0.1) -> Any:
    return new_translator(vocabulary, width=64, inner=64, layers=(1, 1), dropout=dropout)


def tiny_summarizer(vocabulary: int) -> Any:
    return new_summarizer(vocabulary, width=64, inner=64, layers=(1, 1))


def train_cheaply(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small new models, a small pool of masks, and no lasting change of how memory is kept."""
    monkeypatch.setattr(fast, "_POOL", 1 << 20)
    monkeypatch.setattr(run, "keep_freed", lambda: None)
    monkeypatch.setattr(run, "new_translator", tiny_translator)
    monkeypatch.setattr(run, "new_summarizer", tiny_summarizer)


def _lines(corpus: Corpus) -> list[str]:
    return [text for pair in corpus.pairs("train") for text in (pair.ar, pair.en)]
