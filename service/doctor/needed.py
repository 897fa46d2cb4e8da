"""The models without which the service does not start: the translator from Arabic into English, and the summarizer if any."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from models import device
from models.catalog import SAMPLE, Catalog, Entry, Size
from models.engine import vocabulary
from models.errors import WeightsMissing
from models.weights import find, tensor_bytes
from models.weights.prepared import prepared_bytes
from service.settings import Settings


@dataclass(frozen=True, slots=True)
class Needed:
    """What the settings ask for. `summarizer` is None where none is used, or one of the operator's own, in `own`."""

    settings: Settings
    translator: Entry
    summarizer: Entry | None
    own: Path | None
    root: Path

    @classmethod
    def by(cls, settings: Settings) -> "Needed":
        """Raises `KeyError` for a summarizer that is no folder and not in the catalogue."""
        catalog = Catalog.load()
        size: Size = "sample" if settings.models == "sample" else settings.translator
        root = {"full": settings.weights, "sample": SAMPLE}.get(settings.models, Path(settings.models))
        own = Path(settings.summarizer) if Path(settings.summarizer).is_dir() else None
        summarizer = None
        if settings.summarizer == "default":
            summarizer = catalog.summarizer("ar", size)
        elif settings.summarizer != "extract" and own is None:
            summarizer = catalog.get(settings.summarizer)
        return cls(settings, catalog.translator("ar", "en", size), summarizer, own, root)

    def entries(self) -> list[Entry]:
        return [self.translator, self.summarizer] if self.summarizer else [self.translator]

    def written(self, entry: Entry) -> tuple[str, ...] | None:
        """The languages that the model's output is restricted to; None for all."""
        return vocabulary.written(entry, self.settings.vocabulary or None)

    def here(self) -> Iterator[tuple[Entry, Path]]:
        """Those that are on this machine, each with its folder."""
        for entry in self.entries():
            try:
                yield entry, find(entry, SAMPLE if entry.sample else self.root)
            except WeightsMissing:
                continue

    def bytes(self) -> int:
        """What those that are here will take in memory. Raises `ValueError` for a device or format that there is not."""
        on = device.choose(self.settings.device)
        form = device.choose_format(self.settings.dtype, on)
        itemsize = 1 if form == "int8" else device.compute_dtype(form, on).itemsize
        folders = [(folder, self.written(entry)) for entry, folder in self.here()]
        folders += [(self.own, None)] if self.own else []
        return sum(prepared_bytes(folder, form, held) or tensor_bytes(folder, itemsize) for folder, held in folders)
