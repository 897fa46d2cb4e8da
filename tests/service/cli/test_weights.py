"""`mujaz models`: list, pull, verify; the Hub is a small one on loopback."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import save

from models.catalog import Catalog
from tests.service.cli.conftest import Mujaz, Outcome
from tests.support.hub import Hub, serving

CATALOG = Catalog.load()
FILES = {"config.json": b'{"model_type": "marian"}', "model.safetensors": save({"weight": torch.zeros(5000)})}


@pytest.fixture
def hub() -> Iterator[Hub]:
    """A Hub with the default translator and summarizer of Arabic."""
    with serving({CATALOG.get("ar-en").repo: FILES, CATALOG.get("xlsum").repo: FILES}) as running:
        yield running


@pytest.fixture
def models(mujaz: Mujaz, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, hub: Hub) -> Mujaz:
    """`mujaz models …` with a weights folder of its own and the small Hub."""

    def run(*arguments: object) -> Outcome:
        monkeypatch.setenv("MUJAZ_WEIGHTS", str(tmp_path))
        monkeypatch.setenv("MUJAZ_HUB", hub.endpoint)
        return mujaz("models", *arguments)

    return run


def test_list_shows_every_model_with_its_state_and_licence(models: Mujaz) -> None:
    done = models("list")
    rows = {line.split()[0]: line for line in done.out.splitlines()[1:]}
    assert list(rows) == [entry.id for entry in CATALOG.entries]
    assert "CC-BY-NC-SA-4.0, no commercial use" in rows["xlsum"]
    assert "missing" in rows["ar-en"]
    assert done.code == 0


def test_list_as_json_and_markdown(models: Mujaz) -> None:
    rows = [json.loads(line) for line in models("list", "--format", "json").out.splitlines()]
    assert [row["id"] for row in rows] == [entry.id for entry in CATALOG.entries]
    assert models("list", "--format", "markdown").out.splitlines()[1].startswith("| --- |")


def test_pull_then_verify_then_a_damaged_file_is_found(models: Mujaz, tmp_path: Path) -> None:
    done = models("pull", "ar-en")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("ar-en: ")
    assert f"ar-en: good, revision {'0' * 40}" in models("verify").out.splitlines()
    weights = tmp_path / CATALOG.get("ar-en").folder / "model.safetensors"
    weights.write_bytes(bytes(weights.stat().st_size))
    damaged = models("verify")
    assert damaged.code == 3
    assert "model.safetensors" in damaged.err


def test_without_ids_the_defaults_are_pulled_and_a_licence_must_be_accepted(models: Mujaz, tmp_path: Path) -> None:
    refused = models("pull")
    assert refused.code == 2
    assert "--accept-licence" in refused.err
    assert (tmp_path / CATALOG.get("ar-en").folder / "config.json").is_file()
    accepted = models("pull", "--accept-licence")
    assert accepted.code == 0
    assert "xlsum" in accepted.out


def test_a_hub_that_is_down_fails_with_1(models: Mujaz, hub: Hub) -> None:
    del hub.repos[CATALOG.get("ar-en").repo]
    done = models("pull", "ar-en")
    assert done.code == 1
    assert done.err.startswith("mujaz: ")


def test_verifying_what_is_not_here_ends_with_3(models: Mujaz) -> None:
    assert models("verify", "fr-en").code == 3
    assert models("verify").code == 0


@pytest.mark.parametrize("command", ["pull", "verify"])
def test_an_unknown_id_is_wrong_usage(models: Mujaz, command: str) -> None:
    assert models(command, "nope").code == 2
