"""One task in a process of its own: `python -m models.benchmark.worker TASK` reads JSON on stdin, answers JSON on stdout.

Tasks: `measure` (a `Job`), `peaks` (device and threads), `convert` (checkpoint, folder and quantization). The parent sets what a
library reads from the environment, such as the number of OpenMP threads.
"""

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import torch

from models.benchmark.adapters import Ids, Run, open_system
from models.benchmark.job import Job, Measurement, ended_after
from models.engine.protocol import Item
from models.errors import EngineFailed

_WARM = 8  # target tokens that warm everything up where all steps are alike; elsewhere it takes all shapes that occur
_MOST_PASSES = 50
_MISSING = 0.1  # of an output's forced tokens may be missing: ends, and special symbols that random weights write


def measure(job: Job) -> Measurement:
    """Open the system, warm it up, run the work. Raises `EngineFailed` if forced lengths did not come out."""
    bare, device_before = proportional_set(), _on_device(job.device)
    started = time.perf_counter()
    run = open_system(job)
    load = time.perf_counter() - started
    run(ended_after(job.items, _WARM) if job.forced else job.items)
    ready = proportional_set()
    first = _timed(run, ended_after(job.items, 1))[0] if job.forced else None
    passes: list[float] = []
    outputs: list[Ids] = []
    while not passes or (sum(passes) < job.seconds and len(passes) < _MOST_PASSES):
        seconds, outputs = _timed(run, job.items)
        passes.append(seconds)
    tokens = _count(job.items, outputs)
    on_device = _on_device(job.device) - device_before
    return Measurement(load, first, tuple(passes), tokens, bare, ready, peak(), on_device)


def proportional_set() -> int:
    """This process's memory now in bytes, shared pages divided among those who share them (PSS); 0 where unknown."""
    return memory_of("self", "smaps_rollup", "Pss:")


def peak() -> int:
    """The most memory that this process had resident, in bytes; 0 where unknown."""
    return memory_of("self", "status", "VmHWM:")


def memory_of(process: int | str, file: str, name: str) -> int:
    """What Linux says of a process in `/proc/PROCESS/FILE` under `name`, in bytes; 0 where unknown."""
    try:
        lines = Path(f"/proc/{process}/{file}").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:  # not Linux
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(name)), 0)


def _on_device(device: str) -> int:
    """Memory taken on the GPU in bytes, by whatever library."""
    if torch.device(device).type != "cuda":
        return 0
    free, total = torch.cuda.mem_get_info(device)
    return total - free


def _timed(run: Run, items: Sequence[Item]) -> tuple[float, list[Ids]]:
    started = time.perf_counter()
    outputs = run(items)
    return time.perf_counter() - started, outputs


def _count(items: Sequence[Item], outputs: Sequence[Ids]) -> int:
    """Target tokens with their end symbols."""
    if all(item.settings.min_tokens == item.settings.max_tokens for item in items):
        wanted, got = sum(item.settings.max_tokens for item in items), sum(map(len, outputs)) + len(outputs)
        if got < (1 - _MISSING) * wanted:
            raise EngineFailed(f"Of {wanted} tokens that were to be written, {got} were: this is no measurement.")
        return wanted
    return sum(len(ids) + 1 for ids in outputs)


def main() -> None:
    task, given = sys.argv[1], sys.stdin.read()
    if task == "measure":
        answer = measure(Job.from_json(given)).to_json()
    elif task == "peaks":
        from models.benchmark.machine import peaks

        answer = json.dumps(peaks(**json.loads(given)))
    else:
        from models.benchmark.conversion import convert

        asked = json.loads(given)
        convert(Path(asked["checkpoint"]), Path(asked["folder"]), asked["quantization"])
        answer = "{}"
    sys.stdout.write(answer)


if __name__ == "__main__":
    main()
