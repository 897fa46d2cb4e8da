"""`mujaz models`: list, pull, prepare, verify; the Hub is a small one on loopback."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.catalog import Catalog
from models.weights import prepared
from tests.service.cli.conftest import Mujaz, Outcome
from tests.support.checkpoints import TINY_MARIAN, TINY_MT5, marian, mt5
from tests.support.hub import Hub, serving

CATALOG = Catalog.load()
SAMPLE = Path(__file__).parents[3] / "models/sample/articles/01-floods.txt"


@pytest.fixture(scope="module")
def repos(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, bytes]]:
    """A tiny translator and a tiny summarizer under the names of the defaults for Arabic."""
    root = tmp_path_factory.mktemp("hub")
    marian(root / "ar-en", TINY_MARIAN)
    mt5(root / "xlsum", TINY_MT5)
    return {
        CATALOG.get(name).repo: {path.name: path.read_bytes() for path in (root / name).iterdir()}
        for name in ("ar-en", "xlsum")
    }


@pytest.fixture
def hub(repos: dict[str, dict[str, bytes]]) -> Iterator[Hub]:
    """A Hub with the default translator and summarizer of Arabic."""
    with serving(repos) as running:
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
    done = models("pull", "ar-en", "--format", "bfloat16")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("ar-en: ")
    assert f"ar-en: good, revision {'0' * 40}, prepared bfloat16 full" in models("verify").out.splitlines()
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


def test_what_is_pulled_is_prepared_and_listed(models: Mujaz) -> None:
    done = models("pull", "ar-en", "--format", "float32", "--vocabulary", "ar,en")
    assert done.out.splitlines()[-1] == "ar-en: prepared float32 en"
    assert models("prepare", "--format", "bfloat16").out.splitlines() == ["ar-en: prepared bfloat16 full"]
    listed = [json.loads(line) for line in models("list", "--format", "json").out.splitlines()]
    assert {row["id"]: row["prepared"] for row in listed if row["prepared"]} == {
        "ar-en": ["bfloat16 full", "float32 en"]
    }
    assert "bfloat16 full, float32 en" in models("list").out


def test_a_summarizer_is_prepared_for_the_languages_that_are_asked_for(models: Mujaz) -> None:
    models("pull", "xlsum", "--accept-licence")
    restricted = models("prepare", "xlsum", "--format", "float32", "--vocabulary", "ar,fa,de")
    assert restricted.out == "xlsum: prepared float32 ar+fa\n"
    assert models("prepare", "xlsum", "--format", "float32").out == "xlsum: prepared float32 full\n"


def test_a_summarizer_that_reads_none_of_the_languages_is_not_prepared(models: Mujaz, tmp_path: Path) -> None:
    pulled = models("pull", "xlsum", "--accept-licence", "--vocabulary", "de,he")
    assert pulled.out.endswith("xlsum: not prepared, since it is not used: it reads none of de, he\n")
    assert not list(tmp_path.glob("*/prepared"))


def test_the_vocabulary_is_the_configured_one_unless_an_option_says_otherwise(
    models: Mujaz, monkeypatch: pytest.MonkeyPatch
) -> None:
    models("pull", "xlsum", "--accept-licence")
    monkeypatch.setenv("MUJAZ_VOCABULARY", "ar,fa")
    assert models("prepare", "xlsum", "--format", "float32").out == "xlsum: prepared float32 ar+fa\n"
    full = models("prepare", "xlsum", "--format", "float32", "--vocabulary", "full")
    assert full.out == "xlsum: prepared float32 full\n"


def test_for_the_reference_engine_a_pull_prepares_nothing(
    models: Mujaz, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MUJAZ_ENGINE", "reference")
    assert models("pull", "ar-en").code == 0
    assert not list(tmp_path.glob("*/prepared"))


@pytest.mark.parametrize("setting", ["MUJAZ_VOCABULARY", "MUJAZ_DTYPE"])
def test_what_the_reference_engine_cannot_do_is_wrong_usage(
    mujaz: Mujaz, monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    monkeypatch.setenv("MUJAZ_ENGINE", "reference")
    monkeypatch.setenv(setting, {"MUJAZ_VOCABULARY": "ar", "MUJAZ_DTYPE": "int8"}[setting])
    done = mujaz("brief", "--models", "sample", SAMPLE)
    assert done.code == 2
    assert "use the engine mujaz" in done.err


def test_damage_to_what_is_prepared_is_found_and_made_good(models: Mujaz, tmp_path: Path) -> None:
    models("pull", "ar-en")
    (weights,) = tmp_path.glob("*/prepared/*/weights.safetensors")
    weights.write_bytes(bytes(weights.stat().st_size))
    damaged = models("verify")
    assert damaged.code == 3
    assert "mujaz models prepare" in damaged.err
    assert models("prepare").code == 0
    assert models("verify").code == 0
    (weights.parent / "prepared.json").write_text("{}")
    assert "damaged" in models("list").out


def test_preparing_ends_with_1_where_the_disk_gives_out(models: Mujaz, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(prepared, "prepare", full)
    done = models("pull", "ar-en")
    assert done.code == 1
    assert done.err == "mujaz: ar-en could not be prepared (No space left on device).\n"
    assert "ar-en: good" in models("verify").out


def test_sample_models_need_no_preparation(models: Mujaz) -> None:
    done = models("prepare", "sample-translator")
    assert (done.code, done.out) == (0, "sample-translator: comes with the package and needs no preparation\n")


def test_preparing_what_is_not_here_ends_with_3(models: Mujaz) -> None:
    assert models("prepare", "fr-en").code == 3
    done = models("prepare")
    assert (done.code, done.out) == (0, "")


@pytest.mark.parametrize("arguments", [("--format", "float16"), ("--vocabulary", "Arabic"), ("--vocabulary", "ar,")])
def test_a_format_or_a_vocabulary_that_does_not_exist_is_wrong_usage(models: Mujaz, arguments: tuple[str, str]) -> None:
    assert models("prepare", *arguments).code == 2


def test_a_hub_that_is_down_fails_with_1(models: Mujaz, hub: Hub) -> None:
    del hub.repos[CATALOG.get("ar-en").repo]
    done = models("pull", "ar-en")
    assert done.code == 1
    assert done.err.startswith("mujaz: ")


def test_verifying_what_is_not_here_ends_with_3(models: Mujaz) -> None:
    assert models("verify", "fr-en").code == 3
    assert models("verify").code == 0


@pytest.mark.parametrize("command", ["pull", "prepare", "verify"])
def test_an_unknown_id_is_wrong_usage(models: Mujaz, command: str) -> None:
    assert models(command, "nope").code == 2
