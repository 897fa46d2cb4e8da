"""The training loop: it learns, it can be stopped at any moment, and its loss is the model's own."""

import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.nn import functional

from models.training import fast
from models.training.batches import IGNORED, Batch
from models.training.data import Corpus
from models.training.schedule import Budget
from models.training.summarizer import Summaries
from models.training.trainer import Options, Trainer
from models.training.translator import Translation
from tests.support.corpus import tiny_summarizer, tiny_translator


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fast, "_POOL", 1 << 18)
    monkeypatch.setattr(fast, "_ERA", 10)


class Scored(Translation):
    """A translator's task whose score is the number of evaluations so far, or what `scores` holds."""

    scores: list[float]

    def evaluate(self, model: Any) -> dict[str, float]:
        self.done = [*getattr(self, "done", []), not model.training]
        return {"chrf": self.scores.pop(0) if getattr(self, "scores", None) else float(len(self.done))}


@pytest.fixture
def task(corpus: Corpus, marian_folder: Path) -> Scored:
    return Scored(corpus, marian_folder, tokens=400)


def make(task: Translation, folder: Path, steps: int, **options: Any) -> Trainer:
    torch.manual_seed(0)
    options = {"peak": 5e-3, "warmup": 5} | options
    return Trainer(tiny_translator(len(task.target)), task, Options(Budget(steps=steps), **options), folder)


def after(count: int, call: Callable[[], None]) -> Callable[[Trainer, Batch], None]:
    """`Trainer._step`, and `call` after so many."""
    step = Trainer._step

    def stepping(self: Trainer, batch: Batch) -> None:
        step(self, batch)
        if self.progress.step == count:
            call()

    return stepping


def log(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "log.jsonl").read_text(encoding="utf-8").splitlines()]


def test_the_loss_falls(task: Scored, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        Trainer, "_report", lambda self: ""
    )  # which clears the losses, on a slow machine before the end
    progress = make(task, tmp_path, 60).run()
    assert (progress.step, len(progress.losses)) == (60, 60)
    assert sum(progress.losses[-5:]) < 0.8 * sum(progress.losses[:5])


@pytest.mark.parametrize("family", ["marian", "mt5"])
def test_the_loss_is_the_models_own(
    corpus: Corpus, marian_folder: Path, mt5_folder: Path, tmp_path: Path, family: str
) -> None:
    """What training minimises is the cross-entropy of the logits that the model will decode with."""
    torch.manual_seed(0)
    task: Any = Translation(corpus, marian_folder) if family == "marian" else Summaries(corpus, mt5_folder)
    model: Any = tiny_translator(len(task.target)) if family == "marian" else tiny_summarizer(len(task.pieces))
    if family == "marian":
        model.final_logits_bias.normal_()  # the Hub's checkpoints have one
    batch = next(task.epoch(0, 0.0))
    made = Trainer(model, task, Options(Budget(steps=1), smoothing=0.1), tmp_path)
    model.float().eval()
    if made._bias is not None:
        made._bias = made._bias.float()
    logits = model(input_ids=batch.source, attention_mask=batch.mask, labels=batch.target).logits
    wanted = batch.target != IGNORED
    expected = functional.cross_entropy(logits[wanted], batch.target[wanted], label_smoothing=0.1)
    torch.testing.assert_close(made._loss(batch), expected, rtol=1e-2 if family == "marian" else 1e-5, atol=0)


def test_a_stopped_run_ends_with_the_weights_of_an_uninterrupted_one(
    task: Scored, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = make(task, tmp_path / "whole", 31)
    whole.run()
    for stop in (4, 13, 22, 26):  # within the first pass, within a later one, next to each other
        part = make(task, tmp_path / "parts", 31)
        with monkeypatch.context() as patched:
            patched.setattr(Trainer, "_step", after(stop, part.stop))
            assert part.run().step == stop
    rest = make(task, tmp_path / "parts", 31)
    assert rest.run().step == 31
    assert whole.progress.epoch == rest.progress.epoch > 1
    for name, tensor in whole.weights.master.items():
        assert torch.equal(tensor, rest.weights.master[name]), name
        assert torch.equal(whole.weights.average[name], rest.weights.average[name]), name


def test_a_run_that_was_killed_goes_on_from_its_last_evaluation(
    task: Scored, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die() -> None:
        raise KeyboardInterrupt

    whole = make(task, tmp_path / "whole", 20, seconds_between=0.0)
    whole.run()
    with monkeypatch.context() as patched:
        patched.setattr(Trainer, "_step", after(9, die))
        with pytest.raises(KeyboardInterrupt):
            make(task, tmp_path / "killed", 20, seconds_between=0.0).run()
    rest = make(task, tmp_path / "killed", 20, seconds_between=0.0)
    rest.run()
    assert [line["step"] for line in log(tmp_path / "killed")] == [*range(1, 21), 20]
    assert all(torch.equal(tensor, rest.weights.master[name]) for name, tensor in whole.weights.master.items())


def test_the_state_has_its_documented_form(task: Scored, tmp_path: Path) -> None:
    made = make(task, tmp_path, 3)
    made.run()
    state = torch.load(tmp_path / "state.pt", weights_only=True)
    assert state.keys() == {"weights", "optimizer", "progress"}
    assert state["weights"].keys() == {"master", "average", "steps"}
    assert state["progress"].keys() == {"epoch", "batch", "began", "step", "seconds", "best"}
    assert list(state["weights"]["master"]) == [name for name, _ in made.model.named_parameters()]


def test_a_state_does_not_say_how_weights_are_updated(task: Scored, tmp_path: Path) -> None:
    make(task, tmp_path, 2).run()
    state = torch.load(tmp_path / "state.pt", weights_only=True)
    for group in state["optimizer"]["param_groups"]:
        del group["share"]  # as states were before there were shares
        group["weight_decay"] = 7.0
    torch.save(state, tmp_path / "state.pt")
    made = make(task, tmp_path, 3)
    assert made.run().step == 3
    assert [(group["weight_decay"], group["share"]) for group in made.optimizer.param_groups] == [
        (0.01, 1.0),
        (0.0, 1.0),
    ]


def test_only_the_queries_of_an_mt5_take_smaller_steps(mt5_folder: Path, corpus: Corpus, tmp_path: Path) -> None:
    model = tiny_summarizer(100)
    made = Trainer(model, Summaries(corpus, mt5_folder), Options(Budget(steps=1)), tmp_path)
    smaller = {id(tensor) for group in made.optimizer.param_groups if group["share"] < 1 for tensor in group["params"]}
    queries = {id(tensor) for name, tensor in made.weights.master.items() if name.endswith(".q.weight")}
    assert smaller == queries
    assert len(queries) == 3  # of the encoder, of the decoder, and of the decoder over the encoder
    everything = [id(tensor) for group in made.optimizer.param_groups for tensor in group["params"]]
    assert sorted(everything) == sorted(id(made.weights.master[name]) for name in made.weights.learned)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_saves_the_state_and_ends_the_run(
    task: Scored, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    handler = signal.getsignal(number)
    monkeypatch.setattr(Trainer, "_step", after(5, lambda: os.kill(os.getpid(), number)))
    assert make(task, tmp_path, 1000).run().step == 5
    assert torch.load(tmp_path / "state.pt", weights_only=True)["progress"]["step"] == 5
    assert not (tmp_path / "checkpoint").exists()
    assert signal.getsignal(number) is handler


def test_a_second_signal_interrupts(task: Scored, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def twice() -> None:
        signal.raise_signal(signal.SIGINT)  # to this very thread: two that are sent from outside may arrive as one
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(Trainer, "_step", after(2, twice))
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # it is ignored in what a shell runs behind it
    try:
        with pytest.raises(KeyboardInterrupt):
            make(task, tmp_path, 1000).run()
    finally:
        signal.signal(signal.SIGINT, before)


def test_the_best_checkpoint_is_kept(task: Scored, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    task.scores = [1.0, 3.0, 2.0]
    kept: list[int] = []
    made = make(task, tmp_path, 3, seconds_between=0.0)
    monkeypatch.setattr(made, "_keep", lambda: kept.append(made.progress.step))
    task.scores.append(0.0)  # the evaluation at the end
    assert made.run().best == 3.0
    assert kept == [1, 2]
    assert [line["evaluation"]["chrf"] for line in log(tmp_path)] == [1.0, 3.0, 2.0, 0.0]
    assert all(task.done)


def test_a_checkpoint_holds_the_averaged_weights_and_is_replaced_whole(
    task: Scored, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from safetensors.torch import load_file

    made = make(task, tmp_path, 4)
    made.run()
    stored = load_file(tmp_path / "checkpoint" / "model.safetensors")
    assert torch.equal(stored["model.shared.weight"], made.weights.average["model.shared.weight"])

    def fail(model: Any, folder: Path) -> None:
        folder.mkdir()
        raise OSError("no space left")

    monkeypatch.setattr(task, "save", fail)
    with pytest.raises(OSError, match="no space"):
        make(task, tmp_path / ".", 8).run()
    assert torch.equal(
        load_file(tmp_path / "checkpoint" / "model.safetensors")["model.shared.weight"], stored["model.shared.weight"]
    )


def test_a_folder_of_another_model_is_refused(task: Scored, tmp_path: Path) -> None:
    make(task, tmp_path, 1).run()
    other = Trainer(tiny_translator(len(task.target) + 1), task, Options(Budget(steps=2)), tmp_path)
    with pytest.raises(ValueError, match="another model"):
        other.run()


def test_what_was_reported_is_in_the_log(task: Scored, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock: Iterator[float] = iter(float(n) for n in range(0, 10**6, 20))
    monkeypatch.setattr("time.perf_counter", lambda: next(clock))  # 20 seconds a step
    make(task, tmp_path, 6).run()
    lines = log(tmp_path)
    assert [line["step"] for line in lines if "loss" in line] == [2, 4, 6]
    assert lines[-1] == {
        "step": 6,
        "epoch": lines[-1]["epoch"],
        "seconds": 120,
        "done": 1.0,
        "evaluation": {"chrf": 1.0},
    }


def test_a_summarizer_learns_too(corpus: Corpus, mt5_folder: Path, tmp_path: Path) -> None:
    torch.manual_seed(0)
    task = Summaries(corpus, mt5_folder, tokens=800)
    made = Trainer(tiny_summarizer(len(task.pieces)), task, Options(Budget(steps=30), peak=1e-2, warmup=5), tmp_path)
    progress = made.run()
    assert sum(progress.losses[-5:]) < 0.9 * sum(progress.losses[:5])
    assert 0 <= progress.best <= 100
