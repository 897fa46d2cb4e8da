"""Which device computes, in which number format, with how many threads."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar, cast, get_args

import torch

from models.engine.weights import Format

Result = TypeVar("Result")

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}
"""The formats that everything is computed in, but for int8 matrices. float16 is not among them: mT5's activations overflow."""

_CPUINFO = Path("/proc/cpuinfo")
_CPU_QUOTA = Path("/sys/fs/cgroup/cpu.max")
_BFLOAT16_FLAGS = {"avx512_bf16", "amx_bf16", "bf16"}
"""CPU flags that mean bfloat16 arithmetic in hardware: x86 AVX512-BF16 and AMX-BF16, and Arm's `bf16`."""
_INT8_FLAGS = {"avx512_vnni", "avx_vnni"}
"""CPU flags that mean exact sums of int8 products: without them oneDNN adds up in 16 bits, which overflow."""


def choose(device: str = "auto") -> torch.device:
    """The device named `device`: "cpu", "cuda", "cuda:N", or "auto" for the GPU where there is one.

    Raises `ValueError` for any other name and for a GPU that is not there.
    """
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    try:
        chosen = torch.device(device)
    except RuntimeError:
        chosen = torch.device("meta")
    if chosen.type not in ("cpu", "cuda"):
        raise ValueError(f"There is no device {device!r}: use auto, cpu, cuda or cuda:N.")
    if chosen.type == "cuda" and (chosen.index or 0) >= torch.cuda.device_count():
        raise ValueError(f"There is no GPU {device!r} on this machine: PyTorch sees {torch.cuda.device_count()}.")
    return chosen


def choose_format(name: str, device: torch.device) -> Format:
    """The number format named `name`: "float32", "bfloat16", "int8", or "auto": bfloat16 where the hardware computes in it.

    Raises `ValueError` for any other name, for float16 with the reason, and for int8 on a GPU or on a CPU without VNNI.
    """
    if name == "auto":
        return "bfloat16" if _computes_bfloat16(device) else "float32"
    if name in ("float16", "half", "fp16"):
        raise ValueError("float16 is not offered, since mT5 overflows in it: use bfloat16 or float32.")
    if name == "int8" and device.type != "cpu":
        raise ValueError(f"int8 is computed on CPUs only: on {device} use auto, float32 or bfloat16.")
    if name == "int8" and not _cpu_flags() & _INT8_FLAGS:
        raise ValueError(
            "int8 needs a CPU with VNNI instructions, which this one lacks: use auto, float32 or bfloat16."
        )
    if name not in get_args(Format):
        raise ValueError(f"There is no number format {name!r}: use auto, {', '.join(get_args(Format))}.")
    return cast(Format, name)


def compute_dtype(form: Format, device: torch.device) -> torch.dtype:
    """What everything but int8 matrices is computed in."""
    return DTYPES[choose_format("auto", device) if form == "int8" else form]


def _computes_bfloat16(device: torch.device) -> bool:
    """Whether bfloat16 runs in hardware there; PyTorch also calls "supported" what it emulates."""
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    return bool(_cpu_flags() & _BFLOAT16_FLAGS)


def _cpu_flags() -> set[str]:
    """The feature flags of the first CPU as Linux lists them (`flags` on x86, `Features` on Arm); empty elsewhere."""
    try:
        lines = _CPUINFO.read_text(encoding="utf-8").splitlines()
    except OSError:
        return set()
    return next((set(line.split(":", 1)[1].split()) for line in lines if line.startswith(("flags", "Features"))), set())


def threads() -> int:
    """How many compute threads this process can keep busy: the CPUs it may use, or fewer under a container's quota."""
    cpus = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = _CPU_QUOTA.read_text(encoding="utf-8").split()
        return max(1, min(cpus, round(int(quota) / int(period))))
    except (OSError, ValueError):  # no cgroup, or "max": no quota
        return cpus


@contextmanager
def flushing() -> Iterator[None]:
    """Threads that are started within it take numbers below 1e-38 for zero: to compute with them takes far longer.

    Where the processor cannot, nothing changes.
    """
    torch.set_flush_denormal(True)  # a mode of this thread, which those that it starts inherit
    try:
        yield
    finally:
        torch.set_flush_denormal(False)


def aside(function: Callable[[], Result]) -> Result:
    """Call `function` in a thread that ends with it: whatever computes beside the compute thread must do so.

    OpenMP keeps a team for each thread that has ever computed. While the teams together have more threads than there are cores,
    libgomp puts them to sleep between any two parallel regions, and waking the compute thread's team at each of the many regions
    of a step takes nearly as long as the step. (Measured: the same steps in one thread after another had loaded the model, and
    after it had been loaded aside: 30 and 17 ms, 20 slots of opus-mt's shape on 2 cores.)
    """
    with ThreadPoolExecutor(1, "aside") as executor:
        return executor.submit(function).result()
