"""All the doctor's checks together, and the one that translates."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.doctor import examine, packages
from service.doctor.finding import Finding
from service.doctor.trial import trial
from service.settings import Settings
from tests.service.doctor.conftest import only


def test_a_sentence_is_translated_with_the_configured_models() -> None:
    finding = only(trial(Settings(models="sample", device="cpu")))
    assert finding.state == "ok"
    assert "35" in finding.told


def test_a_translation_that_loses_its_number_is_warned_about(root: Path) -> None:
    settings = Settings(models=str(root), device="cpu", dtype="float32", summarizer="extract", beams=1)
    assert only(trial(settings)).state == "warning"


def test_missing_weights_fail_the_translation_too(tmp_path: Path) -> None:
    assert only(trial(Settings(weights=tmp_path))).state == "fails"


def test_a_check_that_breaks_down_does_not_end_the_others(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def broken() -> Iterator[Finding]:
        raise OSError("no such thing")

    monkeypatch.setattr(packages, "python", broken)
    settings = Settings(weights=tmp_path, database_url=f"sqlite:///{tmp_path}/mujaz.db", port=0)
    findings = list(examine.examine(settings))
    assert findings[0].told == "this check itself failed (OSError: no such thing)"
    checks = {finding.check for finding in findings}
    assert {"packages", "settings", "port", "device", "threads", "database", "memory", "translation"} <= checks


def test_a_summarizer_that_there_is_not_fails() -> None:
    finding = list(examine.examine(Settings(summarizer="nonsense", port=0)))[-1]
    assert finding.state == "fails"
    assert "MUJAZ_SUMMARIZER" in finding.told
