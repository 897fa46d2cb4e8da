"""`mujaz bench --agreement`: how often bfloat16 and int8 would write what float32 writes, and how far their logits are from its.

Every target is given (teacher forcing, see `forcing.py`), so one different token does not make all that follow different. An id
counts where float32 is sure of it: where its logits have a margin above `MARGIN` between the first and the second.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor

from models import memory
from models.benchmark import forcing
from models.benchmark.checkpoints import initialise
from models.benchmark.forcing import Forced, Pair
from models.benchmark.systems import FORMATS
from models.benchmark.workloads import NETWORKS, Network, checkpoint, drawn, made, trimmed
from models.catalog import SAMPLE
from models.evaluation.texts import corpus_rows
from models.tokenize import tokenizer

MARGIN = 0.5
REFERENCE = "mujaz-float32"
BASELINE = "transformers-bfloat16"
USUAL = ("xlsum", "opus-mt", "sample-translator", "sample-summarizer")

_ITEMS = {"articles": 32, "sentences": 128}  # of random ids
_TEXTS = {"articles": 64, "sentences": 256}  # of the corpus, its test part
_BATCH = 16
_LONGEST = 512  # tokens of a source; longer articles are left out

Scale = Literal["as made", "initialised", "trained"]
SCALES: dict[Scale, str] = {
    "as made": "random weights as `mujaz bench` makes them",
    "initialised": "random weights at the scale that training begins with",
    "trained": "test articles",
}

Say = Callable[[str], None]
"""Takes a line on what is being done."""


@dataclass(frozen=True, slots=True)
class Row:
    """One system beside `REFERENCE`.

    `sure` is the share of the positions with the margin at which both have the same best id (None where there is no such
    position), `same` that of all positions; `missed` is float32's largest margin where they differ. `error` is the relative error
    of a position's logits l, the Euclidean norm of l - l32 by that of l32, each less its mean: median and 95th percentile.
    """

    system: str
    sure: float | None
    same: float
    missed: float | None
    error_median: float
    error_p95: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """One network: what was forced, and how each system fared.

    Of float32's logits, `sure` counts the positions with the margin and `best` the different ids that are best somewhere;
    `margins` are their quartiles, `deviation` is the mean standard deviation of a position's logits.
    """

    network: str
    scale: Scale
    items: int
    positions: int
    sure: int
    best: int
    margins: tuple[float, ...]
    deviation: float
    rows: list[Row] = field(default_factory=list)

    def to_baseline(self, row: Row) -> float | None:
        """By how many points `row` agrees more than `BASELINE` where float32 is sure."""
        baseline = next((other.sure for other in self.rows if other.system == BASELINE), None)
        return None if row.sure is None or baseline is None else 100 * (row.sure - baseline)


def measure(names: Sequence[str], folder: Path, device: str, rows: int, say: Say) -> Iterator[Outcome]:
    """The networks called `names`, random ones with a vocabulary of `rows` pieces and at two scales; made in `folder`.

    Raises `ValueError` where the written corpus is not at hand, which the sample models are measured on.
    """
    torch.set_flush_denormal(True)  # as in the service
    for name in names:
        network = NETWORKS[name]
        if network.shape is None:
            yield _outcome(name, "trained", checkpoint(name, folder), texts(network), device, say)
            continue
        source, pairs = trimmed(name, folder, rows), drawn_pairs(network, rows)
        yield _outcome(name, "as made", source, pairs, device, say)
        scaled = made(folder / f"{name}-{rows}-initialised", partial(initialise, source))
        yield _outcome(name, "initialised", scaled, pairs, device, say)


def drawn_pairs(network: Network, rows: int) -> list[Pair]:
    """Random ids, as long as the network's forced work."""
    lengths = [network.source, network.target] * _ITEMS[network.unit]
    ids = drawn(network, rows, lengths)
    return [Pair(source, target) for source, target in zip(ids[::2], ids[1::2], strict=True)]


def texts(network: Network) -> list[Pair]:
    """Test articles and their written summaries, or their sentences and the written translations.

    Raises `ValueError` where the corpus is not at hand.
    """
    encode = tokenizer(SAMPLE / network.sample, network.family, _LONGEST).encode
    found = corpus_rows("test", "text" if network.unit == "articles" else "source", "ar")[: _TEXTS[network.unit]]
    pairs = [Pair(tuple(encode(row.text)), tuple(encode(row.references[0]))) for row in found]
    return [pair for pair in pairs if len(pair.source) <= _LONGEST]


def _outcome(name: str, scale: Scale, folder: Path, pairs: Sequence[Pair], device: str, say: Say) -> Outcome:
    def run(engine: str, form: str) -> Iterator[Tensor]:
        say(f"{NETWORKS[name].title}, {SCALES[scale]}: {engine}-{form}")
        made = {"mujaz": forcing.mujaz, "transformers": forcing.transformers}[engine]
        return logits(made(folder, form, torch.device(device)), pairs)

    reference = list(run("mujaz", "float32"))
    margins = torch.cat([margin(found) for found in reference])
    quartiles = margins.quantile(torch.tensor([0.25, 0.5, 0.75])).tolist()
    best = {number for found in reference for number in found.argmax(-1).tolist()}
    deviation = float(torch.cat([found.std(-1) for found in reference]).mean())
    counts = (len(pairs), len(margins), int((margins > MARGIN).sum()), len(best))
    outcome = Outcome(name, scale, *counts, tuple(quartiles), deviation)
    for engine in ("mujaz", "transformers"):
        for form in FORMATS[device][engine]:
            if f"{engine}-{form}" != REFERENCE:
                outcome.rows.append(row(f"{engine}-{form}", run(engine, form), reference))
                memory.give_back()
    return outcome


def logits(forced: Forced, pairs: Sequence[Pair]) -> Iterator[Tensor]:
    """The logits of each pair, in order, computed in batches."""
    for start in range(0, len(pairs), _BATCH):
        yield from forced(pairs[start : start + _BATCH])


def margin(logits: Tensor) -> Tensor:
    """By how much the best id of each position leads: (positions, vocabulary) to (positions,)."""
    first, second = logits.topk(2).values.unbind(-1)
    return first - second


def row(system: str, found: Iterable[Tensor], reference: Sequence[Tensor]) -> Row:
    """`found` beside `reference`: (positions, vocabulary) for each pair."""
    same, margins, errors = [], [], []
    for logits, wanted in zip(found, reference, strict=True):
        same.append(logits.argmax(-1) == wanted.argmax(-1))
        margins.append(margin(wanted))
        centred = wanted - wanted.mean(-1, keepdim=True)
        errors.append((logits - logits.mean(-1, keepdim=True) - centred).norm(dim=-1) / centred.norm(dim=-1))
    agrees, leads, error = torch.cat(same), torch.cat(margins), torch.cat(errors)
    sure, missed = agrees[leads > MARGIN], leads[~agrees]
    return Row(
        system,
        float(sure.float().mean()) if len(sure) else None,
        float(agrees.float().mean()),
        float(missed.max()) if len(missed) else None,
        float(error.median()),
        float(error.quantile(0.95)),
    )


def as_json(
    outcomes: Sequence[Outcome], hardware: dict[str, Any], versions: dict[str, str | None], settings: dict[str, Any]
) -> str:
    """Everything; `to_baseline` in points."""
    networks = [
        {
            **asdict(outcome),
            "rows": [{**asdict(row), "to_baseline": outcome.to_baseline(row)} for row in outcome.rows],
        }
        for outcome in outcomes
    ]
    about = {"reference": REFERENCE, "baseline": BASELINE, "margin": MARGIN, **settings}
    return json.dumps({"hardware": hardware, "versions": versions, "settings": about, "networks": networks}, indent=1)


def as_table(outcomes: Sequence[Outcome], hardware: dict[str, Any]) -> str:
    """A table for each network, the systems below one another; under them the machine."""
    told = f"{hardware['gpu'] or hardware['cpu']} ({' '.join(hardware['flags'])})"
    return "\n\n".join([*map(_table, outcomes), f"the reference is {REFERENCE}; points: to {BASELINE}\n{told}"])


def _table(outcome: Outcome) -> str:
    network = NETWORKS[outcome.network]
    lines = [
        f"{network.title}, {SCALES[outcome.scale]}: {outcome.items} {network.unit}, {outcome.positions:,} positions, "
        f"{outcome.best:,} different best ids; margin above {MARGIN} at {outcome.sure:,} "
        f"({outcome.sure / outcome.positions:.1%})"
    ]
    if not outcome.sure:
        lines.append(f"no margin is above {MARGIN}: the logits of these weights are too small for it to mean anything")
    lines.append(f"{'system':24}{'agrees':>10}{'points':>9}{'of all':>10}{'missed':>8}{'error p50':>11}{'p95':>9}")
    for row in outcome.rows:
        points = outcome.to_baseline(row)
        cells = ["" if row.sure is None else f"{row.sure:.3%}", "" if points is None else f"{points:+.2f}"]
        missed = "" if row.missed is None else f"{row.missed:.3f}"
        figures = f"{row.same:>10.3%}{missed:>8}{row.error_median:>11.1e}{row.error_p95:>9.1e}"
        lines.append(f"{row.system:24}{cells[0]:>10}{cells[1]:>9}{figures}")
    return "\n".join(lines)
