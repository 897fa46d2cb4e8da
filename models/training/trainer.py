"""The training loop for both families: resumable at any moment, on a CPU or a GPU.

A run lives in one folder: `state.pt` (everything needed to go on), `log.jsonl` (one line per report), and `checkpoint/`, the
best checkpoint so far in the Hub's format. Stop it whenever you like and start it again with the same arguments.
"""

import json
import random
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any, Protocol

import torch
from tqdm import tqdm
from transformers import PreTrainedModel

from models.training.batches import IGNORED, Batch
from models.training.fast import SmoothedLoss, pooled_dropout
from models.training.schedule import Budget, Weights, learning_rate


class Task(Protocol):
    """What is trained: the examples of one pass, how good the model is, and how it is saved."""

    def epoch(self, number: int) -> Iterator[Batch]: ...

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
    """Where the run stands: whole passes, batches of the current pass, updates, seconds of training."""

    epoch: int = 0
    batch: int = 0
    step: int = 0
    seconds: float = 0.0
    best: float = float("-inf")
    losses: list[float] = field(default_factory=list)


class Trainer:
    """Trains `model` on `task` in `folder` until the budget is spent or someone stops it."""

    def __init__(self, model: PreTrainedModel, task: Task, options: Options, folder: Path) -> None:
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.model = model.to(self.device)
        self.model.set_attn_implementation("eager")  # torch's fused attention is slow backwards in bfloat16 on a CPU
        self.task, self.options, self.folder = task, options, folder
        self.progress = Progress()
        self.weights = Weights(model, _precision(self.device), options.average)
        self.optimizer = torch.optim.AdamW(_groups(self.weights), lr=options.peak, betas=(0.9, 0.98), fused=True)
        self._stopped = False

    def run(self) -> Progress:
        """Train; return where the run stands. A first Ctrl-C or SIGTERM saves the state and returns."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if (self.folder / "state.pt").exists():
            self._load()
        random.seed(self.options.seed + self.progress.step)
        torch.manual_seed(self.options.seed + self.progress.step)
        with _stopping(self), pooled_dropout():
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
        with tqdm(total=100, unit="%", file=sys.stderr, dynamic_ncols=True, mininterval=2) as bar:
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
            for number, batch in enumerate(self.task.epoch(self.progress.epoch)):
                if number < skip:
                    continue
                yield batch.to(self.device)
                self.progress.batch += 1
            self.progress.epoch, self.progress.batch = self.progress.epoch + 1, 0

    def _step(self, batch: Batch) -> None:
        started = time.perf_counter()
        rate = learning_rate(self.options.peak, self.progress.step, self.options.warmup, self.done)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        loss = self._loss(batch)
        loss.backward()  # type: ignore[no-untyped-call]
        self.weights.gather_gradients()
        torch.nn.utils.clip_grad_norm_(self.weights.master.values(), 1.0)
        self.optimizer.step()
        self.weights.publish()
        self.progress.losses.append(loss.item())
        self.progress.step += 1
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
        return SmoothedLoss.apply(hidden[wanted], head, batch.target[wanted], self.options.smoothing)

    def _evaluate(self) -> None:
        """Score the averaged weights, keep them if they are the best so far, save the state."""
        self.model.eval()
        with self.weights.averaged():
            scores = self.task.evaluate(self.model)
            self._log({"evaluation": scores})
            if scores[self.task.score] > self.progress.best:
                self.progress.best = scores[self.task.score]
                self.task.save(self.model, self.folder / "checkpoint")
        self.model.train()
        self._save()

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
            "progress": {name: getattr(self.progress, name) for name in ("epoch", "batch", "step", "seconds", "best")},
        }
        fresh = self.folder / "state.pt.new"
        torch.save(state, fresh)
        fresh.replace(self.folder / "state.pt")

    def _load(self) -> None:
        state = torch.load(self.folder / "state.pt", map_location=self.device, weights_only=True)
        self.weights.restore(state["weights"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.progress = Progress(**state["progress"])


def _precision(device: torch.device) -> torch.dtype:
    """bfloat16 where the hardware multiplies it natively, else float32."""
    native = device.type == "cuda" or torch.ops.mkldnn._is_mkldnn_bf16_supported()
    return torch.bfloat16 if native else torch.float32


def _groups(weights: Weights) -> list[dict[str, Any]]:
    """Weight decay for matrices only, as usual."""
    learned = [weights.master[name] for name in weights.learned]
    matrices, rest = [t for t in learned if t.dim() > 1], [t for t in learned if t.dim() <= 1]
    return [{"params": matrices, "weight_decay": 0.01}, {"params": rest, "weight_decay": 0.0}]


class _stopping:
    """Within it, the first SIGINT or SIGTERM asks the trainer to stop; a second one interrupts as usual."""

    def __init__(self, trainer: Trainer) -> None:
        self._trainer = trainer
        self._before: dict[int, Any] = {}

    def __enter__(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._stop)

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _stop(self, number: int, _frame: FrameType | None) -> None:
        self._trainer.stop()
        signal.signal(number, self._before[number])
