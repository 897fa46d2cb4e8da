"""The doctor: each thing that can be wrong is found and comes with what to do; what is well is said in one line."""

import re
import socket
import sqlite3
import threading
import tomllib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from models import device
from models.weights import seal
from service.doctor import examine, machine, packages, places
from service.doctor.consistency import consistency, ports
from service.doctor.finding import Finding, State
from service.doctor.needed import Needed
from service.doctor.trial import trial
from service.doctor.weights import weights
from service.settings import Settings
from service.store.database import Store
from tests.support import runtimes

ROOT = Path(__file__).parents[3]


def only(findings: Iterator[Finding]) -> Finding:
    (finding,) = findings
    return finding


def states(findings: Iterator[Finding]) -> list[State]:
    return [finding.state for finding in findings]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights of the default models, tiny and random, without locks."""
    return runtimes.write(tmp_path_factory.mktemp("weights"), *_ids())


def _ids() -> list[str]:
    return [entry.id for entry in Needed.by(Settings()).entries()]


# ---------------------------------------------------------------- packages


def test_the_tested_versions_are_those_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    oldest = {r.name: next(iter(r.specifier)).version for r in map(Requirement, project["dependencies"])}
    pins = re.findall(r"^([\w-]+)==(\S+)$", (ROOT / "constraints.txt").read_text(encoding="utf-8"), re.MULTILINE)
    pinned = {name.lower().replace("_", "-"): version for name, version in pins}
    assert {name: (oldest[name], pinned[name]) for name in packages.TESTED} == dict(packages.TESTED)
    assert project["requires-python"] == f">={'.'.join(map(str, packages.OLDEST_PYTHON))}"


@pytest.mark.parametrize(
    ("found", "state", "told"),
    [
        ("2.13.0", "ok", "in the versions that were tested"),
        ("2.13.0+cpu", "ok", "in the versions that were tested"),
        ("2.12.1", "warning", "torch is 2.12.1; the tests ran with 2.13.0"),
        ("3.0.0", "warning", "torch is 3.0.0"),
        ("2.9.0", "fails", "torch 2.9.0 is too old"),
        (None, "fails", "torch is not installed"),
    ],
)
def test_packages_are_held_against_what_was_tested(
    monkeypatch: pytest.MonkeyPatch, found: str | None, state: State, told: str
) -> None:
    def version(name: str) -> str:
        if found is None:
            raise metadata.PackageNotFoundError(name)
        return found

    monkeypatch.setattr(packages, "TESTED", {"torch": ("2.11", "2.13.0")})
    monkeypatch.setattr(packages.metadata, "version", version)
    finding = only(packages.packages())
    assert finding.state == state
    assert told in finding.told
    assert bool(finding.todo) == (state != "ok")


def test_an_old_python_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    assert only(packages.python()).state == "ok"
    monkeypatch.setattr(packages, "OLDEST_PYTHON", (99, 0))
    assert only(packages.python()).state == "fails"


# ---------------------------------------------------------------- settings and addresses


def test_the_defaults_do_not_contradict_each_other() -> None:
    assert only(consistency(Settings())).state == "ok"


@pytest.mark.parametrize(
    ("settings", "state", "named"),
    [
        (Settings(body_bytes=2**20, pending_bytes=2**19), "fails", "MUJAZ_PENDING_BYTES"),
        (Settings(body_bytes=150_000), "warning", "200000"),
        (Settings(html_chars=1000), "warning", "MUJAZ_HTML_CHARS"),
        (Settings(queue=100), "warning", "MUJAZ_QUEUE"),
        (Settings(models="sample", translator="small"), "warning", "MUJAZ_TRANSLATOR"),
        (Settings(engine="reference", dtype="int8"), "fails", "MUJAZ_ENGINE"),
        (Settings(glossary="/nowhere/terms.tsv"), "fails", "MUJAZ_GLOSSARY"),
    ],
)
def test_a_contradiction_is_named_with_what_to_do(settings: Settings, state: State, named: str) -> None:
    finding = only(consistency(settings))
    assert finding.state == state
    assert named in finding.todo


def test_a_free_port_is_well_and_a_taken_one_is_not() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert only(ports(Settings(port=port))).state == "fails"
    assert only(ports(Settings(port=port))).state == "ok"


def test_an_address_that_is_not_this_machines_fails() -> None:
    assert only(ports(Settings(host="192.0.2.1", port=0))).state == "fails"


def test_a_port_where_mujaz_answers_is_well() -> None:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"status": "ok", "version": "0.1.0"}')

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        finding = only(ports(Settings(port=server.server_port)))
        server.shutdown()
        thread.join()
    assert finding.state == "ok"
    assert "Mujaz 0.1.0" in finding.told


def test_metrics_where_the_service_listens_fail() -> None:
    findings = list(ports(Settings(port=1234, metrics_address=("127.0.0.1", 1234))))
    assert [finding.state for finding in findings] == ["ok", "fails"]


# ---------------------------------------------------------------- machine


@pytest.mark.parametrize("settings", [Settings(device="cuda:77"), Settings(device="tpu")])
def test_a_device_that_is_not_there_fails(settings: Settings) -> None:
    finding = only(machine.computing(settings))
    assert finding.state == "fails"
    assert "MUJAZ_DEVICE" in finding.todo


def test_a_gpu_that_pytorch_does_not_see_is_warned_about(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(machine.torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(machine, "_GPU", tmp_path)
    assert only(machine.computing(Settings())).state == "warning"
    assert only(machine.computing(Settings(device="cpu"))).state == "ok"


@pytest.mark.parametrize(("asked", "state"), [(None, "ok"), (2, "ok"), (3, "warning"), (1, "warning")])
def test_threads_are_held_against_what_can_be_kept_busy(
    monkeypatch: pytest.MonkeyPatch, asked: int | None, state: State
) -> None:
    monkeypatch.setattr(device, "threads", lambda: 2)
    assert only(machine.threads(Settings(threads=asked))).state == state


@pytest.mark.parametrize(
    ("takes", "budget", "state", "todo"),
    [
        (2, 8, "ok", ""),
        (2, 1, "warning", "at least 2.0 GB"),
        (10, 12, "warning", "stop what else"),
        (20, 8, "fails", "larger machine"),
        (2, 17, "warning", "at most 15G"),
    ],
)
def test_the_models_are_held_against_the_memory(
    monkeypatch: pytest.MonkeyPatch, takes: int, budget: int, state: State, todo: str
) -> None:
    monkeypatch.setattr(machine.torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(machine, "_limit", lambda: 16 << 30)
    monkeypatch.setattr(machine, "_free", lambda: 10 << 30)
    monkeypatch.setattr(Needed, "bytes", lambda _: takes << 30)
    settings = Settings(memory=budget << 30)
    finding = only(machine.memory(settings, Needed.by(settings)))
    assert finding.state == state
    assert todo in finding.todo


def test_a_containers_limit_counts_as_its_memory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(machine, "_MEMORY_LIMITS", (tmp_path / "absent", limit))
    limit.write_text("max\n")
    whole = machine._limit()
    limit.write_text(f"{whole // 2}\n")
    assert machine._limit() == whole // 2


def test_what_the_models_take_is_known_before_they_are_loaded(root: Path) -> None:
    whole, half = (
        Needed.by(Settings(models=str(root), dtype=form, device="cpu")).bytes() for form in ("float32", "bfloat16")
    )
    with runtimes.running(root) as runtime:
        assert whole == sum(runtime.residence().bytes.values())
    assert half == whole // 2


# ---------------------------------------------------------------- weights


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
    settings = Settings(
        models=str(runtimes.write(tmp_path, *_ids())), engine="reference", dtype="float32", device="cpu"
    )
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


# ---------------------------------------------------------------- folders and the database


def test_weights_that_anyone_can_write_are_warned_about(root: Path) -> None:
    needed = Needed.by(Settings(models=str(root)))
    assert only(places.folders(needed)).state == "ok"
    root.chmod(0o777)
    finding = only(places.folders(needed))
    root.chmod(0o700)
    assert finding.state == "warning"
    assert finding.todo == f"chmod o-w {root}"


def test_a_database_is_looked_at_and_not_made(tmp_path: Path) -> None:
    path = tmp_path / "new" / "mujaz.db"
    disk, found = places.database(Settings(database_url=f"sqlite:///{path}"))
    assert (disk.state, found.state) == ("ok", "ok")
    assert "the first start makes it" in found.told
    assert not path.parent.exists()


def test_a_database_says_at_which_version_it_is(database_url: str) -> None:
    before = list(places.database(Settings(database_url=database_url)))[-1]
    assert "the first start makes" in before.told
    store = Store(database_url)
    store.open()
    store.close()
    after = list(places.database(Settings(database_url=database_url)))[-1]
    assert after.state == "ok"
    assert re.search(r"at version \w+(, journal wal)?$", after.told)


def test_a_database_of_a_later_mujaz_fails(tmp_path: Path) -> None:
    path = tmp_path / "mujaz.db"
    _write(path, "CREATE TABLE alembic_version (version_num TEXT)", "INSERT INTO alembic_version VALUES ('9999')")
    found = list(places.database(Settings(database_url=f"sqlite:///{path}")))[-1]
    assert (found.state, found.todo) == ("fails", "install that Mujaz")


def test_a_database_that_others_can_read_is_warned_about(tmp_path: Path) -> None:
    path = tmp_path / "mujaz.db"
    _write(path, "CREATE TABLE t (x)")
    path.chmod(0o644)
    assert "warning" in states(places.database(Settings(database_url=f"sqlite:///{path}")))
    path.chmod(0o600)
    assert states(places.database(Settings(database_url=f"sqlite:///{path}"))) == ["ok", "ok"]


def test_what_is_no_database_fails(tmp_path: Path) -> None:
    path = tmp_path / "mujaz.db"
    path.write_text("this is a text " * 100)
    path.chmod(0o600)
    assert list(places.database(Settings(database_url=f"sqlite:///{path}")))[-1].state == "fails"


def test_a_full_disk_is_warned_about(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "_ROOM", 1 << 60)
    assert next(places.database(Settings(database_url=f"sqlite:///{tmp_path}/mujaz.db"))).state == "warning"


def test_a_folder_that_cannot_be_written_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places.os, "access", lambda path, mode: False)  # root may write anywhere
    assert only(places.database(Settings(database_url=f"sqlite:///{tmp_path}/mujaz.db"))).state == "fails"


def _write(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path)
    with connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


# ---------------------------------------------------------------- all of it


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
