"""Settings: read once from what is given, and loud about what is not understood."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from service import settings
from service.settings import PREFIX, Settings, SettingsError, read, table


def test_no_other_file_of_the_service_reads_the_environment() -> None:
    sources = Path(settings.__file__).parent.rglob("*.py")
    readers = [path.name for path in sources if re.search(r"\benviron\b|\bgetenv\b", path.read_text("utf-8"))]
    assert readers == ["settings.py"]


def test_nothing_set_gives_the_defaults() -> None:
    assert read({}) == Settings()


def test_default_binding_is_loopback() -> None:
    assert Settings().host == "127.0.0.1"


def test_values_are_parsed_to_their_types() -> None:
    got = read({"MUJAZ_PORT": "0", "MUJAZ_MEMORY": "4G", "MUJAZ_THREADS": "auto", "MUJAZ_WEIGHTS": "/w"})
    assert (got.port, got.memory, got.threads, got.weights) == (0, 4 << 30, None, Path("/w"))


@pytest.mark.parametrize(("raw", "languages"), [("full", ()), ("ar", ("ar",)), ("ar,en", ("ar", "en"))])
def test_a_vocabulary_is_full_or_that_of_some_languages(raw: str, languages: tuple[str, ...]) -> None:
    assert read({"MUJAZ_VOCABULARY": raw}).vocabulary == languages


def test_a_secret_is_not_told_when_it_is_refused() -> None:
    with pytest.raises(SettingsError) as caught:
        read({"MUJAZ_DATABASE_URL": "mysql://me:hunter2@host/name"})
    assert "hunter2" not in str(caught.value)
    with pytest.raises(SettingsError) as caught:
        read({"MUJAZ_OTEL_ENDPOINT": "ftp://me:hunter2@host"})
    assert "hunter2" not in str(caught.value)


def test_foreign_variables_are_not_ours() -> None:
    assert read({"PATH": "/bin", "mujaz_port": "1"}) == Settings()


def test_unknown_settings_are_all_named() -> None:
    with pytest.raises(SettingsError, match="MUJAZ_POORT, MUJAZ_X"):
        read({"MUJAZ_POORT": "1", "MUJAZ_X": ""})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"),
        ("PORT", "65536"),
        ("PORT", ""),
        ("PORT", "١٢"),
        ("MEMORY", "4 GB"),
        ("MEMORY", "0"),
        ("DTYPE", "float16"),
        ("TRANSLATOR", "tiny"),
        ("ENGINE", "fast"),
        ("VOCABULARY", "Arabic"),
        ("VOCABULARY", "ar,"),
        ("DEADLINE", "0"),
        ("DEADLINE", "nan"),
        ("THREADS", "0"),
        ("HOST", ""),
        ("HUB", "example"),
        ("LOG_FORMAT", "xml"),
        ("OTEL_ENDPOINT", "127.0.0.1:4318"),
        ("OTEL_ENDPOINT", "http://collector?key=1"),
        ("OTEL_RATIO", "1.5"),
        ("OTEL_RATIO", "nan"),
    ],
)
def test_bad_values_are_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"MUJAZ_{name} must"):
        read({f"MUJAZ_{name}": value})


def test_options_of_a_command_win_and_are_held_to_the_same_rules() -> None:
    assert read({"MUJAZ_PORT": "1"}, port=2, host=None).port == 2
    with pytest.raises(SettingsError, match="MUJAZ_PORT must"):
        read({}, port=70000)


def test_the_table_has_a_row_with_help_for_every_setting() -> None:
    rows = {name: help for name, _, help in table()}
    assert rows.keys() == {PREFIX + field.name.upper() for field in fields(Settings)}
    assert all(rows.values())


def test_the_defaults_shown_are_what_one_would_write() -> None:
    written = {name: default.replace("~", str(Path.home())) for name, default, _ in table()}
    assert read(written) == Settings()
