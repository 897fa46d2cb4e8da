"""What happens to a text before any model reads it is as good as it was: floors on validation articles.

The floors stand in `floors.json`, one point below what was measured; `test_sample_models.py` holds the digest of the corpus.
Prose that is lost has no floor: nothing may be. Lower one only on purpose, in a commit that says why.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from service.cli.main import app

FLOORS = json.loads(Path(__file__).with_name("floors.json").read_text(encoding="utf-8"))


def figures(*arguments: str) -> dict[str, Any]:
    """The systems that `mujaz eval` scores."""
    result = CliRunner().invoke(app, ["eval", *arguments, "--format", "json"])
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert answer["sha256"] == FLOORS["corpus_sha256"]
    systems: dict[str, Any] = answer["systems"]
    return systems


@pytest.mark.parametrize("language", ["ar", "en"])
def test_cleaning_loses_no_prose_and_holds_its_floors(language: str) -> None:
    scores = figures("cleaning", "corpus:validation", "--language", language)["mujaz"]
    assert scores["lost"]["value"] == 0
    assert {kind: scores[kind]["value"] >= floor for kind, floor in FLOORS["cleaning"][language].items()} == {
        "whole": True,
        "boundary F1": True,
        "dropped": True,
    }


@pytest.mark.slow
@pytest.mark.parametrize("language", ["ar", "en"])
def test_the_window_holds_the_facts_that_it_held(language: str) -> None:
    rows = str(FLOORS["selection"]["rows"])
    systems = figures("selection", "corpus:validation", "--language", language, "--limit", rows)
    held = {name: systems[f"{name}: window"]["words"]["value"] for name in FLOORS["selection"][language]}
    assert not {name: held[name] for name, floor in FLOORS["selection"][language].items() if held[name] < floor}
    assert systems["two events: window"]["over head"]["low"] > 0
