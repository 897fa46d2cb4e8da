"""Learns the weights of `models/checks/negation.toml` from labelled briefs of the training articles.

    python tests/quality/checks/learn.py [--output FILE]

Each training article gives a row of every faithful and every negated kind that `make.py` can draw from it; the rows of
`dev-hard.jsonl` are added. A row is read with a word table that was learned without the corpus files of its article, since a
table knows the words of its own sentences too well. Deterministic; takes some minutes.

It prints what weights learned from the odd articles make of the even ones, and the other way round; the threshold that is
written is the one at which that flags `_FALSE` of the faithful drawn rows.
"""

import argparse
import random
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import make  # first: makes the project importable
import numpy as np
import opposed
from base import drafts

from models.checks import negation
from models.checks.inspect import held
from models.checks.judge import Doubt, Judge
from models.evaluation.checks import Label, Labelled, prepared, read_labelled
from models.text import comparing
from models.text.lexicon import Lexicon, parse
from models.training.data import Article, read_corpus
from models.training.lexicon import train, write

_FOLDS = 4  # word tables, each learned without a part of the corpus files
_FALSE = 0.015  # share of the faithful drawn rows that may be flagged
_FREQUENT = 40  # doubts that a cue needs for a weight of its own
_BY_HAND = "by hand"
# What a row counts that does not count once: kinds that are found less often or are rare here more, a word for its opposite less.
_COUNTS = {
    "negation-dropped": 3.0,
    "negation-denied": 2.0,
    "negation-reversed": 2.0,
    "negation-opposite": 0.25,
    _BY_HAND: 3.0,
}
_ROUNDS = 4  # in each the doubt of a negated row that is likeliest becomes the one to learn from
_RIDGE = 10.0
_KINDS = ("added", "lost", "opposed")
_STEPS = 30  # of Newton's method
_OUTPUT = Path(negation.__file__).with_name("negation.toml")


@dataclass(frozen=True, slots=True)
class Row:
    """A labelled brief with the kind of draw that it is, whether its article has an odd number, and the doubts about it."""

    negated: bool
    kind: str
    odd: bool
    doubts: tuple[Doubt, ...]


def main() -> None:
    parser = argparse.ArgumentParser(description="Learn how sure signs of negation are.")
    parser.add_argument("--output", type=Path, default=_OUTPUT, help="file to write (default: %(default)s)")
    output = parser.parse_args().output
    rows = _rows()
    chances = np.zeros(len(rows))
    for odd in (True, False):
        model = Model.learn([row for row in rows if row.odd == odd])
        for place, row in enumerate(rows):
            if row.odd != odd:
                chances[place] = max(map(model.chance, row.doubts), default=0.0)
    threshold = float(np.quantile([c for c, row in zip(chances, rows, strict=True) if _drawn(row)], 1 - _FALSE))
    _tell(rows, chances, threshold)
    Model.learn(rows).write(output, threshold)


def _drawn(row: Row) -> bool:
    return not row.negated and row.kind != _BY_HAND


def _tell(rows: Sequence[Row], chances: Sequence[float], threshold: float) -> None:
    groups: dict[str, list[bool]] = {}
    for row, chance in zip(rows, chances, strict=True):
        name = "faithful" if _drawn(row) else row.kind
        if row.kind == _BY_HAND:
            name += ", negated" if row.negated else ", faithful"
        groups.setdefault(f"{name}, {'odd' if row.odd else 'even'}", []).append(chance >= threshold)
    for name, flagged in sorted(groups.items()):
        sys.stdout.write(f"{name}: {100 * sum(flagged) / len(flagged):.1f}% of {len(flagged)} flagged\n")


# ---------------------------------------------------------------- rows


def _rows() -> list[Row]:
    articles = read_corpus().articles["train"]
    files = sorted({_file(article.id) for article in articles})
    folds = [frozenset(files[number::_FOLDS]) for number in range(_FOLDS)]
    drawn = (*_drawn_rows(articles), *_opposite_rows(articles))
    labelled = [(row, row.id.partition("/")[2]) for row in drawn]
    labelled += [(row, _BY_HAND) for row in read_labelled(make.FOLDER / "dev-hard.jsonl")]
    wanted = [(row, kind) for row, kind in labelled if row.label in ("faithful", "negation")]
    with ProcessPoolExecutor() as pool:
        return [row for found in pool.map(partial(_fold, wanted), folds) for row in found]


def _drawn_rows(articles: Sequence[Article]) -> Iterator[Labelled]:
    for kind in make.QUOTAS:
        if kind.startswith(("faithful:", "negation:")):
            for draft, change in make.draw(kind, len(articles), articles, Counter(), random.Random(f"learn {kind}")):
                row = make.row(draft, change, random.Random(f"learn {draft.article.id} {kind}"))
                label: Label = "negation" if kind.startswith("negation:") else "faithful"
                yield Labelled(row["id"], row["text"], row["brief"], row.get("brief_source"), label)


def _opposite_rows(articles: Sequence[Article]) -> Iterator[Labelled]:
    """For each article a brief with a word put for its opposite."""
    for article in articles:
        rng = random.Random(f"learn {article.id} opposite")
        found = ((draft, change) for draft in drafts(article, rng) for change in opposed.changes(draft, rng))
        if first := next(found, None):
            row = make.row(*first, rng)
            yield Labelled(row["id"], row["text"], row["brief"], row.get("brief_source"), "negation")


def _fold(rows: Iterable[tuple[Labelled, str]], files: frozenset[str]) -> list[Row]:
    """The rows about articles of some corpus files, read with a word table that knows none of these."""
    corpus = read_corpus()
    known = [pair for article in corpus.articles["train"] if _file(article.id) not in files for pair in article.pairs()]
    with TemporaryDirectory() as folder:
        write(train([*known, *corpus.sentences]), Path(folder) / "table", "")
        table = parse((Path(folder) / "table").read_bytes(), "ar", "en")
    with patch.object(comparing, "lexicon", partial(_only, table)), patch.object(comparing, "knowing", lambda _: table):
        return [_row(row, kind) for row, kind in rows if _file(row.id) in files]


def _only(table: Lexicon, source: str, target: str) -> Lexicon | None:
    return table if (source, target) == (table.source, table.target) else None


def _row(row: Labelled, kind: str) -> Row:
    article_id = row.id.partition("/")[0]
    found = (doubt for pairs, others in held(*prepared(row, "en"), "en") for doubt in negation.doubts(pairs, others))
    return Row(row.label == "negation", kind, int(article_id.rpartition("-")[2]) % 2 == 1, tuple(found))


def _file(article_id: str) -> str:
    return article_id.partition("-")[0]


# ---------------------------------------------------------------- weights


Weights = dict[str, Any]  # `bias`, `signs` by name and `cues` by their words, as `Judge` takes them


class Model:
    """Weights of the signs and of the cues for each kind of doubt, and the judge that they make."""

    def __init__(self, weights: dict[str, Weights]) -> None:
        self._weights = weights
        self._judge = Judge({"threshold": 0.5, **weights})

    @classmethod
    def learn(cls, rows: Sequence[Row]) -> "Model":
        """Of a negated row only one doubt is right. At first it is any whose cue has no like, then the likeliest."""
        rights = [{number for number, doubt in enumerate(row.doubts) if not doubt.signs.get("matched")} for row in rows]
        for _ in range(_ROUNDS):
            model = cls({kind: _fit(list(_examples(kind, rows, rights))) for kind in _KINDS})
            rights = [
                {max(range(len(row.doubts)), key=lambda n: model.chance(row.doubts[n]), default=0)} for row in rows
            ]
        return model

    def chance(self, doubt: Doubt) -> float:
        """How likely the doubt is right."""
        return self._judge.probability(doubt)

    def write(self, path: Path, threshold: float) -> None:
        lines = ["# Learned by tests/quality/checks/learn.py.", f"threshold = {threshold:.3f}"]
        for kind, weights in self._weights.items():
            lines += ["", f"[{kind}]", f"bias = {weights['bias']:.3f}"]
            lines += ["", f"[{kind}.signs]", *(f'"{name}" = {value:.3f}' for name, value in weights["signs"].items())]
            lines += ["", f"[{kind}.cues]", *(f'"{cue}" = {value:.3f}' for cue, value in weights["cues"].items())]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")


Example = tuple[Doubt, bool, float]  # whether it is right, and how much it counts


def _examples(kind: str, rows: Sequence[Row], rights: Sequence[set[int]]) -> Iterator[Example]:
    """The doubts of faithful rows, which are wrong, and those of negated rows that are taken for right."""
    for row, right in zip(rows, rights, strict=True):
        for number, doubt in enumerate(row.doubts):
            if doubt.kind == kind and (not row.negated or number in right):
                yield doubt, row.negated, _COUNTS.get(row.kind, 1.0)


def _fit(examples: Sequence[Example]) -> Weights:
    """Logistic regression with a ridge on standardised signs, by Newton's method."""
    names = list(examples[0][0].signs)
    count = Counter(doubt.cue for doubt, _, _ in examples)
    cues = sorted(cue for cue, times in count.items() if times >= _FREQUENT)
    table = np.array(
        [
            [*(doubt.signs[name] for name in names), *(float(doubt.cue == cue) for cue in cues)]
            for doubt, _, _ in examples
        ]
    )
    right = np.array([float(right) for _, right, _ in examples])
    counts = np.array([counts for _, _, counts in examples])
    mean, spread = table.mean(0), table.std(0)
    spread[spread == 0] = 1.0
    signs = np.column_stack([np.ones(len(table)), (table - mean) / spread])
    ridge = _RIDGE * np.eye(signs.shape[1])
    ridge[0, 0] = 0.0
    weights = np.zeros(signs.shape[1])
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-signs @ weights))
        slope = signs.T @ (counts * (right - chance)) - ridge @ weights
        curve = (signs * (counts * chance * (1 - chance))[:, None]).T @ signs + ridge
        weights += np.linalg.solve(curve, slope)
    own = weights[1:] / spread
    bias = float(weights[0] - own @ mean)
    values = list(map(float, own))
    return {
        "bias": bias,
        "signs": dict(zip(names, values, strict=False)),
        "cues": dict(zip(cues, values[len(names) :], strict=True)),
    }


if __name__ == "__main__":
    main()
