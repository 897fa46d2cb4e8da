"""Which device computes, in which number format, with how many threads."""

import os
from pathlib import Path

import torch

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}
"""The formats weights are computed in. float16 is not among them: mT5's activations overflow in it."""

_CPUINFO = Path("/proc/cpuinfo")
_CPU_QUOTA = Path("/sys/fs/cgroup/cpu.max")
_BFLOAT16_FLAGS = {"avx512_bf16", "amx_bf16", "bf16"}
"""CPU flags that mean bfloat16 arithmetic in hardware: x86 AVX512-BF16 and AMX-BF16, and Arm's `bf16`."""


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


def choose_dtype(name: str = "auto", device: torch.device | None = None) -> torch.dtype:
    """The number format named `name`: "float32", "bfloat16", or "auto": bfloat16 where the hardware computes in it.

    Raises `ValueError` for any other name; for float16 it says why.
    """
    if name == "auto":
        return torch.bfloat16 if _computes_bfloat16(device or choose()) else torch.float32
    if name in ("float16", "half", "fp16"):
        raise ValueError("float16 is not offered, since mT5 overflows in it: use bfloat16 or float32.")
    if name not in DTYPES:
        raise ValueError(f"There is no dtype {name!r}: use auto, {' or '.join(DTYPES)}.")
    return DTYPES[name]


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
