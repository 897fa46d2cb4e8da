"""Prepared weights: what the engine computes with, made once, whole or absent, and never of another checkpoint."""

import json
import multiprocessing
import os
import shutil
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from models.catalog import SAMPLE
from models.engine.checkpoint import read
from models.engine.formats import convert, restrict
from models.engine.vocabulary import keep, pieces, rule
from models.engine.weights import Format, Weights
from models.errors import WeightsCorrupt
from models.weights import LOCK, prepared, seal
from models.weights.prepared import forms, open_prepared, prepare, prepared_bytes, verify_forms
from tests.support.checkpoints import TINY_MARIAN, TINY_MT5, marian, mt5

FORMATS: tuple[Format, ...] = ("float32", "bfloat16", "int8")


@pytest.fixture(params=["marian", "mt5"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A tiny checkpoint with its lock."""
    return locked(tmp_path / request.param, request.param)


def locked(folder: Path, family: str, seed: int = 0) -> Path:
    if family == "marian":
        marian(folder, TINY_MARIAN, seed)
    else:
        mt5(folder, TINY_MT5, seed, own_head=False)
    names = {path.name for path in folder.iterdir() if path.is_file()} - {LOCK}
    seal(folder, names, repo="o/n", revision="a" * 40, licence="MIT")
    return folder


def opened(folder: Path, form: Format = "bfloat16", languages: list[str] | None = None) -> Weights:
    weights = open_prepared(folder, form, languages)
    assert weights
    return weights


def same(found: Weights, expected: Weights) -> bool:
    return (
        replace(found, tensors={}) == replace(expected, tensors={})
        and found.tensors.keys() == expected.tensors.keys()
        and all(torch.equal(found.tensors[name], tensor) for name, tensor in expected.tensors.items())
    )


# ---------------------------------------------------------------- what is in it


def test_its_size_is_known_before_it_is_opened(folder: Path) -> None:
    assert prepared_bytes(folder, "int8") is None
    place = prepare(folder, "int8")
    assert prepared_bytes(folder, "int8") == (place / "weights.safetensors").stat().st_size
    assert prepared_bytes(folder, "float32") is None


@pytest.mark.parametrize("form", FORMATS)
def test_it_opens_as_it_would_be_converted(folder: Path, form: Format) -> None:
    assert open_prepared(folder, form) is None
    prepare(folder, form)
    assert same(opened(folder, form), convert(read(folder), form))


def test_with_languages_the_output_is_restricted_to_them(folder: Path) -> None:
    prepare(folder, "int8", ["ar"])
    found = opened(folder, "int8", ["ar"])
    whole = read(folder)
    allowed = rule(["ar"])
    assert allowed
    own = {whole.search.start, whole.search.pad, *whole.search.ends}
    ids = sorted(own | set(keep(pieces(folder, whole.shape.family), allowed)))
    assert found.tensors["output.ids"].tolist() == ids
    assert len(found.tensors["output"]) == len(ids) < whole.shape.vocabulary
    assert same(found, convert(restrict(whole, ids), "int8"))


def test_languages_without_known_scripts_restrict_nothing(folder: Path) -> None:
    assert prepare(folder, "float32", ["ar", "tlh"]) == prepare(folder, "float32")
    assert "output.ids" not in opened(folder, "float32", ["tlh"]).tensors
    assert [record.languages for record in forms(folder)] == [None]


@pytest.mark.parametrize(("form", "one"), [("float32", True), ("bfloat16", True), ("int8", False)])
def test_an_output_that_is_the_embedding_is_stored_once(folder: Path, form: Format, one: bool) -> None:
    prepare(folder, form)
    tensors = opened(folder, form).tensors
    assert (tensors["output"] is tensors["embedding"]) is one


def test_the_record_tells_what_it_is(folder: Path) -> None:
    place = prepare(folder, "bfloat16", ["en", "ar", "en"])
    record = json.loads((place / "prepared.json").read_text(encoding="utf-8"))
    assert place.parent == folder / "prepared"
    assert place.name.startswith("bfloat16-ar+en-")
    assert (record["format"], record["languages"]) == ("bfloat16", ["ar", "en"])
    assert record["rows"] == len(opened(folder, "bfloat16", ["ar", "en"]).tensors["output"])
    assert prepare(folder, "int8", ["ar", "en", "fr", "tr", "fa"]).name.startswith("int8-5-languages-")


def test_whoever_may_read_the_checkpoint_may_read_it(folder: Path) -> None:
    umask = os.umask(0o022)
    try:
        place = prepare(folder, "int8")
    finally:
        os.umask(umask)
    assert {stat.S_IMODE(path.stat().st_mode) for path in place.iterdir()} == {0o644}
    assert stat.S_IMODE(place.stat().st_mode) == 0o755


# ---------------------------------------------------------------- once, whole or absent


def test_it_is_made_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = prepare(folder, "int8")
    monkeypatch.setattr(prepared, "_write", None)
    assert prepare(folder, "int8") == place


def test_processes_at_the_same_time_are_all_right(folder: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        places = pool.starmap(prepare, [(folder, "int8", None)] * 6)
    assert len(set(places)) == 1
    assert same(opened(folder, "int8"), convert(read(folder), "int8"))


def test_one_that_was_killed_leaves_nothing_that_counts(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", die)  # all is written, and then
        patched.setattr(shutil, "rmtree", lambda *_, **__: None)  # nobody is left to clear up
        with pytest.raises(Killed):
            prepare(folder, "int8")
    assert open_prepared(folder, "int8") is None
    assert forms(folder) == []
    place = prepare(folder, "int8")
    assert [path for path in place.parent.iterdir() if path.is_dir()] == [place]


def test_a_disk_that_gave_out_gets_its_space_back(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(prepared, "_sync", full)
    with pytest.raises(OSError, match="No space left"):
        prepare(folder, "int8")
    assert [path.name for path in (folder / "prepared").iterdir() if path.is_dir()] == []


def test_a_write_that_fails_is_an_os_error(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared, "_WEIGHTS", "no/such/folder/weights.safetensors")
    with pytest.raises(OSError, match="No such file"):
        prepare(folder, "int8")


@pytest.mark.parametrize("name", ["translator", "summarizer"])
def test_int8_is_the_smallest_to_store_and_float32_the_largest(name: str, tmp_path: Path) -> None:
    shutil.copytree(SAMPLE / name, tmp_path / name)
    rising: tuple[Format, ...] = ("int8", "bfloat16", "float32")
    sizes = [(prepare(tmp_path / name, form) / "weights.safetensors").stat().st_size for form in rising]
    assert sizes == sorted(sizes)


# ---------------------------------------------------------------- never of another checkpoint


@pytest.mark.parametrize("with_lock", [True, False])
def test_another_checkpoint_is_prepared_anew_and_the_old_forms_go(folder: Path, with_lock: bool) -> None:
    if not with_lock:
        (folder / LOCK).unlink()
    old = [prepare(folder, "int8"), prepare(folder, "float32", ["ar"])]
    locked(folder, folder.name, seed=1)
    if not with_lock:
        (folder / LOCK).unlink()
    assert open_prepared(folder, "int8") is None
    new = prepare(folder, "int8")
    assert new not in old
    assert not any(place.exists() for place in old)
    assert same(opened(folder, "int8"), convert(read(folder), "int8"))


def test_other_settings_of_the_same_checkpoint_stay(folder: Path) -> None:
    places = {prepare(folder, "int8"), prepare(folder, "bfloat16"), prepare(folder, "int8", ["ar"])}
    assert len(places) == 3
    assert all(place.is_dir() for place in places)
    assert {(record.format, tuple(record.languages or ())) for record in forms(folder)} == {
        ("int8", ()),
        ("bfloat16", ()),
        ("int8", ("ar",)),
    }


def test_another_version_prepares_anew(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = prepare(folder, "int8")
    monkeypatch.setattr(prepared, "VERSION", prepared.VERSION + 1)
    assert open_prepared(folder, "int8") is None
    assert forms(folder) == []
    assert prepare(folder, "int8") != old
    assert not old.exists()


def test_a_checkpoint_that_differs_from_its_lock_is_not_prepared(folder: Path) -> None:
    flip(folder / "model.safetensors")
    with pytest.raises(WeightsCorrupt, match=r"model\.safetensors of o/n differs"):
        prepare(folder, "int8")


# ---------------------------------------------------------------- damage


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-9] ^= 1
    path.write_bytes(content)


def shorten(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


@pytest.mark.parametrize("damage", [flip, shorten, Path.unlink])
@pytest.mark.parametrize("name", ["weights.safetensors", "prepared.json"])
def test_damage_is_found_and_made_good(folder: Path, name: str, damage: Callable[[Path], None]) -> None:
    place = prepare(folder, "int8")
    damage(place / name)
    with pytest.raises(WeightsCorrupt, match=rf"{place.name} of {folder.name} are damaged; run `mujaz models prepare`"):
        open_prepared(folder, "int8")
    with pytest.raises(WeightsCorrupt, match=place.name):
        verify_forms(folder)
    assert prepare(folder, "int8") == place
    assert same(opened(folder, "int8"), convert(read(folder), "int8"))


def test_a_setting_that_was_changed_in_the_record_is_found(folder: Path) -> None:
    record = prepare(folder, "int8") / "prepared.json"
    text = record.read_text(encoding="utf-8")
    record.write_text(text.replace('"length_penalty": 1.0', '"length_penalty": 1.5'), encoding="utf-8")
    with pytest.raises(WeightsCorrupt):
        verify_forms(folder)


def test_all_forms_are_verified(folder: Path) -> None:
    prepare(folder, "int8")
    place = prepare(folder, "float32")
    assert verify_forms(folder) == forms(folder)
    flip(place / "weights.safetensors")
    with pytest.raises(WeightsCorrupt, match="float32-full"):
        verify_forms(folder)


def test_the_checkpoints_tensors_are_not_needed_and_its_other_files_are_checked(folder: Path) -> None:
    prepare(folder, "int8")
    flip(folder / "model.safetensors")
    assert open_prepared(folder, "int8")
    flip(folder / "config.json")
    with pytest.raises(WeightsCorrupt, match=r"config\.json"):
        open_prepared(folder, "int8")


def test_a_checkpoint_without_tensors_is_named(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(WeightsCorrupt, match="cannot be read"):
        prepare(tmp_path, "int8")
