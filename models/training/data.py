"""Reads the written corpus (`models/training/corpus`) and divides it into training, validation and test.

A file under `articles/` holds articles, each begun by a line `# topic`, then one item a line:

    T: Arabic title ||| English title
    S: Arabic sentence ||| English sentence      (in reading order)
    M: Arabic summary ||| English summary

A file under `sentences/` holds one `Arabic<TAB>English` pair a line. The fifth article of every file is for validation and
the sixth for the test; everything else is for training.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Literal

Split = Literal["train", "validation", "test"]

CORPUS = Path(__file__).parent / "corpus"
VALIDATION, TEST = 5, 6  # the place in its file, counted from 1


@dataclass(frozen=True, slots=True)
class Pair:
    """An Arabic text and its English translation."""

    ar: str
    en: str

    def side(self, language: str) -> str:
        return self.ar if language == "ar" else self.en


@dataclass(frozen=True, slots=True)
class Article:
    """A written article: every part in both languages."""

    id: str
    title: Pair
    sentences: tuple[Pair, ...]
    summary: Pair

    def text(self, language: str) -> str:
        return " ".join(pair.side(language) for pair in self.sentences)

    def pairs(self) -> tuple[Pair, ...]:
        return (self.title, *self.sentences, self.summary)


@dataclass(frozen=True, slots=True)
class Corpus:
    """The articles of each split, and the single sentences, which are all for training."""

    articles: dict[Split, tuple[Article, ...]]
    sentences: tuple[Pair, ...]

    def pairs(self, split: Split) -> tuple[Pair, ...]:
        """Every sentence pair of a split, in file order."""
        pairs = tuple(pair for article in self.articles[split] for pair in article.pairs())
        return pairs + self.sentences if split == "train" else pairs


def read_corpus(folder: Path = CORPUS) -> Corpus:
    """Read a corpus folder.

    Raises ValueError naming file and line when a line is malformed, and for a corpus without an article to train or validate on.
    """
    splits: dict[Split, list[Article]] = {"train": [], "validation": [], "test": []}
    for path in sorted((folder / "articles").glob("*.txt")):
        for place, article in enumerate(_read_articles(path), 1):
            splits[_split_of(place)].append(article)
    sentences = [pair for path in sorted((folder / "sentences").glob("*.tsv")) for pair in _read_sentences(path)]
    if not splits["train"]:
        raise ValueError(f"no articles under {folder / 'articles'}: is this a corpus folder?")
    if not splits["validation"]:
        raise ValueError(f"no file under {folder / 'articles'} has a fifth article, for validation")
    return Corpus({name: tuple(articles) for name, articles in splits.items()}, tuple(sentences))


def digest(folder: Path = CORPUS) -> str:
    """The sha256 over all corpus files: stands beside every score, so that two scores can be compared."""
    total = sha256()
    for path in sorted([*(folder / "articles").glob("*.txt"), *(folder / "sentences").glob("*.tsv")]):
        total.update(path.name.encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def _split_of(place: int) -> Split:
    return "validation" if place == VALIDATION else "test" if place == TEST else "train"


def _read_articles(path: Path) -> Iterator[Article]:
    parts: dict[str, list[Pair]] = {}
    number = 0
    for where, line in _lines(path):
        if line.startswith("#"):
            if parts:
                yield _article(path, number, parts)
            parts, number = {"T": [], "S": [], "M": []}, number + 1
            continue
        kind, _, rest = line.partition(":")
        if kind not in parts:
            raise ValueError(f"{where}: expected 'T:', 'S:' or 'M:' under a '# topic' line")
        parts[kind].append(_pair(where, rest, "|||"))
    if parts:
        yield _article(path, number, parts)


def _article(path: Path, number: int, parts: dict[str, list[Pair]]) -> Article:
    if len(parts["T"]) != 1 or len(parts["M"]) != 1 or not parts["S"]:
        raise ValueError(f"{path.name}: article {number} needs one T, one M and at least one S line")
    return Article(f"{path.stem}-{number:02}", parts["T"][0], tuple(parts["S"]), parts["M"][0])


def _read_sentences(path: Path) -> Iterable[Pair]:
    return (_pair(where, line, "\t") for where, line in _lines(path))


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.strip():
            yield f"{path.name}:{number}", line.strip()


def _pair(where: str, text: str, separator: str) -> Pair:
    sides = [side.strip() for side in text.split(separator)]
    if len(sides) != 2 or not all(sides):
        raise ValueError(f"{where}: expected 'Arabic {separator.strip() or '<TAB>'} English'")
    return Pair(*sides)
