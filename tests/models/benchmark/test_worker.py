"""Every system really runs, on both families and in every number format, and what it measured is plausible."""

from pathlib import Path

import pytest

from models.benchmark.conversion import convert
from models.benchmark.job import Feeding, Job, Measurement
from models.benchmark.worker import measure, peak, proportional_set
from models.benchmark.workloads import NETWORKS, Kind, Line, checkpoint, items
from models.errors import EngineFailed

SYSTEMS = [
    ("mujaz", "float32"),
    ("mujaz", "bfloat16"),
    ("mujaz", "int8"),
    ("transformers", "float32"),
    ("transformers", "bfloat16"),
    ("ctranslate2", "int8"),
]


def job(engine: str, form: str, name: str, kind: Kind, root: Path, feeding: Feeding = "batch", workers: int = 1) -> Job:
    folder = checkpoint(name, root)
    if engine == "ctranslate2":
        convert(folder, root / "converted", form)
        folder = root / "converted"
    work = items(Line(name, kind, batch=2, beams=2), NETWORKS[name], rows=100)[:6]
    forced = kind == "forced"
    return Job(engine, form, folder, feeding, 2, work, 1, workers=workers, forced=forced, seconds=0.0)


@pytest.mark.parametrize("name", ["xlsum", "opus-mt"])
@pytest.mark.parametrize(("engine", "form"), SYSTEMS)
def test_forced_lengths_are_written_and_timed(engine: str, form: str, name: str, tmp_path: Path) -> None:
    measured = measure(job(engine, form, name, "forced", tmp_path))
    assert measured.tokens == 2 * 6
    assert len(measured.passes) == 1 and measured.passes[0] > 0
    assert measured.first is not None and measured.load > 0
    assert measured.bare > 0 and 0 < measured.ready <= measured.peak


@pytest.mark.parametrize(
    ("engine", "form", "feeding", "workers"),
    [
        ("mujaz", "float32", "batch", 1),
        ("mujaz", "float32", "continuous", 1),
        ("transformers", "float32", "batch", 1),
        ("transformers", "float32", "each", 1),
        ("ctranslate2", "int8", "batch", 2),
    ],
)
def test_skewed_lengths_are_written_however_they_are_fed(
    engine: str, form: str, feeding: Feeding, workers: int, tmp_path: Path
) -> None:
    asked = job(engine, form, "opus-mt", "skewed", tmp_path, feeding, workers)
    measured = measure(asked)
    assert measured.tokens == sum(item.settings.max_tokens for item in asked.items)
    assert measured.first is None


@pytest.mark.parametrize("name", ["sample-translator", "sample-summarizer"])
@pytest.mark.parametrize(("engine", "form"), [("mujaz", "int8"), ("transformers", "float32"), ("ctranslate2", "int8")])
def test_the_sample_models_translate_and_summarize_with_every_engine(
    engine: str, form: str, name: str, tmp_path: Path
) -> None:
    measured = measure(job(engine, form, name, "text", tmp_path))
    assert 6 * 5 < measured.tokens <= 6 * 256


def test_mujaz_restricts_its_own_output(tmp_path: Path) -> None:
    asked = job("mujaz", "float32", "opus-mt", "forced", tmp_path)
    restricted = Job.from_json(asked.to_json().replace('"keep": null', f'"keep": {[*range(99), 399]}'))
    assert restricted.keep is not None and len(restricted.keep) == 100
    assert measure(restricted).tokens == 12


def test_a_format_that_the_cpu_does_not_compute_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.device._CPUINFO", tmp_path / "cpuinfo")
    (tmp_path / "cpuinfo").write_text("flags\t\t: fpu avx2\n", encoding="utf-8")
    with pytest.raises(ValueError, match="int8 needs a CPU with VNNI"):
        measure(job("mujaz", "int8", "xlsum", "forced", tmp_path))


def test_outputs_that_are_too_short_are_no_measurement(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.benchmark.worker.open_system", lambda job: lambda items: [(5,)] * len(items))
    with pytest.raises(EngineFailed, match="Of 12 tokens that were to be written, 4 were"):
        measure(job("transformers", "float32", "xlsum", "forced", tmp_path))


def test_jobs_and_measurements_survive_the_way_through_json(tmp_path: Path) -> None:
    asked = job("mujaz", "int8", "xlsum", "forced", tmp_path)
    back = Job.from_json(asked.to_json())
    assert back.to_json() == asked.to_json()
    assert [(item.ids, item.settings) for item in back.items] == [(item.ids, item.settings) for item in asked.items]
    measured = Measurement(1.0, None, (2.0, 3.0), 4, 5, 6, 7)
    assert Measurement.from_json(measured.to_json()) == measured


def test_memory_is_that_of_this_process() -> None:
    assert 10e6 < proportional_set() <= peak()
