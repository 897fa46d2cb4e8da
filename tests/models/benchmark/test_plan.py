"""Which lines, which systems, set up in which ways."""

import pytest

from models.benchmark import systems
from models.benchmark.plan import DEFAULT, lines
from models.benchmark.systems import DEFAULTS, System, missing, names, select, variants
from models.benchmark.workloads import NETWORKS, Line


def test_with_nothing_asked_there_are_few_lines() -> None:
    assert lines(device="cpu") == list(DEFAULT)
    assert lines(device="cpu", batches=[2], beams=[1])[0] == Line("xlsum", "forced", 2, 1)


def test_a_network_or_a_workload_brings_all_its_lines() -> None:
    assert lines(device="cpu", networks=["tc-big"]) == [Line("tc-big", kind, 32, 4) for kind in ("forced", "skewed")]
    assert {line.network for line in lines(device="cpu", kinds=["text"])} == {"sample-translator", "sample-summarizer"}
    assert lines(device="cpu", kinds=["text"], networks=["xlsum"]) == []


def test_the_grid_has_every_kind_of_every_network_and_larger_batches_on_a_gpu() -> None:
    grid = lines(device="cpu", full=True)
    assert {(line.network, line.kind) for line in grid} == {(n, k) for n in NETWORKS for k in NETWORKS[n].kinds()}
    assert {(line.batch, line.beams) for line in grid} == {(batch, beams) for batch in (1, 8, 32) for beams in (1, 4)}
    assert {line.batch for line in lines(device="cuda", full=True)} == {1, 8, 32, 64, 256}


def test_a_system_is_named_whole_or_by_its_beginning() -> None:
    assert select(["mujaz-int8"], "cpu", "forced", ["full"]) == [System("mujaz", "int8")]
    assert [system.name for system in select(["mujaz-int8"], "cpu", "skewed", ["full"])] == [
        "mujaz-int8",
        "mujaz-int8-continuous",
        "mujaz-int8-arriving-batch",
        "mujaz-int8-arriving-continuous",
    ]
    assert {system.engine for system in select(["mujaz", "transformers"], "cpu", "forced", ["full"])} == {
        "mujaz",
        "transformers",
    }
    assert select(["muj"], "cpu", "forced", ["full"]) == []


def test_only_mujaz_and_ctranslate2_are_trimmed_and_only_random_networks() -> None:
    trimmed = [s for s in select(names("cpu"), "cpu", "forced", ["full", "trimmed"]) if s.vocabulary == "trimmed"]
    assert {system.engine for system in trimmed} == {"mujaz", "ctranslate2"}
    assert {s.vocabulary for s in select(names("cpu"), "cpu", "text", ["trimmed"])} == {"full"}


@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_the_usual_systems_exist_and_a_stream_is_compared_on_one_vocabulary(device: str) -> None:
    assert all(select([name], device, "forced", []) for name in DEFAULTS[device])
    assert {system.vocabulary for system in select([], device, "forced", [])} == {"full", "trimmed"}
    stream = select([], device, "skewed", [])
    assert {system.vocabulary for system in stream} == {"trimmed"}
    assert {system.feeding for system in stream} == {"batch", "continuous", "arriving-batch", "arriving-continuous"}


def test_ctranslate2_is_set_up_in_every_way_on_a_cpu_and_the_others_in_one() -> None:
    ways = variants(System("ctranslate2", "int8"), "cpu", 4)
    assert {(way.workers, way.threads) for way in ways} == {(1, 4), (4, 1)}
    assert {dict(way.variables).get("CT2_USE_MKL") for way in ways} == {"0", "1"}
    assert len({way.label for way in ways}) == len(ways) == 6
    assert len(variants(System("ctranslate2", "float16"), "cuda", 4)) == 1
    assert len(variants(System("mujaz", "int8"), "cpu", 4)) == 1


def test_what_is_not_installed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    every = select(names("cpu"), "cpu", "forced", ["full"])
    monkeypatch.setattr(systems, "installed", lambda package: None)
    assert missing(every) == {"ctranslate2"}
    monkeypatch.setattr(systems, "installed", lambda package: "4.8.5")
    assert missing(every) == set()
