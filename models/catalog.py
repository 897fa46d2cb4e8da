"""The catalogue: which checkpoint does which job for which languages, read from `catalog.toml` and checked on the way.

A language pair, a checkpoint or a licence is data. Everything that is wrong with a table is a `CatalogError` that names
the table and the column, so that adding a pair needs no reading of this file.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, cast, get_args

from models.errors import PairUnsupported

Job = Literal["translate", "summarize"]
Family = Literal["marian", "mt5"]
Size = Literal["default", "small", "sample"]

CATALOG = Path(__file__).with_name("catalog.toml")
SAMPLE = Path(__file__).with_name("sample")
"""The root folder of the bundled models: `SAMPLE / entry.folder` is a checkpoint in the Hub's format."""


class CatalogError(ValueError):
    """A table of the catalogue is malformed; the message names the table and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Generation defaults and limits, in tokens; `max_tokens` counts the end-of-sentence token."""

    max_tokens: int
    max_new_tokens: int
    beams: int


@dataclass(frozen=True, slots=True)
class Quality:
    """One published score: language read ("multi" for a family), metric, value, test set, and where it stands."""

    language: str
    metric: str
    value: float
    test: str
    source: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One checkpoint. `folder` is its place below a models root; `prefix` maps a target to the token selecting it.

    A summarizer that is not `by_default` is used only where the configuration names it.
    """

    id: str
    job: Job
    family: Family
    size: Size
    sources: tuple[str, ...]
    repo: str
    licence: str
    commercial: bool
    limits: Limits
    folder: str
    targets: tuple[str, ...] = ()
    revision: str = "main"
    by_default: bool = True
    prefix: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    quality: tuple[Quality, ...] = ()

    @property
    def sample(self) -> bool:
        """Whether this is a model shipped in the package; every answer that comes from one says so."""
        return self.size == "sample"


class Catalog:
    """The tables of one catalogue, checked; look-ups by job, languages and size."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = tuple(entries)
        _check_collisions(self.entries)

    @classmethod
    def load(cls, path: Path | None = None) -> "Catalog":
        """Read the catalogue at `path`, or the one in the package. Raises `CatalogError`."""
        path = path or CATALOG
        try:
            tables = tomllib.loads(path.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as error:
            raise CatalogError(f"{path.name} is not TOML: {error}") from error
        return cls(_entry(name, table) for name, table in tables.items())

    def get(self, entry_id: str) -> Entry:
        """The entry with this id. Raises `KeyError` with the ids there are."""
        for entry in self.entries:
            if entry.id == entry_id:
                return entry
        raise KeyError(f"no model {entry_id!r} in the catalogue; there are {', '.join(e.id for e in self.entries)}")

    def translator(self, source: str, target: str, size: Size = "default") -> Entry:
        """The translator for a pair. "small" falls back to the default checkpoint of a pair that has no small one.

        Raises `PairUnsupported`, whose message lists the languages that go into `target` and those `source` goes to.
        """
        for candidate in (size, "default") if size == "small" else (size,):
            for entry in self.entries:
                fits = entry.job == "translate" and entry.size == candidate
                if fits and source in entry.sources and target in entry.targets:
                    return entry
        pairs = self.pairs(size)
        into = [s for s, t in pairs if t == target]
        onward = [t for s, t in pairs if s == source]
        kind = "sample translator" if size == "sample" else "translator"
        raise PairUnsupported(
            f"There is no {kind} from {source} to {target}: into {target} there are {_listed(into)}; "
            f"from {source} there are {_listed(onward)}."
        )

    def summarizer(self, language: str, size: Size = "default") -> Entry | None:
        """The summarizer that reads `language` by default, or None: such an article is translated first, or extracted from.

        "small" falls back to the default checkpoint where there is no small one.
        """
        for candidate in (size, "default") if size == "small" else (size,):
            for entry in self.entries:
                fits = entry.job == "summarize" and entry.size == candidate and entry.by_default
                if fits and language in entry.sources:
                    return entry
        return None

    def pairs(self, size: Size = "default") -> tuple[tuple[str, str], ...]:
        """Every (source, target) that `translator` answers for this size, sorted."""
        sizes = {size, "default"} if size == "small" else {size}
        found = {
            (source, target)
            for entry in self.entries
            if entry.job == "translate" and entry.size in sizes
            for source in entry.sources
            for target in entry.targets
        }
        return tuple(sorted(found))


def _listed(languages: Iterable[str]) -> str:
    return ", ".join(sorted(set(languages))) or "none"


_REQUIRED: dict[str, type | tuple[type, ...]] = {
    "job": str,
    "family": str,
    "size": str,
    "sources": list,
    "repo": str,
    "licence": str,
    "commercial": bool,
    "limits": dict,
}
_OPTIONAL: dict[str, type | tuple[type, ...]] = {
    "targets": list,
    "revision": str,
    "by_default": bool,
    "folder": str,
    "prefix": dict,
    "quality": list,
}
_LIMITS: dict[str, type | tuple[type, ...]] = {"max_tokens": int, "max_new_tokens": int, "beams": int}
_QUALITY: dict[str, type | tuple[type, ...]] = {
    "language": str,
    "metric": str,
    "value": (int, float),
    "test": str,
    "source": str,
}


def _entry(name: str, table: object) -> Entry:
    """One table as an `Entry`. Raises `CatalogError` for missing, unknown or ill-typed columns and contradictions."""
    row = _columns(f"[{name}]", table, _REQUIRED, _OPTIONAL)
    for column, allowed in (("job", get_args(Job)), ("family", get_args(Family)), ("size", get_args(Size))):
        if row[column] not in allowed:
            raise CatalogError(f"[{name}] {column} is {row[column]!r}, not one of {', '.join(allowed)}")
    for column in ("sources", "targets"):
        languages = row.get(column, [])
        if not all(isinstance(code, str) and code.isalpha() and code.islower() for code in languages):
            raise CatalogError(f"[{name}] {column} must be a list of lower-case language codes, not {languages!r}")
    if not row["sources"]:
        raise CatalogError(f"[{name}] sources is empty")
    if bool(row.get("targets")) != (row["job"] == "translate"):
        raise CatalogError(f"[{name}] a translator has targets and a summarizer has none")
    if strangers := set(row.get("prefix", {})) - set(row.get("targets", [])):
        raise CatalogError(f"[{name}] prefix names {_listed(strangers)}, not among its targets")
    if row["size"] == "sample" and "folder" not in row:
        raise CatalogError(f"[{name}] a sample model needs its folder")
    limits = Limits(**_columns(f"[{name}] limits", row["limits"], _LIMITS))
    if min(limits.max_tokens, limits.max_new_tokens, limits.beams) < 1:
        raise CatalogError(f"[{name}] limits must all be at least 1")
    scores = [Quality(**_columns(f"[{name}] quality", score, _QUALITY)) for score in row.get("quality", [])]
    return Entry(
        id=name,
        job=cast(Job, row["job"]),
        family=cast(Family, row["family"]),
        size=cast(Size, row["size"]),
        sources=tuple(row["sources"]),
        targets=tuple(row.get("targets", [])),
        repo=row["repo"],
        revision=row.get("revision", "main"),
        by_default=row.get("by_default", True),
        folder=row.get("folder", row["repo"].replace("/", "--")),
        licence=row["licence"],
        commercial=row["commercial"],
        limits=limits,
        prefix=MappingProxyType(dict(row.get("prefix", {}))),
        quality=tuple(scores),
    )


def _columns(
    where: str,
    table: object,
    required: Mapping[str, type | tuple[type, ...]],
    optional: Mapping[str, type | tuple[type, ...]] = MappingProxyType({}),
) -> dict[str, Any]:
    """`table` with its column names and types checked. Raises `CatalogError` naming `where` and the column."""
    if not isinstance(table, dict):
        raise CatalogError(f"{where} is not a table")
    if missing := required.keys() - table.keys():
        raise CatalogError(f"{where} lacks {', '.join(sorted(missing))}")
    types = {**required, **optional}
    if unknown := table.keys() - types.keys():
        raise CatalogError(f"{where} has unknown columns: {', '.join(sorted(unknown))}")
    for column, value in table.items():
        # bool is an int in Python, never in the catalogue.
        if not isinstance(value, types[column]) or (isinstance(value, bool) and types[column] is not bool):
            raise CatalogError(f"{where} {column} has the wrong type: {value!r}")
    return table


def _check_collisions(entries: Iterable[Entry]) -> None:
    """Two checkpoints must never compete for the same job, languages and size, nor one folder hold two."""
    taken: dict[tuple[str, ...], str] = {}
    for entry in entries:
        routes: list[tuple[str, ...]] = [("folder", entry.folder)]
        for source in entry.sources:
            routes += [(entry.job, entry.size, source, target) for target in entry.targets or ("",)]
        for route in routes:
            if route in taken:
                raise CatalogError(f"[{entry.id}] and [{taken[route]}] both claim {' '.join(route).strip()}")
            taken[route] = entry.id
