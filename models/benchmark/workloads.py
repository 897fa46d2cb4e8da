"""What is decoded: random networks of real shape with forced lengths, and the sample models on real text."""

import json
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from models.benchmark import checkpoints, lengths
from models.catalog import SAMPLE, Family
from models.engine.protocol import Generation, Item

Kind = Literal["forced", "skewed", "text"]
KINDS: dict[Kind, str] = {
    "forced": "one batch, every source and every target of the same length",
    "skewed": "a stream of items with the lengths of real news",
    "text": "the sample models on articles and sentences",
}

_BATCHES = 8  # of skewed lengths and of text: enough that the last, incomplete one does not decide
_TRIED = {"forced": 1, "skewed": 8, "text": 8}  # items on which one request after the other is measured
_FIRST_ID = 3  # below are the symbols of both families' vocabularies


@dataclass(frozen=True, slots=True)
class Network:
    """A network to run: random with `shape`, forced to `source` and `target` tokens; or, without a shape, a sample model."""

    title: str
    family: Family
    unit: Literal["articles", "sentences"]
    sample: str = ""
    shape: dict[str, Any] | None = None
    source: int = 0
    target: int = 0

    def kinds(self) -> tuple[Kind, ...]:
        """What can be measured on it: the lengths of the histogram are those of sentences."""
        if self.shape is None:
            return ("text",)
        return ("forced", "skewed") if self.unit == "sentences" else ("forced",)


NETWORKS: dict[str, Network] = {
    "xlsum": Network("mT5-base, XL-Sum's shape", "mt5", "articles", shape=checkpoints.XLSUM, source=512, target=84),
    "opus-mt": Network(
        "Marian, opus-mt-ar-en's shape", "marian", "sentences", shape=checkpoints.OPUS_MT_AR_EN, source=40, target=40
    ),
    "tc-big": Network(
        "Marian, opus-mt-tc-big's shape", "marian", "sentences", shape=checkpoints.OPUS_MT_TC_BIG, source=40, target=40
    ),
    "sample-translator": Network("sample translator", "marian", "sentences", sample="translator"),
    "sample-summarizer": Network("sample summarizer", "mt5", "articles", sample="summarizer"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One comparison: a network, a kind of work, how many items at one time, how many beams."""

    network: str
    kind: Kind
    batch: int
    beams: int


def made(folder: Path, make: Callable[[Path], object]) -> Path:
    """`folder`, made under another name first, so that what stands there is whole."""
    if not folder.exists():
        unfinished = folder.with_name(f"{folder.name}.new")
        make(unfinished)
        unfinished.rename(folder)
    return folder


def checkpoint(name: str, folder: Path) -> Path:
    """The checkpoint of the network called `name`: a sample model where it stands; a random one is written into `folder` once."""
    network = NETWORKS[name]
    if network.shape is None:
        return SAMPLE / network.sample
    shape, write = network.shape, checkpoints.marian if network.family == "marian" else checkpoints.mt5
    return made(folder / f"{name}-full", lambda unfinished: write(unfinished, shape))


def trimmed(name: str, folder: Path, rows: int) -> Path:
    """The random network called `name`, its vocabulary trimmed to `rows`; written into `folder` once."""
    full = checkpoint(name, folder)
    return made(folder / f"{name}-{rows}", lambda unfinished: checkpoints.trim(full, unfinished, rows))


def items(line: Line, network: Network, rows: int) -> tuple[Item, ...]:
    """The work of a line. Random sources hold ids that a vocabulary trimmed to `rows` still has."""
    if line.kind == "text":
        return _text(line, network)
    if line.kind == "forced":
        pairs = [(network.source, network.target)] * line.batch
    else:
        pairs = lengths.read().draw(_BATCHES * line.batch)
    ids = drawn(network, rows, [source for source, _ in pairs])
    settings = [Generation(beams=line.beams, max_tokens=target, min_tokens=target) for _, target in pairs]
    return tuple(map(Item, ids, settings))


def drawn(network: Network, rows: int, sizes: Iterable[int]) -> list[tuple[int, ...]]:
    """Random ids that a vocabulary trimmed to `rows` still has, so many of each with the end symbol; the same at every call."""
    vocabulary = min(rows, (network.shape or {})["vocab_size"])
    draw, end = random.Random(0), 0 if network.family == "marian" else 1
    return [(*(draw.randrange(_FIRST_ID, vocabulary - 1) for _ in range(length - 1)), end) for length in sizes]


def some(items: Sequence[Item], kind: Kind) -> tuple[Item, ...]:
    """A few items from the shortest to the longest, for what is too slow to be measured on all."""
    by_length = sorted(items, key=lambda item: (len(item.ids), item.settings.max_tokens))
    step = max(1, len(items) // _TRIED[kind])
    return tuple(by_length[step // 2 :: step][: _TRIED[kind]])


def _text(line: Line, network: Network) -> tuple[Item, ...]:
    """Articles for the summarizer, their sentences for the translator, decoded as `_settings` says."""
    from models.tokenize import tokenizer

    folder = SAMPLE / network.sample
    limit = 512
    encoder = tokenizer(folder, network.family, limit)
    texts = articles() if network.unit == "articles" else [s for article in articles() for s in article]
    settings = _settings(folder, line.beams)
    chosen: list[Item] = []
    for text in texts[: _BATCHES * line.batch]:
        parts = [text] if isinstance(text, str) else text
        ids = encoder.encode(" ".join(parts))
        while len(ids) > limit and len(parts) > 1:
            parts = parts[:-1]
            ids = encoder.encode(" ".join(parts))
        chosen.append(Item(tuple(ids), settings))
    return tuple(chosen)


def articles() -> list[list[str]]:
    """Arabic articles as sentences: the sample articles and, in a clone of the project, the test articles of the corpus."""
    from models.training.data import CORPUS, read_corpus

    paths = sorted((SAMPLE / "articles").glob("*.json"))
    samples = [json.loads(path.read_text(encoding="utf-8"))["sentences"] for path in paths]
    found = [[sentence["ar"] for sentence in sentences] for sentences in samples]
    if (CORPUS / "articles").is_dir():
        found += [[pair.ar for pair in article.sentences] for article in read_corpus().articles["test"]]
    return found


def _settings(folder: Path, beams: int) -> Generation:
    """The checkpoint's own, but for `beams` and early stopping: CTranslate2 ends each search once that many outputs are finished.

    The other systems are told to do the same.
    """
    own = json.loads((folder / "generation_config.json").read_text(encoding="utf-8"))
    return Generation(
        beams=beams,
        max_tokens=own.get("max_length", 256) - 1,
        length_penalty=own.get("length_penalty", 1.0),
        early_stopping=True,
        no_repeat_ngram=own.get("no_repeat_ngram_size", 0),
    )
