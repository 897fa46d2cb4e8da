"""Every measurement in a fresh process, the systems in turn, so that a machine that slows down slows all of them."""

import json
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from models.benchmark.checkpoints import kept_ids
from models.benchmark.job import Job, Measurement, ended_after
from models.benchmark.systems import System, Variant, variants
from models.benchmark.workloads import NETWORKS, Line, Network, checkpoint, items, made, some, trimmed
from models.engine.protocol import Item
from models.errors import EngineFailed

_ROOT = Path(__file__).parents[2]  # where `python -m` finds the packages
_TRIAL = 16  # target tokens on which the variants of a system are compared
_TRIED = 2  # of them, so many are measured in full
_NEAR = 1.1  # and of these, again those that took no longer than this times the best
_LONG = 30.0  # what takes so many seconds is not repeated: noise is small beside it

Say = Callable[[str], None]
"""Takes a line on what is being done."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to measure: on `device` ("cpu" or "cuda"), with `threads` in all, everything `repeat` times for at least `seconds`.

    A trimmed vocabulary has `rows` pieces. Checkpoints and conversions are made in `folder`, which exists.
    """

    folder: Path
    device: str
    threads: int
    repeat: int
    rows: int
    seconds: float = 2.0


@dataclass(slots=True)
class Runs:
    """The measurements of one variant on one line, in the order they were made; or why there are none.

    `trial` is the time of the whole work in seconds as a short trial lets expect; only systems with several variants have one.
    """

    variant: Variant
    items: tuple[Item, ...]
    trial: float | None = None
    measurements: list[Measurement] = field(default_factory=list)
    failure: str | None = None

    @property
    def seconds(self) -> float:
        """The median time of the work, over all passes of all runs; infinite if it failed."""
        passes = [seconds for measured in self.measurements for seconds in measured.passes]
        return float("inf") if self.failure or not passes else statistics.median(passes)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one line, by system; the variants of each, the fastest first."""

    line: Line
    runs: Mapping[System, Sequence[Runs]]


def run_line(line: Line, systems: Sequence[System], options: Options, say: Say) -> Outcome:
    """Measure `systems` on `line` in turn. Of the variants of a system those are measured that are the best in a short trial."""
    work = items(line, NETWORKS[line.network], options.rows)
    runs = {
        system: [
            Runs(variant, some(work, line.kind) if system.feeding == "each" else work)
            for variant in variants(system, options.device, options.threads)
        ]
        for system in systems
    }
    for entries in runs.values():
        if len(entries) > 1:
            for entry in entries:
                _tell(say, line, entry, "trial")
                _try(entry, line, options)
            entries.sort(key=lambda entry: float("inf") if entry.trial is None else entry.trial)
    for turn in range(options.repeat):
        for entries in runs.values():
            best = min(entry.seconds for entry in entries)
            for entry in entries[:_TRIED]:
                again = entry.seconds <= min(_NEAR * best, _LONG)
                if not entry.failure and (turn == 0 or again):
                    _tell(say, line, entry, f"run {turn + 1}")
                    _measure(entry, line, options)
    return Outcome(line, {system: sorted(entries, key=lambda entry: entry.seconds) for system, entries in runs.items()})


def _tell(say: Say, line: Line, entry: Runs, what: str) -> None:
    network = NETWORKS[line.network]
    say(f"{network.title}, {line.kind}, {what}: {entry.variant.system.label}, {entry.variant.label}")


def peaks(device: str, threads: int) -> dict[str, float]:
    """What the machine does at most, as `machine.peaks` measures it. Raises `EngineFailed` if it cannot be measured."""
    answer = _worker("peaks", json.dumps({"device": device, "threads": threads}), {}, threads)
    rates: dict[str, float] = json.loads(answer)
    return rates


def _try(entry: Runs, line: Line, options: Options) -> None:
    """One batch, its outputs ended early; where steps are alike, the others are added to the time."""
    target = NETWORKS[line.network].target
    items = ended_after(entry.items[: line.batch], _TRIAL)
    measured = _run(entry, items, line, replace(options, seconds=0.0))
    if measured is None:
        return
    seconds = statistics.median(measured.passes)
    if measured.first is not None and 1 < _TRIAL < target:
        seconds = measured.first + (seconds - measured.first) * (target - 1) / (_TRIAL - 1)
    entry.trial = seconds


def _measure(entry: Runs, line: Line, options: Options) -> None:
    measured = _run(entry, entry.items, line, options)
    if measured is not None:
        entry.measurements.append(measured)


def _run(entry: Runs, items: tuple[Item, ...], line: Line, options: Options) -> Measurement | None:
    """One worker's measurement on `items`; None if it failed, the reason kept in `entry`."""
    variant, system = entry.variant, entry.variant.system
    try:
        job = Job(
            engine=system.engine,
            format=system.format,
            folder=_folder(line.network, system, options),
            feeding=system.feeding,
            batch=line.batch,
            items=items,
            threads=variant.threads,
            device=options.device,
            workers=variant.workers,
            keep=_keep(NETWORKS[line.network], system, options.rows),
            forced=line.kind == "forced",
            seconds=options.seconds,
        )
        return Measurement.from_json(_worker("measure", job.to_json(), dict(variant.variables), variant.threads))
    except EngineFailed as error:
        entry.failure = str(error)
        return None


def _keep(network: Network, system: System, rows: int) -> tuple[int, ...] | None:
    """Mujaz trims by itself; the others are given a checkpoint that is trimmed already."""
    if system.engine != "mujaz" or system.vocabulary == "full" or network.shape is None:
        return None
    return tuple(kept_ids(network.family, network.shape["vocab_size"], rows))


def _folder(name: str, system: System, options: Options) -> Path:
    """The files that `system` reads, made when they are first needed."""
    source, size = checkpoint(name, options.folder), "full"
    if system.engine != "mujaz" and system.vocabulary == "trimmed":
        source, size = trimmed(name, options.folder, options.rows), str(options.rows)
    if system.engine != "ctranslate2":
        return source
    return made(
        options.folder / f"{name}-{size}-{system.format}",
        lambda folder: _convert(source, folder, system.format, options.threads),
    )


def _convert(checkpoint: Path, folder: Path, quantization: str, threads: int) -> None:
    asked = {"checkpoint": str(checkpoint), "folder": str(folder), "quantization": quantization}
    _worker("convert", json.dumps(asked), {}, threads)


def _worker(task: str, given: str, environ: Mapping[str, str], threads: int) -> str:
    """The answer of a fresh process to `task`. Raises `EngineFailed` with the process's last words."""
    setting = [f"{name}={value}" for name, value in {"OMP_NUM_THREADS": str(threads), **environ}.items()]
    command = ["env", *setting, sys.executable, "-m", "models.benchmark.worker", task]
    done = subprocess.run(command, input=given, capture_output=True, text=True, cwd=_ROOT, check=False)
    if done.returncode:
        words = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise EngineFailed(f"The benchmark's worker failed: {words[-1]}")
    return done.stdout
