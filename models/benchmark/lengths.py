"""How long news sentences and their translations are: a histogram of the written corpus, shipped as `lengths.json`.

The corpus itself is not part of the installed package. Counted are the sentences of its articles, in tokens of the sample
translator with the end symbol. To count them anew after a change of the corpus: `python -m models.benchmark.lengths`.
"""

import json
import random
from collections import Counter
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

FILE = Path(__file__).with_name("lengths.json")


@dataclass(frozen=True, slots=True)
class Histogram:
    """How often each (source, target) length occurs in the corpus whose sha256 is `corpus`."""

    corpus: str
    counts: dict[tuple[int, int], int]

    @property
    def digest(self) -> str:
        """The sha256 of the counts: two figures from skewed lengths can be compared if it is the same."""
        return sha256(json.dumps(sorted((*pair, count) for pair, count in self.counts.items())).encode()).hexdigest()

    def draw(self, count: int, seed: int = 0) -> list[tuple[int, int]]:
        """`count` pairs of lengths in random order, each as likely as it is frequent."""
        pairs = sorted(self.counts)
        return random.Random(seed).choices(pairs, weights=[self.counts[pair] for pair in pairs], k=count)


def read() -> Histogram:
    """The shipped histogram."""
    data = json.loads(FILE.read_text(encoding="utf-8"))
    counts = {
        (int(source), int(target)): count
        for source, targets in data["counts"].items()
        for target, count in targets.items()
    }
    return Histogram(data["corpus"], counts)


def count() -> Histogram:
    """The histogram of the corpus in this checkout."""
    from models.catalog import SAMPLE
    from models.training.data import digest, read_corpus
    from models.training.pieces import marian_pieces

    source, target = marian_pieces(SAMPLE / "translator")
    articles = (article for split in read_corpus().articles.values() for article in split)
    pairs = (pair for article in articles for pair in article.sentences)
    return Histogram(digest(), Counter((len(source.encode(pair.ar)), len(target.encode(pair.en))) for pair in pairs))


def write(histogram: Histogram) -> None:
    """Make `histogram` the shipped one: one line for each source length."""
    sources: dict[int, dict[int, int]] = {}
    for (source, target), number in sorted(histogram.counts.items()):
        sources.setdefault(source, {})[target] = number
    rows = ",\n".join(f'  "{source}": {json.dumps(targets)}' for source, targets in sources.items())
    FILE.write_text(f'{{\n "corpus": "{histogram.corpus}",\n "counts": {{\n{rows}\n }}\n}}\n', encoding="utf-8")


if __name__ == "__main__":
    write(count())
