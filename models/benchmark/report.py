"""What the runs say: the figures of every system on a line, worked out from its measurements."""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from models.benchmark.roofline import Shape, work
from models.benchmark.runner import Outcome, Runs
from models.benchmark.systems import System
from models.benchmark.workloads import NETWORKS, Line


@dataclass(frozen=True, slots=True)
class Row:
    """One system on one line: medians over all passes of its best variant, None where there is no such figure.

    `rate`: items/s. `tokens`: target tokens/s. `first_ms`: until every item has its first target token. `step_ms`: a decode step.
    `ready_mb`, `peak_mb`: memory beyond the bare process with torch imported. `roofline`: the share of what the machine could do.
    The rest are ratios of `rate`: to CTranslate2's best with the same vocabulary and with the full one, to transformers in
    float32 item by item and in the same batches, and to the same system fed the same work in batches.
    """

    system: System
    variant: str
    rate: float | None = None
    tokens: float | None = None
    first_ms: float | None = None
    step_ms: float | None = None
    load_s: float | None = None
    ready_mb: float | None = None
    peak_mb: float | None = None
    roofline: float | None = None
    to_ctranslate2: float | None = None
    to_ctranslate2_full: float | None = None
    to_transformers_each: float | None = None
    to_transformers: float | None = None
    to_batches: float | None = None
    note: str = ""


def rows(outcome: Outcome, peaks: Mapping[str, float], rows_kept: int, checkpoint: Path) -> list[Row]:
    """One row for each system, in the order they were asked for. `checkpoint` is that of the line's network."""
    shape = Shape.read(checkpoint)
    trimmed = replace(shape, vocabulary=min(rows_kept, shape.vocabulary))
    figures = [
        _row(outcome.line, entries[0], trimmed if system.vocabulary == "trimmed" else shape, peaks)
        for system, entries in outcome.runs.items()
    ]
    return [_compared(row, figures) for row in figures]


def _row(line: Line, runs: Runs, shape: Shape, peaks: Mapping[str, float]) -> Row:
    system, measured = runs.variant.system, runs.measurements
    if runs.failure:
        return Row(system, runs.variant.label, note=runs.failure)
    seconds, tokens = runs.seconds, _median(m.tokens for m in measured)
    first, step = _steps(line, runs)
    return Row(
        system,
        runs.variant.label,
        rate=len(runs.items) / seconds,
        tokens=tokens / seconds,
        load_s=_median(m.load for m in measured),
        ready_mb=_median(m.ready + m.on_device - m.bare for m in measured) / 1e6,
        peak_mb=_median(m.peak + m.on_device - m.bare for m in measured) / 1e6,
        roofline=_least(line, runs, shape, tokens, peaks) / seconds,
        first_ms=first,
        step_ms=step,
    )


def _steps(line: Line, runs: Runs) -> tuple[float | None, float | None]:
    """Milliseconds of the first token and of a decode step, where all items take the same number of steps."""
    firsts = [measured.first for measured in runs.measurements if measured.first is not None]
    steps = NETWORKS[line.network].target - 1
    if not firsts or not steps:
        return None, None
    calls = len(runs.items) if runs.variant.system.feeding == "each" else 1
    first = statistics.median(firsts)
    return 1e3 * first / calls, 1e3 * (runs.seconds - first) / (steps * calls)


def _least(line: Line, runs: Runs, shape: Shape, tokens: float, peaks: Mapping[str, float]) -> float:
    """The seconds below which the machine cannot do this; outputs of unknown length count as the mean of them all."""
    mean = round(tokens / len(runs.items))
    targets = [mean if line.kind == "text" else item.settings.max_tokens for item in runs.items]
    system = runs.variant.system
    batch = 1 if system.feeding == "each" else line.batch
    return sum(phase.seconds(system.format, peaks) for phase in work(shape, runs.items, targets, batch, system.format))


def _compared(row: Row, rows: Sequence[Row]) -> Row:
    def to(**wanted: str) -> float | None:
        """The ratio to the fastest of the rows whose system has these properties."""
        rates = [
            other.rate
            for other in rows
            if other.rate and all(getattr(other.system, name) == value for name, value in wanted.items())
        ]
        return row.rate / max(rates) if row.rate and rates else None

    own = row.system
    transformers = {"engine": "transformers", "format": "float32"}
    static = {"engine": own.engine, "format": own.format, "vocabulary": own.vocabulary}
    static["feeding"] = own.feeding.replace("continuous", "batch")
    return replace(
        row,
        to_ctranslate2=to(engine="ctranslate2", vocabulary=own.vocabulary),
        to_ctranslate2_full=to(engine="ctranslate2", vocabulary="full"),
        to_transformers_each=to(**transformers, feeding="each"),
        to_transformers=to(**transformers, feeding="batch"),
        to_batches=to(**static) if own.feeding.endswith("continuous") else None,
    )


def _median(values: Iterable[float]) -> float:
    return statistics.median(values)
