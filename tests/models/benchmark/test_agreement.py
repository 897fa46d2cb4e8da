"""Agreement: counted by hand on logits of three ids, and whole runs on tiny networks."""

import json
from pathlib import Path

import pytest
import torch

from models.benchmark import agreement
from models.benchmark.agreement import Outcome, Row, as_json, as_table, drawn_pairs, measure, row, texts
from models.benchmark.workloads import NETWORKS

MACHINE = {"cpu": "A CPU", "gpu": None, "flags": ["avx2"]}

REFERENCE = [torch.tensor([[3.0, 0.0, 0.0], [0.2, 0.0, -0.2]]), torch.tensor([[0.0, 1.0, 2.0]])]
"""Margins of 3, 0.2 and 1."""


def test_what_is_counted_is_the_best_id_where_the_margin_is_above_a_half() -> None:
    found = [torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.2, -0.2]]), torch.tensor([[0.0, 2.0, 1.0]])]
    made = row("some", found, REFERENCE)
    assert made.sure == 0.5  # of the first and the last position only the first
    assert made.same == pytest.approx(1 / 3)
    assert made.missed == 1.0


def test_a_margin_of_a_half_or_less_only_counts_among_all() -> None:
    found = [torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.2, -0.2]]), REFERENCE[1]]
    made = row("some", found, REFERENCE)
    assert (made.sure, made.same) == (1.0, pytest.approx(2 / 3))
    assert made.missed == pytest.approx(0.2)


def test_the_error_is_relative_and_blind_to_what_all_logits_of_a_position_have_in_common() -> None:
    shifted = [logits + 7.0 for logits in REFERENCE]
    assert row("some", shifted, REFERENCE).error_p95 == pytest.approx(0.0, abs=1e-5)
    larger = [1.1 * logits for logits in REFERENCE]
    assert row("some", larger, REFERENCE).error_median == pytest.approx(0.1, abs=1e-5)


def test_without_a_margin_there_is_no_share() -> None:
    small = [0.01 * logits for logits in REFERENCE]
    made = row("some", small, small)
    assert (made.sure, made.same, made.missed) == (None, 1.0, None)


def test_random_networks_are_measured_at_two_scales(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(agreement, "_ITEMS", {"articles": 3, "sentences": 3})
    told: list[str] = []
    outcomes = list(measure(["xlsum", "opus-mt"], tmp_path, "cpu", 150, told.append))
    assert [(made.network, made.scale) for made in outcomes] == [
        ("xlsum", "as made"),
        ("xlsum", "initialised"),
        ("opus-mt", "as made"),
        ("opus-mt", "initialised"),
    ]
    for made in outcomes:
        rows = {system.system: system for system in made.rows}
        assert rows.keys() == {"mujaz-int8", "mujaz-bfloat16", "transformers-float32", "transformers-bfloat16"}
        assert (made.items, made.positions) == (3, 18)
        assert rows["transformers-float32"].same == 1.0
        assert rows["transformers-float32"].error_p95 < 1e-5 < rows["mujaz-bfloat16"].error_median
    for as_made, initialised in (outcomes[:2], outcomes[2:]):
        assert initialised.deviation > 2 * as_made.deviation > 0
    assert len(told) == 4 * 5


def test_targets_are_as_long_as_the_forced_work_and_end(tmp_path: Path) -> None:
    pairs = drawn_pairs(NETWORKS["xlsum"], 150)
    assert {(len(pair.source), len(pair.target)) for pair in pairs} == {(12, 6)}
    assert all(pair.target[-1] == 1 and min(pair.target[:-1]) > 2 and max(pair.target) < 149 for pair in pairs)


@pytest.mark.parametrize(("name", "end"), [("sample-translator", 1), ("sample-summarizer", 1)])
def test_the_sample_models_get_texts_of_the_test_part(name: str, end: int) -> None:
    pairs = texts(NETWORKS[name])
    assert len(pairs) > 50
    assert all(pair.source[-1] == pair.target[-1] == end and 2 < len(pair.source) <= 512 for pair in pairs)
    assert len({pair.target for pair in pairs}) > 50


def outcome(sure: float | None) -> Outcome:
    rows = [
        Row("mujaz-int8", sure, 0.9, 0.25, 0.03, 0.04),
        Row("transformers-bfloat16", None if sure is None else 0.99, 0.95, None, 0.01, 0.02),
    ]
    return Outcome("xlsum", "initialised", 8, 1000, 0 if sure is None else 200, 50, (0.1, 0.2, 0.3), 1.4, rows)


def test_table_and_json_have_the_points_to_transformers() -> None:
    table = as_table([outcome(0.986)], MACHINE)
    assert "1,000 positions, 50 different best ids; margin above 0.5 at 200 (20.0%)" in table
    found = next(line.split() for line in table.splitlines() if line.startswith("mujaz-int8"))
    assert found[1:] == ["98.600%", "-0.40", "90.000%", "0.250", "3.0e-02", "4.0e-02"]
    document = json.loads(as_json([outcome(0.986)], MACHINE, {"mujaz": "1"}, {"rows": 100}))
    assert document["networks"][0]["rows"][0]["to_baseline"] == pytest.approx(-0.4)
    assert document["settings"] == {
        "reference": "mujaz-float32",
        "baseline": "transformers-bfloat16",
        "margin": 0.5,
        "rows": 100,
    }


def test_weights_whose_logits_have_no_margin_are_named() -> None:
    table = as_table([outcome(None)], MACHINE)
    assert "no margin is above 0.5" in table
    assert "no margin" not in as_table([outcome(0.9)], MACHINE)
    assert json.loads(as_json([outcome(None)], MACHINE, {}, {}))["networks"][0]["rows"][0]["to_baseline"] is None
