"""Device, number format and threads: what is chosen, and what is refused in words."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch

from models import device
from models.device import aside, choose, choose_format, compute_dtype, flushing, threads
from models.engine.weights import Format

CPU = torch.device("cpu")


@pytest.fixture
def cpuinfo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "cpuinfo"
    monkeypatch.setattr(device, "_CPUINFO", path)
    return path


def test_auto_takes_the_gpu_where_there_is_one() -> None:
    assert choose("auto").type == ("cuda" if torch.cuda.is_available() else "cpu")


def test_the_cpu_can_be_asked_for() -> None:
    assert choose("cpu") == CPU


@pytest.mark.parametrize("name", ["tpu", "", "meta", "cuda:x"])
def test_an_unknown_device_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="There is no device"):
        choose(name)


def test_a_gpu_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="There is no GPU 'cuda:99'"):
        choose("cuda:99")


@pytest.mark.parametrize(
    ("line", "chosen"),
    [
        ("flags\t\t: fpu sse avx512f avx512_bf16", "bfloat16"),
        ("flags\t\t: fpu amx_tile amx_bf16", "bfloat16"),
        ("Features\t: fp asimd bf16 i8mm", "bfloat16"),
        # AVX-512 alone emulates bfloat16, though PyTorch accepts it.
        ("flags\t\t: fpu sse avx2 avx512f avx512_vnni", "float32"),
        ("processor\t: 0", "float32"),
    ],
)
def test_auto_takes_bfloat16_only_where_the_cpu_computes_in_it(cpuinfo: Path, line: str, chosen: Format) -> None:
    cpuinfo.write_text(f"processor\t: 0\n{line}\n\n", encoding="utf-8")
    assert choose_format("auto", CPU) == chosen
    assert compute_dtype("int8", CPU) == getattr(torch, chosen)


def test_auto_takes_float32_where_the_cpu_cannot_be_asked(cpuinfo: Path) -> None:
    assert not cpuinfo.exists()
    assert choose_format("auto", CPU) == "float32"


@pytest.mark.parametrize("name", ["float32", "bfloat16", "int8"])
def test_a_format_can_be_asked_for(cpuinfo: Path, name: str) -> None:
    cpuinfo.write_text("flags\t\t: fpu avx2 avx_vnni\n", encoding="utf-8")
    assert choose_format(name, CPU) == name


def test_int8_is_refused_where_its_sums_would_overflow(cpuinfo: Path) -> None:
    cpuinfo.write_text("flags\t\t: fpu avx2 avx512f\n", encoding="utf-8")
    with pytest.raises(ValueError, match="int8 needs a CPU with VNNI"):
        choose_format("int8", CPU)


def test_floats_are_computed_in_their_own_format(cpuinfo: Path) -> None:
    assert compute_dtype("float32", CPU) == torch.float32
    assert compute_dtype("bfloat16", CPU) == torch.bfloat16


@pytest.mark.parametrize("name", ["float16", "fp16", "half"])
def test_float16_is_refused_with_the_reason(name: str) -> None:
    with pytest.raises(ValueError, match="mT5 overflows"):
        choose_format(name, CPU)


def test_int8_is_refused_on_a_gpu() -> None:
    with pytest.raises(ValueError, match="int8 is computed on CPUs only: on cuda:0 use auto, float32 or bfloat16"):
        choose_format("int8", torch.device("cuda:0"))


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(ValueError, match="no number format 'int3': use auto, float32, bfloat16, int8"):
        choose_format("int3", CPU)


def test_threads_that_are_started_while_flushing_take_tiny_numbers_for_zero() -> None:
    def tiny() -> float:
        return float(torch.full((64,), 1e-38).mul(0.01).amax())

    with flushing(), ThreadPoolExecutor(1) as pool:
        assert pool.submit(tiny).result() in (0.0, tiny())  # where the processor can
    assert tiny() > 0


@pytest.mark.parametrize(("quota", "count"), [("50000 100000", 1), ("200000 100000", 2), ("max 100000", 8), ("", 8)])
def test_threads_keep_to_the_quota_of_the_container(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quota: str, count: int
) -> None:
    path = tmp_path / "cpu.max"
    path.write_text(quota, encoding="utf-8")
    monkeypatch.setattr(device, "_CPU_QUOTA", path)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(8)))
    assert threads() == count


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="threads are counted in Linux's /proc")
def test_what_computes_aside_leaves_no_threads_behind() -> None:
    def threads_while_computing() -> int:
        torch.rand(1 << 20).exp_().sum()
        return len(list(Path("/proc/self/task").iterdir()))

    threads_while_computing()  # this thread's team, if it has one, stays
    before = len(list(Path("/proc/self/task").iterdir()))
    assert aside(threads_while_computing) > before
    ends = time.monotonic() + 10  # its OpenMP team is told to end, and not waited for
    while len(list(Path("/proc/self/task").iterdir())) > before and time.monotonic() < ends:
        time.sleep(0.01)
    assert len(list(Path("/proc/self/task").iterdir())) == before


def test_an_error_aside_is_raised() -> None:
    def fail() -> None:
        raise ValueError("aside")

    with pytest.raises(ValueError, match="aside"):
        aside(fail)
