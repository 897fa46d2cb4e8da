"""Everything that serves, put together once: catalogue, weights, models in memory, the scheduler, the text threads."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch

from models import device, memory
from models.batching.packing import Lane
from models.batching.scheduler import Scheduler, Stats
from models.catalog import SAMPLE, Catalog, Entry, Job, Limits, Size
from models.engine import vocabulary
from models.engine.protocol import Engine, Generation
from models.errors import WeightsMissing
from models.glossary import Glossary
from models.load import Defaults, Loaded, load, load_weights
from models.residency import Residents
from models.summarize import Summarizer
from models.text.detect import languages
from models.translate import Translator
from models.weights import find, read_lock, tensor_bytes
from models.weights.prepared import prepared_bytes
from models.work import Model, Work

_LOADERS = 8  # threads that wait while models load; a model in memory needs one for an instant

_OWN = "own-summarizer"  # the id of a checkpoint given by its folder
_ITEM_TOKENS = 1024  # what a waiting item may cost on average: four beams over a long sentence and its translation


@dataclass(frozen=True, slots=True)
class RuntimeConfig:
    """What to serve with. `models` is "full", "sample" or a folder of checkpoints; `memory_budget` is in bytes.

    `summarizer` is "default", "extract" (no model, central sentences instead), the id of a catalogued summarizer, or the folder
    of an mT5 checkpoint of one's own, which is then trusted with every language. `vocabulary` names the languages that models
    have to be able to write, or none for all of them. `glossary` is the server's own.
    """

    models: str
    root: Path
    device: str = "auto"
    dtype: str = "auto"
    engine: Literal["mujaz", "reference"] = "mujaz"
    vocabulary: tuple[str, ...] = ()
    threads: int | None = None
    memory_budget: int = 8 << 30
    queue_items: int = 20_000
    capacity: int = 32_768
    beams: int | None = None
    summarizer: str = "default"
    translator_size: Literal["default", "small"] = "default"
    glossary: Glossary | None = None


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """A catalogued model as it is on this machine."""

    id: str
    job: Job
    repo: str
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    licence: str
    commercial: bool
    sample: bool
    state: Literal["missing", "available", "loaded"]
    revision: str | None


@dataclass(frozen=True, slots=True)
class Residence:
    """The bytes of each model in memory, by id, and how often a model was loaded since the start."""

    bytes: Mapping[str, int]
    loads: int


class Runtime:
    """The models' side of the service. Use it as `start`, then from any number of tasks of one event loop, then `close`."""

    def __init__(self, config: RuntimeConfig, catalog: Catalog | None = None) -> None:
        """Raises `ValueError` for a device, dtype or summarizer that there is not, or not with this device or engine."""
        self.config = config
        self.catalog = catalog or Catalog.load()
        self.device = device.choose(config.device)
        self.format = device.choose_format(config.dtype, self.device)
        self.dtype = device.compute_dtype(self.format, self.device)
        if config.engine == "reference" and (self.format == "int8" or config.vocabulary):
            raise ValueError(
                "The engine reference knows neither int8 nor a restricted vocabulary: use the engine mujaz."
            )
        self.size: Size = "sample" if config.models == "sample" else config.translator_size
        self.root = {"full": config.root, "sample": SAMPLE}.get(config.models, Path(config.models))
        self._summarizer = self._chosen_summarizer()
        self.threads = config.threads or device.threads()
        self._text = ThreadPoolExecutor(self.threads, "text")
        self._loaders = ThreadPoolExecutor(_LOADERS, "load")
        with device.flushing():
            self._scheduler = Scheduler(max_items=config.queue_items, max_tokens=_ITEM_TOKENS * config.queue_items)
        self._residents: Residents[str, Model] = Residents(config.memory_budget, self._load, self._cost)
        self._started = False

    def start(self) -> None:
        """Load what the default pair (Arabic to English) needs, so that the first request does not wait.

        Raises `WeightsMissing` or `WeightsCorrupt`.
        """
        torch.set_num_threads(self.threads)
        if self.device.type == "cpu":
            memory.keep_freed()
            memory.few_primitives()
        with self._residents.use(self.catalog.translator("ar", "en", self.size).id):
            pass
        summarizer = self._summarizer_entry("ar") or self._summarizer_entry("en")
        if summarizer:
            with self._residents.use(summarizer.id):
                pass
        self._started = True

    def close(self) -> None:
        """Answer what is queued with `Cancelled` and stop all threads."""
        self._started = False
        self._scheduler.close(drain=False)
        self._loaders.shutdown(cancel_futures=True)
        self._text.shutdown(cancel_futures=True)

    def ready(self) -> bool:
        return self._started

    def work(self, lane: Lane = "interactive", deadline: float | None = None) -> Work:
        """The context of one request; `deadline` in seconds of `time.monotonic`."""
        return Work(self._scheduler, self._text, lane, deadline)

    @asynccontextmanager
    async def translator(self, source: str, target: str) -> AsyncIterator[Translator]:
        """The translator of a pair, in memory until the block ends.

        Raises `PairUnsupported`, `WeightsMissing`, `WeightsCorrupt`.
        """
        entry = self.catalog.translator(source, target, self.size)
        async with self._use(entry) as model:
            yield Translator(model, source, target, entry.prefix.get(target, ""))

    def summarizes(self, language: str) -> bool:
        """Whether a model is configured that summarizes articles in `language`."""
        return self._summarizer_entry(language) is not None

    @asynccontextmanager
    async def summarizer(self, language: str) -> AsyncIterator[Summarizer]:
        """The summarizer of a language for which `summarizes` holds, in memory until the block ends."""
        entry = self._summarizer_entry(language)
        if entry is None:
            raise LookupError(f"no summarizer for {language}: ask `summarizes` first")
        async with self._use(entry) as model:
            yield Summarizer(model, language)

    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Every (source, target) of the catalogue at the configured size."""
        return self.catalog.pairs(self.size)

    def describe(self) -> list[ModelStatus]:
        """The catalogued models that this configuration can use, with their state on this machine."""
        sizes = {self.size, "default"} if self.size == "small" else {self.size}
        entries = [entry for entry in self.catalog.entries if entry.size in sizes]
        if self._summarizer and self._summarizer not in entries:
            entries.append(self._summarizer)
        return [self._status(entry) for entry in entries]

    def stats(self) -> Stats:
        return self._scheduler.stats()

    def residence(self) -> Residence:
        """The models in memory; cheap."""
        return Residence(self._residents.costs(), self._residents.loads)

    @asynccontextmanager
    async def _use(self, entry: Entry) -> AsyncIterator[Model]:
        lease = ExitStack()
        loading = self._loaders.submit(lambda: lease.enter_context(self._residents.use(entry.id)))
        try:
            yield await asyncio.wrap_future(loading)
        finally:  # a request that gave up while the model was loading must not hold it for ever
            loading.cancel()
            loading.add_done_callback(lambda _: lease.close())

    def _chosen_summarizer(self) -> Entry | None:
        """The summarizer that the configuration names, if it names one."""
        name = self.config.summarizer
        if name in ("default", "extract"):
            return None
        if Path(name).is_dir():
            return _own_summarizer(Path(name))
        try:
            entry = self.catalog.get(name)
        except KeyError as error:
            raise ValueError(
                f"The summarizer is default, extract, a folder or a model's id: {error.args[0]}."
            ) from error
        if entry.job != "summarize":
            raise ValueError(f"{name} is a translator, not a summarizer.")
        return entry

    def _entry(self, entry_id: str) -> Entry:
        own = self._summarizer
        return own if own and own.id == entry_id else self.catalog.get(entry_id)

    def _folder(self, entry: Entry) -> Path:
        """Where the checkpoint lies. Raises `WeightsMissing`."""
        return Path(self.config.summarizer) if entry.id == _OWN else find(entry, self.root)

    def _summarizer_entry(self, language: str) -> Entry | None:
        if self.config.summarizer == "extract":
            return None
        entry = self._summarizer or self.catalog.summarizer(language, self.size)
        if entry is None:
            return None
        written = self._written(entry)
        return entry if language in (entry.sources if written is None else written) else None

    def _written(self, entry: Entry) -> tuple[str, ...] | None:
        """The languages that the model's output vocabulary is restricted to; None where it is whole."""
        return vocabulary.written(entry, self.config.vocabulary or None)

    def _status(self, entry: Entry) -> ModelStatus:
        try:
            lock = read_lock(self._folder(entry))
            state: Literal["loaded", "available"] = "loaded" if entry.id in self._residents.loaded() else "available"
            return _status(entry, state, lock.revision if lock else None)
        except WeightsMissing:
            return _status(entry, "missing", None)

    def _cost(self, entry_id: str) -> int:
        """Bytes in memory: as the prepared form tells, or the checkpoint's numbers at their size in this format."""
        entry = self._entry(entry_id)
        folder = self._folder(entry)
        if self.config.engine == "mujaz":
            known = prepared_bytes(folder, self.format, self._written(entry))
            if known is not None:
                return known
        return tensor_bytes(folder, 1 if self.format == "int8" else self.dtype.itemsize)

    def _load(self, entry_id: str) -> Model:
        memory.give_back()  # what was unloaded to make room
        model = device.aside(lambda: self._made(self._entry(entry_id)))
        memory.give_back()  # what was needed for loading only
        return model

    def _made(self, entry: Entry) -> Model:
        folder, known = self._folder(entry), None if entry.id == _OWN else entry
        loaded: Loaded[Any]
        engine: Engine
        bulk: Engine
        if self.config.engine == "mujaz":
            from models.engine.mujaz import MujazEngine

            loaded = load_weights(folder, self.format, self.device, known, self._written(entry))
            engine = MujazEngine(loaded.model, self.device, self.dtype, self.config.capacity)
            bulk = engine.twin()
        else:
            from models.engine.reference import ReferenceEngine

            loaded = load(folder, self.device, self.dtype, known)
            engine = bulk = ReferenceEngine(loaded.model, self.config.capacity)
        settings = self._settings(entry, loaded.defaults)
        return Model(entry.id, entry.job, engine, bulk, loaded.tokenizer, settings, loaded.info)

    def _settings(self, entry: Entry, own: Defaults) -> Generation:
        """The checkpoint's own generation settings, with the catalogue's length and the configured beams."""
        longest = entry.limits.max_new_tokens
        return Generation(
            beams=self.config.beams or own.beams or entry.limits.beams,
            max_tokens=min(longest, own.positions - 1) if own.positions else longest,  # the start symbol takes one
            length_penalty=own.length_penalty,
            early_stopping=own.early_stopping,
            no_repeat_ngram=own.no_repeat_ngram,
        )


def _own_summarizer(folder: Path) -> Entry:
    """A checkpoint of one's own as an entry: it reads whatever it is given, within mT5's usual 512 tokens."""
    return Entry(
        id=_OWN,
        job="summarize",
        family="mt5",
        size="default",
        sources=tuple(sorted(languages())),
        repo=folder.name,
        licence="unknown",
        commercial=False,
        limits=Limits(max_tokens=512, max_new_tokens=128, beams=4),
        folder=folder.name,
    )


def _status(entry: Entry, state: Literal["missing", "available", "loaded"], revision: str | None) -> ModelStatus:
    return ModelStatus(
        entry.id,
        entry.job,
        entry.repo,
        entry.sources,
        entry.targets,
        entry.licence,
        entry.commercial,
        entry.sample,
        state,
        revision,
    )
