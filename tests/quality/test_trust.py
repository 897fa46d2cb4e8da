"""Checks and evidence are as good as they were: floors on the labelled validation sets, with the files they were measured on.

The floors stand in `floors.json`, some points below what was measured, and the false alarms that are allowed some points above.
Lower one only on purpose, in a commit that says why.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from service.cli.main import app

FOLDER = Path(__file__).parent
FLOORS = json.loads((FOLDER / "floors.json").read_text(encoding="utf-8"))


def figures(job: str, name: str, digest: str) -> dict[str, Any]:
    """The systems that `mujaz eval` scores on a labelled file, which must be the one of the digest."""
    file = FOLDER / job / f"{name}.jsonl"
    result = CliRunner().invoke(app, ["eval", job, str(file), "--format", "json"])
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert answer["sha256"] == digest
    systems: dict[str, Any] = answer["systems"]
    return systems


def test_the_checks_find_what_they_found_with_as_few_false_alarms() -> None:
    floors = FLOORS["checks"]
    scores = figures("checks", "validation", floors["sha256"])
    flagged = {label.split(" ")[0]: score["flagged"]["value"] for label, score in scores.items()}
    assert flagged.pop("faithful") <= floors["false alarms at most"]
    assert {label: value for label, value in flagged.items() if value < floors["flagged"][label]} == {}


@pytest.mark.parametrize("name", FLOORS["evidence"])
def test_the_first_link_is_right_as_often(name: str) -> None:
    floors = dict(FLOORS["evidence"][name])
    scores = figures("evidence", name, floors.pop("sha256"))
    accuracy = {pair: scores[pair]["accuracy"]["value"] for pair in floors}
    assert {pair: value for pair, value in accuracy.items() if value < floors[pair]} == {}
