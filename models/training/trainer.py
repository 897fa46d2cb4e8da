"""The training loop for both families: resumable at any moment, on a CPU or a GPU.

A run lives in one folder: `state.pt` (everything needed to go on), `log.jsonl` (one line per report), and `checkpoint/`, the
best checkpoint so far in the Hub's format. Stop it whenever you like and start it again with the same arguments: with a budget
of steps it ends with the very weights that it would have had without the stop.
"""

import json
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any, Protocol

import torch
from tqdm import tqdm
from transformers import PreTrainedModel

from models.device import choose, choose_format, compute_dtype
from models.training.batches import IGNORED, Batch
from models.training.fast import lighten, pooled_dropout, smoothed_loss
from models.training.schedule import Budget, Weights, learning_rate

_QUERIES = 64**-0.5  # the width of a head of T5 and mT5, whatever their size
_BAR = "{percentage:3.0f}%|{bar}| {elapsed}<{remaining}{postfix}"


class Task(Protocol):
    """What is trained: the examples of one pass, how good the model is, and how it is saved."""

    def epoch(self, number: int, done: float) -> Iterator[Batch]: ...

    def evaluate(self, model: PreTrainedModel) -> dict[str, float]: ...

    def save(self, model: PreTrainedModel, folder: Path) -> None: ...

    score: str
    """The name of the figure in `evaluate`'s answer by which checkpoints are compared (more is better)."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to train. `seconds_between` counts training time between two evaluations (each also saves the state)."""

    budget: Budget
    peak: float = 1.5e-3
    warmup: int = 400
    smoothing: float = 0.1
    average: float = 0.998
    seconds_between: float = 600.0
    seed: int = 20
    threads: int | None = None


@dataclass(slots=True)
class Progress:
    """Where the run stands.

    `epoch` counts whole passes, `batch` the batches trained of the current one, `began` is how far training was when it began,
    `step` counts updates, `seconds` training time. `best` is the best score so far, `losses` are those since the last report.
    """

    epoch: int = 0
    batch: int = 0
    began: float = 0.0
    step: int = 0
    seconds: float = 0.0
    best: float = float("-inf")
    losses: list[float] = field(default_factory=list)


class Trainer:
    """Trains `model` on `task` in `folder` until the budget is spent or someone stops it."""

    def __init__(self, model: Any, task: Task, options: Options, folder: Path) -> None:
        """`model` is a MarianMTModel or an MT5ForConditionalGeneration (typed `Any`: they are not usefully typed)."""
        self.device = choose()
        self.model = model.to(self.device)
        self.model.set_attn_implementation("eager")  # torch's fused attention is slow backwards in bfloat16 on a CPU
        lighten(self.model)
        self.task, self.options, self.folder = task, options, folder
        self.progress = Progress()
        dtype = compute_dtype(choose_format("auto", self.device), self.device)
        self.weights = Weights(self.model, dtype, options.average)
        bias = getattr(self.model, "final_logits_bias", None)
        self._bias = bias if bias is not None and bias.any() else None  # adding zeros to all logits costs time
        self.optimizer = torch.optim.AdamW(_groups(self.weights), lr=options.peak, betas=(0.9, 0.98), fused=True)
        self._stopped = False

    def run(self) -> Progress:
        """Train; return where the run stands. A first Ctrl-C or SIGTERM saves the state and returns.

        Raises ValueError when the folder holds the state of another model.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        if (self.folder / "state.pt").exists():
            self._load()
        with _signals(self.stop), pooled_dropout():
            self._train()
        self._save()
        return self.progress

    def stop(self) -> None:
        """Ask the loop to save and return after the current batch."""
        self._stopped = True

    @property
    def done(self) -> float:
        return self.options.budget.progress(self.progress.step, self.progress.seconds)

    def _train(self) -> None:
        last_report = last_evaluation = self.progress.seconds
        with tqdm(total=100, file=sys.stderr, dynamic_ncols=True, mininterval=2, bar_format=_BAR) as bar:
            for batch in self._batches():
                if self._stopped or self.done >= 1:
                    break
                self._step(batch)
                bar.update(min(100, 100 * self.done) - bar.n)
                if self.progress.seconds - last_report > 30:
                    bar.set_postfix_str(self._report())
                    last_report = self.progress.seconds
                if self.progress.seconds - last_evaluation > self.options.seconds_between:
                    self._evaluate()
                    last_evaluation = self.progress.seconds
            if not self._stopped:
                self._evaluate()

    def _batches(self) -> Iterator[Batch]:
        while True:
            self.model.train()
            skip = self.progress.batch
            for number, batch in enumerate(self.task.epoch(self.progress.epoch, self.progress.began)):
                if number < skip:
                    continue
                yield batch.to(self.device)
            self.progress.epoch, self.progress.batch, self.progress.began = self.progress.epoch + 1, 0, self.done

    def _step(self, batch: Batch) -> None:
        started = time.perf_counter()
        torch.manual_seed(self.options.seed + self.progress.step)  # a run that was stopped draws the same dropout
        rate = learning_rate(self.options.peak, self.progress.step, self.options.warmup, self.done)
        for group in self.optimizer.param_groups:
            group["lr"] = rate * group["share"]
        loss = self._loss(batch)
        loss.backward()  # type: ignore[no-untyped-call]
        self.weights.gather_gradients()
        torch.nn.utils.clip_grad_norm_(self.weights.master.values(), 1.0)
        self.optimizer.step()
        self.weights.publish()
        self.progress.losses.append(loss.item())
        self.progress.step += 1
        self.progress.batch += 1
        self.progress.seconds += time.perf_counter() - started

    def _loss(self, batch: Batch) -> torch.Tensor:
        """The label-smoothed cross-entropy of the target (rows, length) given the source (rows, length)."""
        encoded = self.model.get_encoder()(input_ids=batch.source, attention_mask=batch.mask)[0]
        hidden = self.model.get_decoder()(
            input_ids=self.model.prepare_decoder_input_ids_from_labels(batch.target),
            encoder_hidden_states=encoded,
            encoder_attention_mask=batch.mask,
            use_cache=False,
        )[0]
        wanted = batch.target != IGNORED
        head = self.model.get_output_embeddings().weight
        return smoothed_loss(hidden[wanted], head, batch.target[wanted], self.options.smoothing, self._bias)

    def _evaluate(self) -> None:
        """Score the averaged weights, keep them if they are the best so far, save the state."""
        self.model.eval()
        with self.weights.averaged():
            scores = self.task.evaluate(self.model)
            self._log({"evaluation": scores})
            if scores[self.task.score] > self.progress.best:
                self.progress.best = scores[self.task.score]
                self._keep()
        self.model.train()
        self._save()

    def _keep(self) -> None:
        """Save the model as the best checkpoint; the one before stays whole until this one is."""
        fresh, kept = self.folder / "checkpoint.new", self.folder / "checkpoint"
        self.task.save(self.model, fresh)
        shutil.rmtree(kept, ignore_errors=True)
        fresh.rename(kept)

    def _report(self) -> str:
        losses = self.progress.losses
        loss = sum(losses) / len(losses)
        losses.clear()
        self._log({"loss": round(loss, 4)})
        return f"pass {self.progress.epoch + 1}, loss {loss:.3f}, best {self.task.score} {self.progress.best:.4g}"

    def _log(self, what: dict[str, Any]) -> None:
        place = {
            "step": self.progress.step,
            "epoch": self.progress.epoch,
            "seconds": round(self.progress.seconds),
            "done": round(self.done, 4),
        }
        with (self.folder / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(json.dumps(place | what) + "\n")

    def _save(self) -> None:
        state = {
            "weights": self.weights.state(),
            "optimizer": self.optimizer.state_dict(),
            "progress": {
                name: getattr(self.progress, name) for name in ("epoch", "batch", "began", "step", "seconds", "best")
            },
        }
        fresh = self.folder / "state.pt.new"
        torch.save(state, fresh)
        fresh.replace(self.folder / "state.pt")

    def _load(self) -> None:
        state = torch.load(self.folder / "state.pt", map_location=self.device, weights_only=True)
        self.weights.restore(state["weights"])
        groups = [
            {key: value for key, value in group.items() if key != "params"} for group in self.optimizer.param_groups
        ]
        self.optimizer.load_state_dict(state["optimizer"])
        for group, own in zip(self.optimizer.param_groups, groups, strict=True):
            group.update(own)  # how weights are updated is not part of the state
        self.progress = Progress(**state["progress"])


def _groups(weights: Weights) -> list[dict[str, Any]]:
    """The weights by how they are updated: `share` is what part of the learning rate they get.

    Weight decay is for matrices only, as usual. T5 does not divide queries by the square root of their width but starts them that
    much smaller; Adam, whose steps know nothing of a weight's size, must then take smaller ones too, or attention hardens
    before it has learned where to look.
    """
    queries: list[torch.Tensor] = []
    matrices: list[torch.Tensor] = []
    rest: list[torch.Tensor] = []
    for name in weights.learned:
        tensor = weights.master[name]
        (rest if tensor.dim() <= 1 else queries if name.endswith("Attention.q.weight") else matrices).append(tensor)
    groups: list[dict[str, Any]] = [
        {"params": matrices, "weight_decay": 0.01, "share": 1.0},
        {"params": rest, "weight_decay": 0.0, "share": 1.0},
    ]
    return [*groups, {"params": queries, "weight_decay": 0.01, "share": _QUERIES}] if queries else groups


@contextmanager
def _signals(stop: Callable[[], None]) -> Iterator[None]:
    """Within it, the first SIGINT or SIGTERM calls `stop`; a second one does what it usually does."""

    def handle(number: int, _frame: FrameType | None) -> None:
        stop()
        signal.signal(number, before[number])

    before: dict[int, Any] = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
