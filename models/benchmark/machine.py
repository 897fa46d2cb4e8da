"""What the machine is, and what it can do at most: the two lines of the roofline, measured with torch."""

import os
import platform
import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import torch

from models import device

_CPUINFO = Path("/proc/cpuinfo")
_FLAGS = (
    "avx2",
    "avx512f",
    "avx512_vnni",
    "avx512_bf16",
    "avx_vnni",
    "amx_bf16",
    "amx_int8",
    "asimddp",
    "i8mm",
    "bf16",
)
"""The CPU flags that decide which kernels run."""

_PACKAGES = ("torch", "transformers", "ctranslate2")
_ROWS, _WIDTH = 512, 2048  # of the products that are timed: as large as the networks' own
_STREAM = 256 << 20  # bytes read at one time to time the memory: beyond the caches that a network's weights fit into
_SECONDS = 0.5  # for each figure


def hardware(on: torch.device) -> dict[str, Any]:
    """The processor, its cores and the flags that matter, memory in bytes, the GPU, and the load when this is asked."""
    return {
        "cpu": _cpu_name(),
        "threads": device.threads(),
        "flags": [flag for flag in _FLAGS if flag in _flags()],
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "gpu": torch.cuda.get_device_name(on) if on.type == "cuda" else None,
        "load_average": round(os.getloadavg()[0], 2),
    }


def versions(mujaz: str) -> dict[str, str | None]:
    """Of Python and what computes; None for what is not installed. `mujaz` is the caller's own."""
    found = {"mujaz": mujaz, "python": platform.python_version()}
    return found | {name: installed(name) for name in _PACKAGES}


def installed(package: str) -> str | None:
    """The version of a distribution, None if there is none."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def peaks(device: str, threads: int) -> dict[str, float]:
    """The most this machine does: operations/s in "int8", "bfloat16" and "float32", and "bandwidth" in bytes/s.

    An operation is a multiplication or an addition. Each is the best of half a second of products (512, 2048) by (2048, 2048),
    or of sums over 256 MiB; int8 on a CPU is oneDNN's prepacked product or `torch._int_mm`, whichever is faster.
    """
    torch.set_num_threads(threads)
    on = torch.device(device)
    work = 2.0 * _ROWS * _WIDTH * _WIDTH
    with torch.inference_mode():
        rates = {name: work / _best(_product(dtype, on), on) for name, dtype in _FLOATS.items()}
        rates["int8"] = work / min(_best(product, on) for product in _int8_products(on))
        stream = torch.ones(_STREAM // 4, device=on)
        rates["bandwidth"] = _STREAM / _best(stream.sum, on)
    return rates


_FLOATS = {"float32": torch.float32, "bfloat16": torch.bfloat16}


def _product(dtype: torch.dtype, on: torch.device) -> Callable[[], object]:
    x = torch.randn(_ROWS, _WIDTH, device=on).to(dtype)
    weight = torch.randn(_WIDTH, _WIDTH, device=on).to(dtype)
    return lambda: torch.nn.functional.linear(x, weight)


def _int8_products(on: torch.device) -> list[Callable[[], object]]:
    x, weight = (torch.randint(-127, 128, (n, _WIDTH), dtype=torch.int8, device=on) for n in (_ROWS, _WIDTH))
    products: list[Callable[[], object]] = [lambda: torch._int_mm(x, weight.t())]
    if on.type == "cpu":
        operators: Any = torch.ops.onednn  # made at run time
        packed = operators.qlinear_prepack(weight, None)
        scales, zeros = torch.ones(_WIDTH), torch.zeros(_WIDTH, dtype=torch.int64)
        products.append(
            lambda: operators.qlinear_pointwise(
                x, 1.0, 0, packed, scales, zeros, None, 1.0, 0, torch.float32, "none", [], ""
            )
        )
    return products


def _best(function: Callable[[], object], on: torch.device) -> float:
    """The shortest time of one call, in seconds."""
    best, until = float("inf"), time.perf_counter() + _SECONDS
    while time.perf_counter() < until:
        started = time.perf_counter()
        function()
        if on.type == "cuda":
            torch.cuda.synchronize(on)
        best = min(best, time.perf_counter() - started)
    return best


def _cpu_name() -> str:
    return next(
        (line.split(":", 1)[1].strip() for line in _cpu_lines() if line.startswith("model name")), platform.machine()
    )


def _flags() -> set[str]:
    lines = (line for line in _cpu_lines() if line.startswith(("flags", "Features")))
    return next((set(line.split(":", 1)[1].split()) for line in lines), set())


def _cpu_lines() -> list[str]:
    try:
        return _CPUINFO.read_text(encoding="utf-8").splitlines()
    except OSError:  # not Linux
        return []
