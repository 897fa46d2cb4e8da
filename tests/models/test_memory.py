"""Freed memory: kept for the next step, given back when asked to, and never in the way of another C library."""

import subprocess
import sys
from pathlib import Path

import pytest

from models import memory

SCRIPT = """
import sys
from pathlib import Path
from models import memory


def resident():
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) // 1024


memory.keep_freed()
import torch

block = torch.ones(64 << 18)  # 64 MiB
before = resident()
del block
kept = resident()
memory.give_back()
print(before - kept, before - resident())
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's /proc")
def test_what_is_freed_is_kept_until_it_is_given_back() -> None:
    run = subprocess.run([sys.executable, "-c", SCRIPT], cwd=Path(__file__).parents[2], capture_output=True, text=True)
    freed, given = map(int, run.stdout.split())
    assert freed < 8
    assert given > 56


def test_another_c_library_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def absent(name: str) -> None:
        asked.append(name)
        raise OSError("no such library")

    monkeypatch.setattr("ctypes.CDLL", absent)
    memory.keep_freed()
    memory.give_back()
    assert asked == ["libc.so.6"] * 2


PRIMITIVES = """
import ctypes
from models import memory

memory.few_primitives()
libc = ctypes.CDLL(None)
libc.getenv.restype = ctypes.c_char_p
print(*(libc.getenv(name).decode() for name in memory.PRIMITIVES))
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's /proc")
@pytest.mark.parametrize(("given", "kept"), [({}, "256 256"), ({"LRU_CACHE_CAPACITY": "1024"}, "256 1024")])
def test_few_primitives_are_kept_unless_the_environment_says_otherwise(given: dict[str, str], kept: str) -> None:
    run = subprocess.run(
        [sys.executable, "-c", PRIMITIVES], cwd=Path(__file__).parents[2], env=given, capture_output=True
    )
    assert run.stdout.decode().strip() == kept
