"""The cache as one article sees it: translations for the models, whole briefs for the recipe, and which entries had a part."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict
from hashlib import sha256

from models.batching.packing import Lane
from models.glossary import Glossary
from models.guard import Fault
from models.memo import Make
from models.runtime import Runtime
from models.translate import Translated
from models.work import UNKNOWN_REVISION
from service.cache.flights import Flights
from service.cache.shelf import Entry, Shelf
from service.metrics import CacheKind, CacheOutcome
from service.schemas.briefs import Article, Brief, BriefOptions
from service.version import VERSION

Count = Callable[[CacheKind, CacheOutcome, int], None]


class Cache:
    """What all requests share: the entries, the work in flight, and the counts of hits."""

    def __init__(self, shelf: Shelf, count: Count) -> None:
        """`count` is told what became of so many lookups."""
        self.shelf = shelf
        self.flights = Flights()
        self.count = count

    def recall(self) -> "Recall":
        """For one article or text."""
        return Recall(self)


class Recall:
    """One article's way to the cache. `keys` are all entries that had a part in it, to be erased with what it asked for."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._made = 0
        self.keys: set[str] = set()

    @property
    def spared(self) -> bool:
        """Whether all that was looked up was known, or being made for another."""
        return bool(self.keys) and not self._made

    async def translations(self, maker: str, texts: Sequence[str], lane: Lane, make: Make) -> Mapping[str, Translated]:
        """See `models.memo.Memo`."""
        keyed = {_digest("sentence", maker, text): text for text in texts}

        async def made(keys: Sequence[str]) -> Mapping[str, str]:
            outputs = await make([keyed[key] for key in keys])
            return {key: _written(outputs[keyed[key]]) for key in keys}

        found = await self._values("sentence", list(keyed), lane, made)
        return {text: _read(found[key]) for key, text in keyed.items()}

    async def brief(
        self,
        runtime: Runtime,
        article: Article,
        options: BriefOptions,
        glossary: Glossary | None,
        lane: Lane,
        make: Callable[[], Awaitable[Brief]],
    ) -> Brief:
        """The brief of an article, made by `make` unless it is known. Raises what `make` raises."""
        started = time.perf_counter()
        key = await asyncio.to_thread(lambda: _digest("brief", *_recipe(runtime, article, options, glossary)))
        own: list[Brief] = []

        async def made(keys: Sequence[str]) -> Mapping[str, str]:
            own.append(await make())
            return {key: await asyncio.to_thread(own[0].model_dump_json)}

        found = await self._values("brief", [key], lane, made)
        if own:
            return own[0]
        brief = await asyncio.to_thread(Brief.model_validate_json, found[key])
        took = {"cache": round(1000 * (time.perf_counter() - started), 1)}
        provenance = brief.provenance.model_copy(update={"cached": True})
        return brief.model_copy(
            update={"id": article.id, "provenance": provenance, "timing_ms": took | {"total": took["cache"]}}
        )

    async def _values(
        self,
        kind: CacheKind,
        keys: Sequence[str],
        lane: Lane,
        make: Callable[[Sequence[str]], Awaitable[Mapping[str, str]]],
    ) -> dict[str, str]:
        """The value of each key: known, being made by another, or made now and kept."""
        self.keys.update(keys)
        shelf, flights, count = self._cache.shelf, self._cache.flights, self._cache.count
        known = await shelf.find(keys)
        count(kind, "hit", len(known))

        async def kept(wanted: Sequence[str]) -> Mapping[str, str]:
            count(kind, "miss", len(wanted))
            self._made += len(wanted)
            values = await make(wanted)
            shelf.keep({key: Entry(kind, value) for key, value in values.items()})
            return values

        left = [key for key in keys if key not in known]
        return known | await flights.gather(left, lane, kept, lambda number: count(kind, "joined", number))


def _recipe(runtime: Runtime, article: Article, options: BriefOptions, glossary: Glossary | None) -> tuple[str, ...]:
    """Everything that a brief depends on, besides the code."""
    config = runtime.config
    models = [f"{model.id} {model.repo} {model.revision or UNKNOWN_REVISION}" for model in runtime.describe()]
    how = (
        config.models,
        config.engine,
        runtime.format,
        runtime.device,
        config.vocabulary,
        config.beams,
        config.summarizer,
    )
    return (
        json.dumps(models),
        repr(how),
        article.model_dump_json(exclude={"id"}),
        BriefOptions.model_validate(options, from_attributes=True).model_dump_json(),
        glossary.digest if glossary else "",
    )


def _digest(*parts: str) -> str:
    """The key of an entry: parts cannot run into each other."""
    return sha256(json.dumps([VERSION, *parts]).encode()).hexdigest()


def _written(output: Translated) -> str:
    """A translation without its glossary terms, which are applied after it."""
    fault = asdict(output.fault) if output.fault else None
    return json.dumps({"text": output.text, "fault": fault, "repaired": output.repaired}, ensure_ascii=False)


def _read(value: str) -> Translated:
    found = json.loads(value)
    fault = Fault(**found["fault"]) if found["fault"] else None
    return Translated(found["text"], fault, found["repaired"])
