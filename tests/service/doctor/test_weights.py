"""The doctor on weights: there, locked, unchanged, their licence accepted."""

from pathlib import Path

from models.weights import seal
from service.doctor.needed import Needed
from service.doctor.weights import weights
from service.settings import Settings
from tests.service.doctor.conftest import ids, states
from tests.support import runtimes


def test_missing_weights_fail_with_the_command_that_pulls_them(tmp_path: Path) -> None:
    needed = Needed.by(Settings(weights=tmp_path))
    findings = list(weights(needed))
    assert [finding.state for finding in findings] == ["fails", "fails"]
    assert "mujaz models pull ar-en" in findings[0].todo
    assert "--accept-licence" in findings[1].todo
    assert "MUJAZ_SUMMARIZER=extract" in findings[1].todo


def test_weights_without_a_lock_are_warned_about_and_so_is_their_licence(root: Path) -> None:
    findings = list(weights(Needed.by(Settings(models=str(root), dtype="float32", device="cpu"))))
    assert {finding.state for finding in findings} == {"warning"}
    told = " ".join(finding.told for finding in findings)
    assert "without a lock" in told
    assert "nothing tells that it was accepted" in told
    assert "not prepared for float32" in told


def test_locked_weights_are_well_until_a_byte_changes(tmp_path: Path) -> None:
    settings = Settings(models=str(runtimes.write(tmp_path, *ids())), engine="reference", dtype="float32", device="cpu")
    needed = Needed.by(settings)
    for entry, folder in needed.here():
        names = [path.name for path in folder.iterdir()]
        seal(folder, names, repo=entry.repo, revision="abc", licence=entry.licence)
    assert set(states(weights(needed))) == {"ok"}
    assert any("accepted when it was pulled" in finding.told for finding in weights(needed))
    _, folder = next(needed.here())
    (folder / "config.json").write_text("{}")
    finding = next(weights(needed))
    assert finding.state == "fails"
    assert "config.json" in finding.told


def test_without_a_summarizer_none_is_asked_for(tmp_path: Path) -> None:
    assert len(Needed.by(Settings(weights=tmp_path, summarizer="extract")).entries()) == 1
