"""`mujaz models`: which checkpoints there are, fetching them, preparing them for the engine, checking them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.cli.common import beside, progress_bar
from service.cli.options import Form

if TYPE_CHECKING:
    from models.catalog import Catalog, Entry
    from models.engine.weights import Format
    from models.weights import Progress
    from models.weights.prepared import Record
    from service.settings import Settings


app = typer.Typer(help="List, pull, prepare and verify the models' weights.", no_args_is_help=True)

Ids = Annotated[list[str] | None, typer.Argument(metavar="[ID…]", help="Ids from `mujaz models list`.")]
NumberFormat = Annotated[
    str | None,
    typer.Option(
        "--format", metavar="auto|float32|bfloat16|int8", help="Number format; otherwise MUJAZ_DTYPE, or auto."
    ),
]
Vocabulary = Annotated[
    str | None,
    typer.Option(
        metavar="full|CODES",
        help="Output vocabulary: full, or what these languages need, for example ar,en; otherwise MUJAZ_VOCABULARY, or "
        "full. Translators write their own languages in any case.",
    ),
]

_WIDEST = 40  # characters of a cell in a terminal; json and markdown show all
_COLUMNS = ("id", "job", "languages", "size", "state", "prepared", "licence", "repo")


@app.command("list")
def list_models(
    form: Annotated[Form, typer.Option("--format", help="text, json (one object per model and line), or markdown.")] = (
        Form.TEXT
    ),
) -> None:
    """List every model of the catalogue: what it does, its licence, and whether it is here."""
    import json

    settings, catalog = _opened()
    rows = [_row(entry, settings) for entry in catalog.entries]
    if form is Form.JSON:
        lines = [json.dumps(row) for row in rows]
    else:
        lines = _table([[_cell(row[name]) for name in _COLUMNS] for row in rows], form is Form.MARKDOWN)
    typer.echo("\n".join(lines))


@app.command()
def pull(
    ids: Ids = None,
    revision: Annotated[str | None, typer.Option(help="Hub revision instead of the locked or catalogued one.")] = None,
    accept_licence: Annotated[
        bool, typer.Option("--accept-licence", help="Accept a licence that forbids commercial use.")
    ] = False,
    form: NumberFormat = None,
    vocabulary: Vocabulary = None,
) -> None:
    """Download models (the default ones for Arabic to English unless ids are given) and prepare them for the engine.

    Run it again to resume.
    """
    from models.weights import pull as pull_weights

    settings, catalog = _opened(dtype=form, vocabulary=vocabulary)
    for entry in _named(ids, catalog) if ids else _defaults(settings, catalog):
        with _file_bars() as progress:
            folder = pull_weights(
                entry,
                settings.weights,
                endpoint=settings.hub,
                revision=revision,
                accept_licence=accept_licence,
                progress=progress,
            )
        typer.echo(f"{entry.id}: {folder} ({_licence(entry)})")
        if settings.engine == "mujaz" and not entry.sample:
            with progress_bar(1, "model", f"preparing {entry.id}") as bar:
                done = _prepare(entry, folder, settings)
                bar.update()
            typer.echo(f"{entry.id}: {done}")


@app.command()
def prepare(ids: Ids = None, form: NumberFormat = None, vocabulary: Vocabulary = None) -> None:
    """Make the engine's own form of weights on this machine, to start faster: of all that are here unless ids are given."""
    from models.errors import WeightsMissing
    from models.weights import find

    settings, catalog = _opened(dtype=form, vocabulary=vocabulary)
    entries = _named(ids, catalog) if ids else [entry for entry in catalog.entries if not entry.sample]
    with progress_bar(len(entries), "model", "preparing") as bar:
        for entry in entries:
            try:
                folder = find(entry, _root(entry, settings))
            except WeightsMissing:
                if ids:
                    raise
            else:
                done = _prepare(entry, folder, settings)
                with beside(bar):
                    typer.echo(f"{entry.id}: {done}")
            bar.update()


@app.command()
def verify(ids: Ids = None) -> None:
    """Hold weights on this machine to their lock, and prepared ones to their record: all that are here unless ids are given."""
    from models.errors import MujazError, WeightsMissing
    from models.weights import find
    from models.weights import verify as verify_weights
    from models.weights.prepared import verify_forms
    from service.errors import Exit, row

    settings, catalog = _opened()
    entries = _named(ids, catalog) if ids else catalog.entries
    worst = Exit.OK
    with progress_bar(len(entries), "model") as bar:
        for entry in entries:
            try:
                lock = verify_weights(entry, _root(entry, settings))
                forms = verify_forms(find(entry, _root(entry, settings)))
                state = f"good, revision {lock.revision}" if lock else "here, without a lock"
                with beside(bar):
                    typer.echo(", prepared ".join([f"{entry.id}: {state}", *map(_form, forms)]))
            except MujazError as error:
                if ids or not isinstance(error, WeightsMissing):
                    with beside(bar):
                        typer.echo(f"{entry.id}: {error}", err=True)
                    worst = max(worst, row(error).exit)
            bar.update()
    raise typer.Exit(worst)


def _opened(dtype: str | None = None, vocabulary: str | None = None) -> "tuple[Settings, Catalog]":
    from models.catalog import Catalog
    from service import settings

    return settings.read(dtype=dtype, vocabulary=vocabulary), Catalog.load()


def _prepare(entry: "Entry", folder: Path, settings: "Settings") -> str:
    """Prepare one model; returns what to tell about it. Raises `MujazError`, also where the disk gave out."""
    from models.engine import vocabulary
    from models.errors import MujazError
    from models.weights.prepared import prepare as prepare_weights

    if entry.sample:
        return "comes with the package and needs no preparation"
    languages = vocabulary.written(entry, settings.vocabulary or None)
    if languages == ():
        return f"not prepared, since it is not used: it reads none of {', '.join(settings.vocabulary)}"
    try:
        place = prepare_weights(folder, _number_format(settings), languages)
    except OSError as error:
        raise MujazError(f"{entry.id} could not be prepared ({error.strerror or error}).") from error
    unknown = vocabulary.unknown(languages or ())
    reason = f"; all of the vocabulary, since the scripts of {', '.join(unknown)} are not known" if unknown else ""
    return f"prepared {place.name.rsplit('-', 1)[0].replace('-', ' ', 1)}{reason}"


def _number_format(settings: "Settings") -> "Format":
    """Raises `SettingsError` for a format that the device does not compute."""
    from models import device
    from service.settings import SettingsError

    try:
        return device.choose_format(settings.dtype, device.choose(settings.device))
    except ValueError as error:
        raise SettingsError(str(error)) from error


def _prepared(folder: Path) -> list[str]:
    """What is prepared of a model, to be listed: a fault is for `verify` to explain."""
    from models.errors import WeightsCorrupt
    from models.weights.prepared import forms

    try:
        return [_form(record) for record in forms(folder)]
    except WeightsCorrupt:
        return ["damaged"]


def _form(record: "Record") -> str:
    return f"{record.format} {'+'.join(record.languages) if record.languages else 'full'}"


def _named(ids: Sequence[str], catalog: "Catalog") -> "list[Entry]":
    try:
        return [catalog.get(name) for name in ids]
    except KeyError as error:
        raise typer.BadParameter(error.args[0]) from error


def _defaults(settings: "Settings", catalog: "Catalog") -> "list[Entry]":
    """What Arabic to English takes; the summarizer, whose licence must be accepted, comes last."""
    entries = [catalog.translator("ar", "en", settings.translator)]
    summarizer = catalog.summarizer("ar") if settings.summarizer == "default" else None
    return [*entries, summarizer] if summarizer else entries


def _root(entry: "Entry", settings: "Settings") -> Path:
    """The folder below which this entry's weights are looked for."""
    from models.catalog import SAMPLE

    if entry.sample:
        return SAMPLE
    return settings.weights if settings.models in ("full", "sample") else Path(settings.models)


def _row(entry: "Entry", settings: "Settings") -> dict[str, Any]:
    from models.errors import WeightsMissing
    from models.weights import find, read_lock

    try:
        folder = find(entry, _root(entry, settings))
        lock = read_lock(folder)
        state, revision, prepared = "available", lock.revision if lock else None, _prepared(folder)
    except WeightsMissing:
        state, revision, prepared = "missing", None, []
    return {
        "id": entry.id,
        "job": entry.job,
        "languages": " ".join(entry.sources) + (f" → {' '.join(entry.targets)}" if entry.targets else ""),
        "size": entry.size,
        "state": state,
        "prepared": prepared,
        "licence": _licence(entry),
        "repo": entry.repo,
        "revision": revision,
        "commercial": entry.commercial,
    }


def _licence(entry: "Entry") -> str:
    return entry.licence if entry.commercial else f"{entry.licence}, no commercial use"


def _cell(value: str | list[str]) -> str:
    return value if isinstance(value, str) else ", ".join(value) or "no"


def _table(rows: list[list[str]], markdown: bool) -> list[str]:
    rows.insert(0, [name.upper() for name in _COLUMNS])
    if markdown:
        rows.insert(1, ["---"] * len(_COLUMNS))
        return [f"| {' | '.join(cells)} |" for cells in rows]
    shown = [[cell if len(cell) <= _WIDEST else f"{cell[: _WIDEST - 1]}…" for cell in cells] for cells in rows]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    return ["  ".join(map(str.ljust, cells, widths)).rstrip() for cells in shown]


@contextmanager
def _file_bars() -> "Iterator[Progress]":
    """What `pull` reports its progress to: one bar after the other, a file each."""
    bars: dict[str, Any] = {}

    def progress(name: str, done: int, total: int) -> None:
        if name not in bars:
            for bar in bars.values():
                bar.close()
            bars[name] = progress_bar(total, "B", name)
        bars[name].update(done - bars[name].n)

    try:
        yield progress
    finally:
        for bar in bars.values():
            bar.close()
