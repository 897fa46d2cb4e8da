"""`mujaz bench`: options become lines and systems, figures go to stdout, progress beside them."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from models.benchmark import compare, systems
from models.benchmark.workloads import NETWORKS
from tests.service.cli.conftest import Mujaz
from tests.support.checkpoints import TINY_MT5

PEAKS = {"int8": 4e12, "bfloat16": 2e12, "float32": 1e12, "bandwidth": 1e10}
TINY = ("--model", "xlsum", "--batch", 2, "--beams", 1, "--rows", 100, "--repeat", 1, "--threads", 1)


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(NETWORKS, "xlsum", replace(NETWORKS["xlsum"], shape=TINY_MT5, source=8, target=4))
    monkeypatch.setattr(compare, "peaks", lambda device, threads: PEAKS)


def told(text: str) -> str:
    """What a framed error says, on one line."""
    return " ".join(text.replace("│", " ").split())


def test_systems_are_measured_and_shown_as_a_table_and_kept_as_json(mujaz: Mujaz, tmp_path: Path) -> None:
    kept = tmp_path / "bench.json"
    chosen = ("--system", "mujaz-float32", "--system", "ctranslate2", "--vocabulary", "trimmed")
    done = mujaz("bench", *TINY, *chosen, "--device", "cpu", "--work", tmp_path / "work", "--output", kept)
    assert done.code == 0
    title, heading, *rows = done.out.splitlines()
    assert title == "mT5-base, XL-Sum's shape: forced 8 in / 4 out, articles, batch 2, beams 1"
    assert heading.split()[:2] == ["system", "/s"]
    assert [row.split(",")[0] for row in rows[:2]] == ["mujaz-float32", "ctranslate2-int8"]
    assert "mujaz: mT5-base, XL-Sum's shape, forced, run 1: mujaz-float32, trimmed vocabulary" in done.err
    document = json.loads(kept.read_text(encoding="utf-8"))
    assert document["settings"]["rows"] == 100
    assert document["versions"]["ctranslate2"]
    assert {run["system"] for run in document["lines"][0]["runs"]} == {
        row["system"] for row in document["lines"][0]["rows"]
    }
    assert sorted(path.name for path in (tmp_path / "work").iterdir()) == ["xlsum-100", "xlsum-100-int8", "xlsum-full"]


def test_json_alone_goes_to_stdout(mujaz: Mujaz) -> None:
    done = mujaz("bench", *TINY, "--system", "mujaz-float32", "--vocabulary", "full", "--format", "json")
    assert done.code == 0
    assert json.loads(done.out)["lines"][0]["rows"][0]["system"] == "mujaz-float32"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--system", "marian"), "there is no system 'marian' here: ctranslate2-int8, mujaz-bfloat16"),
        (("--model", "gpt"), "there is no model 'gpt': xlsum, opus-mt"),
        (("--workload", "easy"), "there is no workload 'easy': forced, skewed, text"),
        (("--workload", "text", "--model", "xlsum"), "the sample models text"),
        (("--batch", "0"), "Invalid value"),
        (("--service", "--repeat", "2"), "--repeat does not go with this kind of measurement"),
        (("--agreement", "--repeat", "2"), "--repeat does not go with this kind of measurement"),
        (("--agreement", "--service"), "Invalid value"),
        (("--agreement", "--model", "gpt"), "there is no model 'gpt': xlsum, opus-mt"),
    ],
)
def test_wrong_usage_is_told(mujaz: Mujaz, arguments: tuple[str, ...], message: str) -> None:
    done = mujaz("bench", *arguments)
    assert done.code == 2
    assert message in told(done.err)


def test_a_rival_that_is_not_installed_is_refused_if_named_and_left_out_otherwise(
    mujaz: Mujaz, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(systems, "installed", lambda package: None)
    done = mujaz("bench", "--system", "ctranslate2")
    assert done.code == 2
    assert "pip install 'mujaz[bench]'" in told(done.err)
    monkeypatch.setitem(systems.DEFAULTS, "cpu", ("mujaz-float32", "ctranslate2-int8"))
    done = mujaz("bench", *TINY, "--vocabulary", "full")
    assert done.code == 0
    assert "not measured: ctranslate2 is not installed" in done.out


def test_a_system_that_fails_is_named_and_the_command_fails(mujaz: Mujaz, monkeypatch: pytest.MonkeyPatch) -> None:
    from models.benchmark import runner
    from models.errors import EngineFailed

    def broken(task: str, given: str, environ: dict[str, str], threads: int) -> str:
        raise EngineFailed("no luck")

    monkeypatch.setattr(runner, "_worker", broken)
    done = mujaz("bench", *TINY, "--system", "mujaz-float32", "--vocabulary", "full")
    assert done.code == 1
    assert "no luck" in done.out


def test_agreement_is_measured_instead_of_speed(mujaz: Mujaz, tmp_path: Path) -> None:
    kept = tmp_path / "agreement.json"
    done = mujaz("bench", "--agreement", "--model", "xlsum", "--rows", 150, "--device", "cpu", "--output", kept)
    assert done.code == 0
    assert (
        "mT5-base, XL-Sum's shape, random weights as `mujaz bench` makes them: 32 articles, 128 positions" in done.out
    )
    document = json.loads(kept.read_text(encoding="utf-8"))
    assert [network["scale"] for network in document["networks"]] == ["as made", "initialised"]
    assert document["versions"]["transformers"] and document["hardware"]["cpu"]
    assert document["settings"]["rows"] == 150
