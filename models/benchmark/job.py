"""What the benchmark asks of a worker process and what it answers, as JSON."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from models.engine.protocol import Generation, Item

Feeding = Literal["batch", "each", "continuous", "arriving-batch", "arriving-continuous"]
"""All there from the start: in length-sorted batches, each run to its end; one item after the other; or queued and admitted as
slots come free. Arriving: twice a batch is there at any time, the next item coming when one is answered; batches are then chosen
from what waits."""

SUPPRESSED = "suppressed.json"
"""A file beside a conversion for CTranslate2: the sequences of tokens that must never be written."""


@dataclass(frozen=True, slots=True)
class Job:
    """One system on one piece of work.

    `engine` is "mujaz", "transformers" or "ctranslate2"; `folder` a checkpoint, for CTranslate2 a conversion; `keep` the ids that
    Mujaz's output projection is restricted to. `forced`: all sources and all targets have the same length, so that a few steps
    warm everything up, and first token and step can be told apart. The work is repeated until it has taken `seconds`.
    """

    engine: str
    format: str
    folder: Path
    feeding: Feeding
    batch: int
    items: tuple[Item, ...]
    threads: int
    device: str = "cpu"
    workers: int = 1
    keep: tuple[int, ...] | None = None
    forced: bool = False
    seconds: float = 2.0

    def to_json(self) -> str:
        return json.dumps(asdict(self) | {"folder": str(self.folder)})

    @staticmethod
    def from_json(text: str) -> "Job":
        fields: dict[str, Any] = json.loads(text)
        items = tuple(Item(tuple(i["ids"]), Generation(**i["settings"])) for i in fields.pop("items"))
        keep = fields.pop("keep")
        return Job(
            **fields | {"folder": Path(fields["folder"])}, items=items, keep=None if keep is None else tuple(keep)
        )


def ended_after(items: Sequence[Item], tokens: int) -> tuple[Item, ...]:
    """The same items, made to end after `tokens` target tokens, or after their own length if that is less."""

    def shorter(item: Item) -> Item:
        length = min(tokens, item.settings.max_tokens)
        return Item(item.ids, replace(item.settings, min_tokens=length, max_tokens=length))

    return tuple(shorter(item) for item in items)


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one worker measured, in seconds and bytes.

    `passes` are the times of the whole work, `first` that of the same work ended after one target token (forced lengths only).
    `tokens` counts target tokens, end symbols included. `bare` is the process with torch imported, `ready` the same with the
    system opened and warm (both as PSS), `peak` the most that was resident, `on_device` what a GPU holds in addition.
    """

    load: float
    first: float | None
    passes: tuple[float, ...]
    tokens: int
    bare: int
    ready: int
    peak: int
    on_device: int = 0

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @staticmethod
    def from_json(text: str) -> "Measurement":
        fields: dict[str, Any] = json.loads(text)
        passes: Sequence[float] = fields.pop("passes")
        return Measurement(**fields, passes=tuple(passes))
