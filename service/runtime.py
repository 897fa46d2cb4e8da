"""The models of one process: made from the settings, started beside the event loop so that `/healthz` answers."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from models.batching.scheduler import Stats
from models.errors import GlossaryInvalid, MujazError
from models.glossary import Glossary
from models.runtime import Residence, Runtime, RuntimeConfig
from service.errors import NotReady
from service.settings import Settings, SettingsError
from service.store.database import Store

logger = logging.getLogger(__name__)

Factory = Callable[[Settings], Runtime]


def make_runtime(settings: Settings) -> Runtime:
    """A runtime, not yet started. Raises `SettingsError` for a device, model or number format that does not exist."""
    config = RuntimeConfig(
        models=settings.models,
        root=settings.weights,
        device=settings.device,
        dtype=settings.dtype,
        engine=settings.engine,
        vocabulary=settings.vocabulary,
        threads=settings.threads,
        memory_budget=settings.memory,
        queue_items=settings.queue,
        beams=settings.beams,
        summarizer=settings.summarizer,
        translator_size=settings.translator,
        glossary=server_glossary(settings.glossary),
    )
    try:
        return Runtime(config)
    except ValueError as error:
        raise SettingsError(str(error)) from error


def server_glossary(name: str) -> Glossary | None:
    """The server's own glossary. Raises `SettingsError` for a file that cannot be read."""
    if name == "none":
        return None
    try:
        return Glossary.parse(Path(name).expanduser().read_text(encoding="utf-8"))
    except (GlossaryInvalid, OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"MUJAZ_GLOSSARY: {error}") from error


@contextmanager
def opened(settings: Settings) -> Iterator[Runtime]:
    """A runtime, started, and stopped at the end: for commands, which may wait. Raises what starting raises."""
    runtime = make_runtime(settings)
    try:
        runtime.start()
        yield runtime
    finally:
        runtime.close()


class Startup:
    """Opens the database and starts the runtime in a thread. Until it is up, asking for it tells why it is not there.

    `opened` and `up` are set when the database is open and when the runtime is up.
    """

    def __init__(self, settings: Settings, store: Store, factory: Factory, on_failure: Callable[[], None]) -> None:
        self._settings = settings
        self._store = store
        self._factory = factory
        self._on_failure = on_failure
        self._runtime: Runtime | None = None
        self.failure: MujazError | None = None
        self.opened = asyncio.Event()
        self.up = asyncio.Event()

    async def run(self) -> None:
        """Bring the runtime up; a failure is kept, for whoever asks for the runtime, and reported."""
        try:
            await asyncio.to_thread(self._store.open, serving=True)
            self.opened.set()
            self._runtime = await asyncio.to_thread(self._start)
            self.up.set()
            logger.info("ready")
        except MujazError as error:
            self.failure = error
        except SettingsError as error:
            self.failure = MujazError(str(error))
        except Exception:
            logger.exception("the models could not be started")
            self.failure = MujazError("The models could not be started; the log says where it failed.")
        if self.failure:
            self._on_failure()

    def _start(self) -> Runtime:
        runtime = self._factory(self._settings)
        runtime.start()
        return runtime

    def runtime(self) -> Runtime:
        """The runtime, up. Raises `NotReady` while it is being started, and what it failed with if it failed."""
        if self.failure:
            raise self.failure
        if self._runtime is None or not self.ready():
            raise NotReady("The models are being loaded; try again shortly.")
        return self._runtime

    def stats(self) -> Stats | None:
        """The scheduler's figures, or None before it is up."""
        return self._runtime.stats() if self._runtime else None

    def residence(self) -> Residence | None:
        """The models in memory, or None before there is a runtime."""
        return self._runtime.residence() if self._runtime else None

    def ready(self) -> bool:
        """Whether the runtime is up."""
        return self._runtime is not None and self._runtime.ready()

    async def close(self) -> None:
        """Stop the runtime, if it is up, and close the database."""
        if self._runtime:
            await asyncio.to_thread(self._runtime.close)
        await asyncio.to_thread(self._store.close)
