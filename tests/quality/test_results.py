"""The figures that the model card gives are those that were measured."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from models.training.data import digest

SAMPLE = Path(__file__).parents[2] / "models" / "sample"
RESULTS = json.loads((SAMPLE / "results.json").read_text(encoding="utf-8"))
CARD = (SAMPLE / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("run", RESULTS["runs"], ids=lambda run: run["command"])
def test_every_figure_of_the_model_card_is_in_the_results(run: dict[str, object]) -> None:
    assert run["sha256"] == digest()
    assert f"`{run['command'].removesuffix(' --format json')}`" in CARD
    rows = [[cell.strip() for cell in line.split("|")] for line in CARD.splitlines()]
    for system, scores in run["systems"].items():
        cells = [f"{score['value']:.2f}" for score in scores.values()]
        assert any(system in row and all(cell in row for cell in cells) for row in rows), (system, cells)


def test_the_figures_of_the_labelled_briefs_are_those_of_their_file() -> None:
    folder = Path(__file__).parent / "checks"
    results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    assert results["sha256"] == sha256((folder / "test.jsonl").read_bytes()).hexdigest()
    told = (folder / "README.md").read_text(encoding="utf-8")
    for label, scores in results["systems"].items():
        flagged = scores["flagged"]
        assert f"| {label} | {flagged['value']:.1f} | {flagged['low']:.1f} to {flagged['high']:.1f} |" in told
