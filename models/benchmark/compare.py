"""A whole run: every line with every system, then what the machine can do, put together as a `Result`."""

from collections.abc import Sequence

import torch

from models.benchmark import lengths
from models.benchmark.machine import hardware, versions
from models.benchmark.report import rows
from models.benchmark.result import Result
from models.benchmark.runner import Options, Say, peaks, run_line
from models.benchmark.systems import Vocabulary, missing, select
from models.benchmark.workloads import Line, checkpoint


def compare(
    lines: Sequence[Line],
    asked: Sequence[str],
    vocabularies: Sequence[Vocabulary],
    options: Options,
    *,
    version: str,
    say: Say,
) -> Result:
    """Measure the systems that `asked` names on `lines`, with nothing asked the usual ones (see `select`).

    `version` is Mujaz's own. A system that is not installed is left out, and the result says so.

    Raises `EngineFailed` if the machine itself cannot be measured; what a system fails with stands in its row.
    """
    say("what the machine can do at most")
    rates = peaks(options.device, options.threads)
    machine = hardware(torch.device(options.device))
    found, absent = [], set()
    for line in lines:
        systems = select(asked, options.device, line.kind, vocabularies)
        absent |= missing(systems)
        outcome = run_line(line, [system for system in systems if system.engine not in absent], options, say)
        found.append((outcome, rows(outcome, rates, options.rows, checkpoint(line.network, options.folder))))
    settings = {
        "systems": list(asked) or "usual",
        "vocabularies": list(vocabularies) or "usual",
        "device": options.device,
        "threads": options.threads,
        "repeat": options.repeat,
        "rows": options.rows,
    }
    return Result(machine, versions(version), settings, rates, lengths.read().digest, found, tuple(sorted(absent)))
