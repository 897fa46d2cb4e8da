"""The figures of the table: worked out by hand for two systems, and the same in the table and in JSON."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from models.benchmark.job import Feeding, Measurement
from models.benchmark.report import Row, rows
from models.benchmark.result import Result, as_json, as_table
from models.benchmark.runner import Outcome, Runs
from models.benchmark.systems import System, Variant, Vocabulary
from models.benchmark.workloads import NETWORKS, Line, checkpoint, items, some

LINE = Line("xlsum", "forced", batch=4, beams=2)
PEAKS = {"int8": 4e9, "bfloat16": 2e9, "float32": 1e9, "bandwidth": 1e9}


def runs(system: System, *seconds: float, line: Line = LINE) -> Runs:
    work = items(line, NETWORKS[line.network], rows=100)
    if system.feeding == "each":
        work = some(work, line.kind)
    tokens = sum(item.settings.max_tokens for item in work)
    first = 0.5 if line.kind == "forced" else None
    measured = [Measurement(0.2, first, (s,), tokens, bare=10**6, ready=3 * 10**6, peak=5 * 10**6) for s in seconds]
    return Runs(Variant(system, 1, 2), work, measurements=measured)


def ctranslate2(vocabulary: Vocabulary = "full") -> System:
    return System("ctranslate2", "int8", vocabulary=vocabulary)


def transformers(feeding: Feeding) -> System:
    return System("transformers", "float32", feeding)


@pytest.fixture
def found(tmp_path: Path) -> dict[str, Row]:
    entries = [
        runs(System("mujaz", "int8", vocabulary="trimmed"), 1.0, 3.0, 2.0),
        runs(ctranslate2(), 8.0),
        runs(ctranslate2("trimmed"), 4.0),
        runs(transformers("each"), 10.0),
        runs(transformers("batch"), 16.0),
    ]
    outcome = Outcome(LINE, {entry.variant.system: [entry] for entry in entries})
    return {row.system.label: row for row in rows(outcome, PEAKS, 100, checkpoint("xlsum", tmp_path))}


def test_figures_are_those_of_the_median(found: dict[str, Row]) -> None:
    row = found["mujaz-int8, trimmed vocabulary"]
    assert (row.rate, row.tokens) == (2.0, 12.0)  # 4 articles and 24 tokens in 2 s
    assert (row.first_ms, row.step_ms) == (500.0, 300.0)  # 6 tokens: the first after 0.5 s, then 5 steps
    assert (row.load_s, row.ready_mb, row.peak_mb) == (0.2, 2.0, 4.0)


def test_what_is_measured_item_by_item_counts_the_time_of_one(found: dict[str, Row]) -> None:
    row = found["transformers-float32-each"]
    assert (row.rate, row.first_ms, row.step_ms) == (0.1, 500.0, 1900.0)  # one article in 10 s


def test_ratios_are_to_the_best_with_the_same_vocabulary_and_to_the_full_one(found: dict[str, Row]) -> None:
    row = found["mujaz-int8, trimmed vocabulary"]
    assert (row.to_ctranslate2, row.to_ctranslate2_full) == (2.0, 4.0)
    assert (row.to_transformers_each, row.to_transformers) == (20.0, 8.0)
    assert row.to_batches is None


def test_the_roofline_is_that_of_the_vocabulary(found: dict[str, Row]) -> None:
    full, trimmed = found["ctranslate2-int8"], found["ctranslate2-int8, trimmed vocabulary"]
    assert full.roofline is not None and trimmed.roofline is not None
    assert 0 < trimmed.roofline < 2 * full.roofline < 1  # twice as fast, but less work


@pytest.mark.parametrize(("feeding", "fed"), [("batch", "continuous"), ("arriving-batch", "arriving-continuous")])
def test_continuous_feeding_is_compared_with_batches(feeding: Feeding, fed: Feeding, tmp_path: Path) -> None:
    line = Line("opus-mt", "skewed", batch=4, beams=2)
    batch, stream = System("mujaz", "int8", feeding), System("mujaz", "int8", fed)
    outcome = Outcome(line, {s: [runs(s, t, line=line)] for s, t in ((batch, 3.0), (stream, 2.0))})
    static, continuous = rows(outcome, PEAKS, 100, checkpoint("opus-mt", tmp_path))
    assert continuous.to_batches == 1.5
    assert static.to_batches is None
    assert continuous.step_ms is None


def result(found: dict[str, Row]) -> Result:
    failed = replace(runs(ctranslate2()), failure="it broke")
    machine = {"cpu": "A CPU", "gpu": None, "threads": 2, "flags": ["avx2"], "memory_bytes": 2**34, "load_average": 0.5}
    broken = Row(ctranslate2(), "1×2 threads", note="it broke")
    outcome = Outcome(LINE, {ctranslate2(): [failed]})
    return Result(
        machine,
        {"mujaz": "1.2", "ctranslate2": None},
        {"repeat": 3},
        PEAKS,
        "abc" * 20,
        [(outcome, [*found.values(), broken])],
        ("ctranslate2",),
    )


def test_table_and_json_agree(found: dict[str, Row]) -> None:
    whole = result(found)
    table, document = as_table(whole), json.loads(as_json(whole))
    line: dict[str, Any] = document["lines"][0]
    assert table.splitlines()[0] == "mT5-base, XL-Sum's shape: forced 12 in / 6 out, articles, batch 4, beams 2"
    for row in line["rows"]:
        shown = next(text for text in table.splitlines() if text.startswith(f"{row['system']}  "))
        if row["rate"] is not None:
            assert f" {row['rate']:,.2f} " in shown
            assert f" {row['step_ms']:,.1f} " in shown
            assert f" {row['to_ctranslate2']:.2f}× " in shown
    assert "it broke" in table
    assert line["runs"][0]["failure"] == "it broke"
    assert "not measured: ctranslate2 is not installed" in table
    assert document["hardware"]["cpu"] in table
    assert document["peaks"]["bandwidth"] == 1e9 and "memory 1 GB/s" in table
    assert document["lengths_sha256"][:12] in table


def test_a_system_without_figures_is_a_failure(found: dict[str, Row]) -> None:
    whole = result(found)
    assert whole.failed()
    assert not replace(whole, lines=[(whole.lines[0][0], list(found.values()))]).failed()
