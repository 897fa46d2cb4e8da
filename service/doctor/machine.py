"""The machine: what computes, with how many threads, and whether the models fit into its memory."""

import os
from collections.abc import Iterator
from pathlib import Path

import torch

from models import device
from service.doctor.finding import Finding, fails, gigabytes, ok, warning
from service.doctor.needed import Needed
from service.settings import Settings

_MEMORY_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
_MEMINFO = Path("/proc/meminfo")
_GPU = Path("/dev/nvidiactl")  # there where NVIDIA's driver is
_BESIDE = 1 << 30  # memory for Python, torch, the texts, and what is being decoded


def computing(settings: Settings) -> Iterator[Finding]:
    """The device and the number format."""
    try:
        chosen = device.choose(settings.device)
        form = device.choose_format(settings.dtype, chosen)
    except ValueError as error:
        yield fails("device", str(error), "set MUJAZ_DEVICE=auto and MUJAZ_DTYPE=auto, or what this machine has")
        return
    name = torch.cuda.get_device_name(chosen) if chosen.type == "cuda" else f"{os.cpu_count()} cores"
    if chosen.type == "cpu" and settings.device == "auto" and _GPU.exists():
        yield warning(
            "device",
            f"there is an NVIDIA GPU, but PyTorch {torch.__version__} does not see it: the models run on the CPU",
            "install PyTorch's CUDA build (`make clean`, then `make install` without TORCH_INDEX), or look at nvidia-smi",
        )
    else:
        yield ok("device", f"{chosen} ({name}), {form}")


def threads(settings: Settings) -> Iterator[Finding]:
    """Compute threads, beside the CPUs that the process may use and a container's quota."""
    useful = device.threads()
    told = f"{settings.threads or useful} compute threads; this process can keep {useful} busy"
    if settings.threads is not None and settings.threads > useful:
        yield warning("threads", told, f"set MUJAZ_THREADS=auto or at most {useful}: more wait for each other")
    elif settings.threads is not None and settings.threads < useful:
        yield warning("threads", told, "set MUJAZ_THREADS=auto, unless the others are meant for something else")
    elif settings.threads is None and useful < (os.cpu_count() or 1):
        yield ok("threads", f"{told} (of {os.cpu_count()} cores, by affinity or a container's quota)")
    else:
        yield ok("threads", told)


def memory(settings: Settings, needed: Needed) -> Iterator[Finding]:
    """What the models of the default pair take, beside what there is and what they may take."""
    try:
        takes = needed.bytes()
    except ValueError:
        return  # there is no such device or format, which `computing` says
    limit, free = _limit(), _free()
    told = f"the models for Arabic take {gigabytes(takes)}; memory {gigabytes(limit)}, free {gigabytes(free)}"
    smaller = "MUJAZ_DTYPE=int8 and MUJAZ_TRANSLATOR=small take less"
    on_gpu = settings.device.startswith("cuda") or (settings.device == "auto" and torch.cuda.is_available())
    if on_gpu:
        limit, free = _gpu_memory(settings)
        told = f"the models for Arabic take {gigabytes(takes)}; the GPU has {gigabytes(limit)}, free {gigabytes(free)}"
    if takes + _BESIDE > limit:
        yield fails("memory", told, f"take a larger machine; {smaller}")
    elif takes + _BESIDE > free:
        yield warning("memory", told, f"stop what else runs here; {smaller}")
    elif takes > settings.memory:
        yield warning(
            "memory",
            f"{told}; MUJAZ_MEMORY allows {gigabytes(settings.memory)}, so they are loaded in turns",
            f"set MUJAZ_MEMORY to at least {gigabytes(takes)}; {smaller}",
        )
    elif not on_gpu and settings.memory + _BESIDE > limit:
        yield warning(
            "memory",
            f"{told}; MUJAZ_MEMORY allows {gigabytes(settings.memory)}, more than there is",
            f"set MUJAZ_MEMORY to at most {max(1, (limit - _BESIDE) >> 30)}G, if several languages are used",
        )
    else:
        yield ok("memory", f"{told}; MUJAZ_MEMORY allows {gigabytes(settings.memory)}")


def _limit() -> int:
    """The machine's memory in bytes, or a container's limit, whichever is smaller."""
    limits = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for path in _MEMORY_LIMITS:
        try:
            limits.append(int(path.read_text(encoding="ascii")))
        except (OSError, ValueError):  # no cgroup of this version, or "max"
            continue
    return min(limits)


def _free() -> int:
    """What can be had without taking it from anyone, in bytes."""
    try:
        lines = _MEMINFO.read_text(encoding="ascii").splitlines()
        available = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration):
        available = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_AVPHYS_PAGES")
    return min(available, _limit())


def _gpu_memory(settings: Settings) -> tuple[int, int]:
    """All of the GPU's memory, and what of it is free, in bytes."""
    free, whole = torch.cuda.mem_get_info(device.choose(settings.device))
    return whole, free
