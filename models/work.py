"""One request's work: where its text is handled, where its items are decoded, by when, and what it took."""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import copy_context
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import uuid4

from models.batching.packing import Lane
from models.batching.scheduler import Scheduler
from models.catalog import Job
from models.engine.protocol import Engine, Generation, Item
from models.load import ModelInfo
from models.memo import Memo
from models.tokenize import Tokenizer

Result = TypeVar("Result")

UNKNOWN_REVISION = uuid4().hex
"""Stands for the revision of a checkpoint that has none: after a restart its files may be others."""


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A checkpoint in memory: `settings` are its generation defaults.

    `engine` and `bulk` decode for the two lanes: one network with slots for each, so that the scheduler can step a reader's items
    without the rows of bulk work; or one and the same engine, where a step does not grow with what is admitted.
    """

    id: str
    job: Job
    engine: Engine
    bulk: Engine
    tokenizer: Tokenizer
    settings: Generation
    info: ModelInfo

    @property
    def identity(self) -> str:
        """Everything about this model that its outputs depend on."""
        info = self.info
        revision = info.revision or UNKNOWN_REVISION
        return f"{info.repo} {revision} {info.dtype} {info.device} {type(self.engine).__name__} {self.settings}"


@dataclass(slots=True)
class Work:
    """The context of one request. `deadline` counts in seconds of `time.monotonic`; `timing` is in milliseconds per stage.

    Text is handled in `threads`, as many as there are cores, so that tokenizers stay few and the event loop free. `memo` spares
    translations, if there is one. `around` is entered with the name of each stage, by whoever wants to know when it ran.
    """

    scheduler: Scheduler
    threads: Executor
    lane: Lane = "interactive"
    deadline: float | None = None
    memo: Memo | None = None
    around: Callable[[str], AbstractContextManager[object]] = nullcontext
    timing: dict[str, float] = field(default_factory=dict)
    used: dict[str, Model] = field(default_factory=dict)
    started: float = field(default_factory=time.perf_counter)

    async def text(self, function: Callable[..., Result], *args: object) -> Result:
        """Run `function(*args)` in a text thread, in the caller's context: what it logs names the request."""
        return await asyncio.get_running_loop().run_in_executor(self.threads, copy_context().run, function, *args)

    async def decode(self, model: Model, items: Sequence[Item]) -> list[str]:
        """Decode `items` together with everybody else's; the outputs' texts, in order.

        When one item fails its error is raised, and when the request is cancelled or one item fails, the others are given up.
        """
        if not items:
            return []
        self.used[model.id] = model
        engine = model.bulk if self.lane == "bulk" else model.engine
        futures = self.scheduler.submit(engine, items, lane=self.lane, deadline=self.deadline)
        try:
            outputs = await asyncio.gather(*map(asyncio.wrap_future, futures))
        finally:
            for future in futures:
                future.cancel()
        return await self.text(lambda: [model.tokenizer.decode(output) for output in outputs])

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Add the time spent within it to the stage `name`."""
        started = time.perf_counter()
        try:
            with self.around(name):
                yield
        finally:
            self.timing[name] = self.timing.get(name, 0.0) + 1000 * (time.perf_counter() - started)
