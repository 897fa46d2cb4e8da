"""The systems of the comparison, and the ways to set each up of which the best counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from models.benchmark.job import Feeding
from models.benchmark.machine import installed
from models.benchmark.workloads import Kind

Vocabulary = Literal["full", "trimmed"]
Engine = Literal["mujaz", "transformers", "ctranslate2"]


@dataclass(frozen=True, slots=True)
class System:
    """One row of the table."""

    engine: Engine
    format: str
    feeding: Feeding = "batch"
    vocabulary: Vocabulary = "full"

    @property
    def name(self) -> str:
        """As `--system` takes it."""
        return "-".join([self.engine, self.format, *([] if self.feeding == "batch" else [self.feeding])])

    @property
    def label(self) -> str:
        """As the table shows it."""
        return f"{self.name}, {self.vocabulary} vocabulary" if self.vocabulary == "trimmed" else self.name


@dataclass(frozen=True, slots=True)
class Variant:
    """A system set up in one way: `workers` of `threads` threads each; `variables` is what a library reads of the environment."""

    system: System
    workers: int
    threads: int
    variables: tuple[tuple[str, str], ...] = ()

    @property
    def label(self) -> str:
        told = [f"{self.workers}×{self.threads} threads", *(f"{name}={value}" for name, value in self.variables)]
        return ", ".join(told)


FORMATS: Mapping[str, Mapping[Engine, tuple[str, ...]]] = {
    "cpu": {
        "mujaz": ("int8", "bfloat16", "float32"),
        "transformers": ("float32", "bfloat16"),
        "ctranslate2": ("int8",),
    },
    "cuda": {
        "mujaz": ("bfloat16", "float32"),
        "transformers": ("float32", "bfloat16"),
        "ctranslate2": ("float16", "bfloat16", "int8_float16", "int8_bfloat16"),
    },
}
"""The number formats of every engine, by the kind of device."""

DEFAULTS: Mapping[str, tuple[str, ...]] = {
    "cpu": ("mujaz-int8", "ctranslate2-int8", "transformers-float32"),
    "cuda": ("mujaz-bfloat16", "ctranslate2-float16", "ctranslate2-bfloat16", "transformers-bfloat16"),
}
"""What is measured when no system is named: a name also stands for those that it begins."""

_STREAMED: tuple[Engine, ...] = (
    "mujaz",
    "ctranslate2",
)  # by default on skewed lengths, with the trimmed vocabulary alone

_TRIMMED: tuple[Engine, ...] = ("mujaz", "ctranslate2")


def names(device: str) -> list[str]:
    """Every system there is on that kind of device ("cpu" or "cuda")."""
    return sorted(
        {system.name for system in _all(device, "skewed")} | {system.name for system in _all(device, "forced")}
    )


def select(asked: Sequence[str], device: str, kind: Kind, vocabularies: Sequence[Vocabulary]) -> list[System]:
    """The systems that `asked` names, each by its name or the beginning of it up to a hyphen; with nothing asked, the usual ones.

    The usual vocabularies are both, for skewed lengths the trimmed one. The sample models have only the full one, and so has
    transformers.
    """
    streamed = kind == "skewed" and not asked
    chosen = [
        system
        for system in _all(device, kind)
        if any(f"{system.name}-".startswith(f"{name}-") for name in asked or DEFAULTS[device])
        and (system.engine in _STREAMED or not streamed)
    ]
    usual: tuple[Vocabulary, ...] = ("trimmed",) if streamed else ("full", "trimmed")
    return [
        replace(system, vocabulary=vocabulary)
        for vocabulary in (("full",) if kind == "text" else vocabularies or usual)
        for system in chosen
        if vocabulary == "full" or system.engine in _TRIMMED
    ]


def variants(system: System, device: str, threads: int) -> list[Variant]:
    """The ways to set `system` up.

    On a CPU CTranslate2 runs as one worker with all threads and as one worker for each, with MKL and with oneDNN: its own choice
    is MKL on Intel's processors and oneDNN elsewhere, and CT2_USE_MKL settles it. With MKL it can also pack its weights
    beforehand, which it calls experimental.
    """
    if system.engine != "ctranslate2" or device != "cpu":
        return [Variant(system, 1, threads)]
    layouts = [(1, threads), (threads, 1)] if threads > 1 else [(1, 1)]
    mkl, packed = ("CT2_USE_MKL", "1"), ("CT2_USE_EXPERIMENTAL_PACKED_GEMM", "1")
    backends: list[tuple[tuple[str, str], ...]] = [(("CT2_USE_MKL", "0"),), (mkl,), (mkl, packed)]
    return [Variant(system, *layout, backend) for backend in backends for layout in layouts]


def missing(systems: Sequence[System]) -> set[Engine]:
    """The engines of `systems` that are not installed."""
    return {system.engine for system in systems if system.engine == "ctranslate2" and not installed("ctranslate2")}


def _all(device: str, kind: Kind) -> list[System]:
    """Mujaz is fed continuously where lengths differ, and statically beside it, both also while work arrives; transformers also
    one by one."""
    feedings: dict[Engine, tuple[Feeding, ...]] = {
        "mujaz": ("batch",) if kind == "forced" else ("batch", "continuous", "arriving-batch", "arriving-continuous"),
        "transformers": ("batch", "each"),
        "ctranslate2": ("batch",),
    }
    return [
        System(engine, form, feeding)
        for engine, forms in FORMATS[device].items()
        for form in forms
        for feeding in feedings[engine]
    ]
