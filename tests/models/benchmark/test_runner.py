"""A line with its systems: which variants are run again, what becomes of failures, and one real run in fresh processes."""

import json
from pathlib import Path

import pytest

from models.benchmark import runner
from models.benchmark.job import Job, Measurement
from models.benchmark.runner import Options, run_line
from models.benchmark.systems import System
from models.benchmark.workloads import Line
from models.errors import EngineFailed

LINE = Line("xlsum", "forced", batch=2, beams=1)


def options(folder: Path, repeat: int = 3) -> Options:
    return Options(folder, "cpu", threads=2, repeat=repeat, rows=100, seconds=0.0)


def measured(seconds: float) -> str:
    return Measurement(0.1, 0.01, (seconds,), 12, 1, 2, 3).to_json()


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, int]]:
    """What workers were asked, as (engine, environment, threads); CTranslate2 with oneDNN is slow, with packing it fails."""
    made: list[tuple[str, str, int]] = []

    def worker(task: str, given: str, environ: dict[str, str], threads: int) -> str:
        if task == "convert":
            Path(json.loads(given)["folder"]).mkdir()
            return "{}"
        job = Job.from_json(given)
        made.append((job.engine, " ".join(environ.values()), threads))
        if "CT2_USE_EXPERIMENTAL_PACKED_GEMM" in environ:
            raise EngineFailed("no packing here")
        return measured(2.0 if environ.get("CT2_USE_MKL") == "0" else 1.0)

    monkeypatch.setattr(runner, "_worker", worker)
    return made


def test_variants_are_tried_and_the_best_of_them_measured(calls: list[tuple[str, str, int]], tmp_path: Path) -> None:
    system = System("ctranslate2", "int8")
    outcome = run_line(LINE, [system], options(tmp_path), lambda line: None)
    assert calls[:6] == [("ctranslate2", mkl, threads) for mkl in ("0", "1", "1 1") for threads in (2, 1)]
    assert calls[6:] == [("ctranslate2", "1", 2), ("ctranslate2", "1", 1)] * 3
    best, *_, last = outcome.runs[system]
    assert best.seconds == 1.0 and len(best.measurements) == 3
    assert last.failure == "no packing here" and last.seconds == float("inf")


def test_a_trial_ends_early_and_expects_the_rest_of_the_steps_to_be_alike(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[Job] = []

    def worker(task: str, given: str, environ: dict[str, str], threads: int) -> str:
        if task == "convert":
            Path(json.loads(given)["folder"]).mkdir()
            return "{}"
        asked.append(Job.from_json(given))
        return Measurement(0.1, 1.0, (4.0,), 12, 1, 2, 3).to_json()

    monkeypatch.setattr(runner, "_worker", worker)
    monkeypatch.setattr(runner, "_TRIAL", 4)
    system = System("ctranslate2", "int8")
    outcome = run_line(LINE, [system], options(tmp_path, repeat=1), lambda line: None)
    assert {item.settings.max_tokens for item in asked[0].items} == {4}
    assert {item.settings.max_tokens for item in asked[-1].items} == {6}
    assert outcome.runs[system][0].trial == 1.0 + 5 * (4.0 - 1.0) / 3


def test_what_takes_long_is_not_repeated(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(runner, "_worker", lambda *_: measured(60.0))
    system = System("mujaz", "int8")
    outcome = run_line(LINE, [system], options(tmp_path), lambda line: None)
    assert len(outcome.runs[system][0].measurements) == 1


def test_systems_take_turns(calls: list[tuple[str, str, int]], tmp_path: Path) -> None:
    systems = [System("mujaz", "int8"), System("transformers", "float32", "each")]
    outcome = run_line(LINE, systems, options(tmp_path, repeat=2), lambda line: None)
    assert [engine for engine, *_ in calls] == ["mujaz", "transformers"] * 2
    assert list(outcome.runs) == systems


def test_what_is_being_done_is_told(calls: list[tuple[str, str, int]], tmp_path: Path) -> None:
    told: list[str] = []
    run_line(LINE, [System("mujaz", "int8", vocabulary="trimmed")], options(tmp_path, repeat=1), told.append)
    assert told == ["mT5-base, XL-Sum's shape, forced, run 1: mujaz-int8, trimmed vocabulary, 1×2 threads"]


def test_a_real_run_in_a_process_of_its_own(tmp_path: Path) -> None:
    system = System("ctranslate2", "int8", vocabulary="trimmed")
    outcome = run_line(
        LINE, [system], Options(tmp_path, "cpu", threads=1, repeat=1, rows=100, seconds=0.0), lambda line: None
    )
    runs = outcome.runs[system]
    assert [entry.failure for entry in runs] == [None] * 3
    assert all(entry.trial for entry in runs)
    assert [len(entry.measurements) for entry in runs] == [1, 1, 0]
    assert runs[0].measurements[0].tokens == 12


def test_a_worker_that_fails_is_told_with_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(EngineFailed, match=r"worker failed: .*JSONDecodeError"):
        runner._worker("measure", "{", {}, 1)
