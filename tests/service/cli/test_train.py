"""`mujaz train`: from a corpus folder to a sealed checkpoint, in seconds on a tiny corpus."""

import gzip
import re
from pathlib import Path

import pytest
import torch

from models.load import load
from models.weights import check
from tests.service.cli.conftest import Mujaz
from tests.support.corpus import train_cheaply, write_corpus


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    train_cheaply(monkeypatch)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return write_corpus(tmp_path / "corpus")


@pytest.mark.parametrize(
    ("job", "family", "score"), [("translator", "marian", "chrF"), ("summarizer", "mt5", "ROUGE-L")]
)
def test_a_model_is_trained_packed_and_loads(
    mujaz: Mujaz, corpus: Path, tmp_path: Path, job: str, family: str, score: str
) -> None:
    done = mujaz("train", job, tmp_path / "run", "--steps", 3, "--corpus", corpus)
    assert done.code == 0
    assert done.out == ""
    assert re.search(rf"3 updates in 0\.\d minutes; best validation {score} ", done.err)
    assert f"checkpoint in {tmp_path / 'run' / 'checkpoint'}" in done.err
    assert "the same command goes on" not in done.err
    packed = mujaz(
        "train", "pack", tmp_path / "run" / "checkpoint", tmp_path / "packed", "--repo", "me/mine", "--licence", "MIT"
    )
    assert packed.code == 0
    assert packed.err.startswith(f"{tmp_path / 'packed'}: ") and packed.err.endswith(" MB\n")
    lock = check(tmp_path / "packed")
    assert lock is not None and (lock.repo, lock.licence) == ("me/mine", "MIT")
    assert load(tmp_path / "packed", torch.device("cpu"), torch.float32).info.family == family


def test_the_same_command_goes_on_and_from_continues_a_checkpoint(mujaz: Mujaz, corpus: Path, tmp_path: Path) -> None:
    for steps in (2, 4):
        assert (
            f"{steps} updates" in mujaz("train", "translator", tmp_path / "a", "--steps", steps, "--corpus", corpus).err
        )
    arguments = ("--steps", 1, "--corpus", corpus, "--from", tmp_path / "a" / "checkpoint")
    assert "1 updates" in mujaz("train", "translator", tmp_path / "b", *arguments).err


def test_a_stopped_run_says_how_to_go_on(
    mujaz: Mujaz, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from models.training.trainer import Trainer

    step = Trainer._step
    monkeypatch.setattr(Trainer, "_step", lambda self, batch: (step(self, batch), self.stop()))
    done = mujaz("train", "translator", tmp_path / "run", "--steps", 9, "--corpus", corpus)
    assert done.code == 0
    assert re.search(r"1 updates in 0\.\d minutes; stopped: the same command goes on\n$", done.err)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "give --minutes or --steps"),
        (("--steps", "3", "--minutes", "1"), "give --minutes or --steps"),
        (("--steps", "0"), "Invalid value"),
        (("--steps", "1", "--from", "/nowhere"), "does not exist"),
        (("--steps", "1", "--corpus", "/nowhere"), "is this a corpus folder"),
    ],
)
def test_wrong_usage_is_told(mujaz: Mujaz, tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    done = mujaz("train", "translator", tmp_path / "run", *arguments)
    assert done.code == 2
    assert message in " ".join(done.err.replace("│", " ").split())
    assert not (tmp_path / "run").exists()


def test_a_fault_in_the_corpus_is_named(mujaz: Mujaz, corpus: Path, tmp_path: Path) -> None:
    with (corpus / "sentences" / "s.tsv").open("a", encoding="utf-8") as file:
        file.write("\nno tab here")
    done = mujaz("train", "translator", tmp_path / "run", "--steps", 1, "--corpus", corpus)
    assert done.code == 2
    assert "s.tsv:21: expected" in done.err


def test_what_is_no_checkpoint_is_refused(mujaz: Mujaz, corpus: Path, tmp_path: Path) -> None:
    arguments = ("--steps", 1, "--corpus", corpus, "--from", corpus)
    done = mujaz("train", "translator", tmp_path / "run", *arguments)
    assert done.code != 0
    assert "config.json in corpus is missing or damaged." in done.err
    done = mujaz("train", "pack", corpus, tmp_path / "packed", "--repo", "me/mine")
    assert done.code == 2
    assert "cannot be packed" in " ".join(done.err.replace("│", " ").split())


def test_the_word_table_is_learned_from_the_corpus(mujaz: Mujaz, corpus: Path, tmp_path: Path) -> None:
    done = mujaz("train", "lexicon", tmp_path / "new" / "ar-en.tsv.gz", "--corpus", corpus)
    assert (done.code, done.out) == (0, "")
    assert re.search(r"ar-en\.tsv\.gz: \d+ pairs of words, \d kB", done.err)
    told, *lines = gzip.decompress((tmp_path / "new" / "ar-en.tsv.gz").read_bytes()).decode().split("\n")
    assert told.startswith("# mujaz train lexicon, on the training split of a corpus with sha256 ")
    assert {line.split("\t")[0] for line in lines} == {"pairs", "ar", "en"}


def test_without_a_corpus_no_word_table_is_written(mujaz: Mujaz, tmp_path: Path) -> None:
    done = mujaz("train", "lexicon", tmp_path / "ar-en.tsv.gz", "--corpus", tmp_path)
    assert done.code == 2
    assert not (tmp_path / "ar-en.tsv.gz").exists()
