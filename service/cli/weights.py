"""`mujaz models`: which checkpoints there are, fetching them, checking them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.cli.common import beside, progress_bar
from service.cli.options import Form

if TYPE_CHECKING:
    from models.catalog import Catalog, Entry
    from models.weights import Progress
    from service.settings import Settings

app = typer.Typer(help="List, pull and verify the models' weights.", no_args_is_help=True)

Ids = Annotated[list[str] | None, typer.Argument(metavar="[ID…]", help="Ids from `mujaz models list`.")]


_WIDEST = 40  # characters of a cell in a terminal; json and markdown show all
_COLUMNS = ("id", "job", "languages", "size", "state", "licence", "repo")


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
        lines = _table([[str(row[name]) for name in _COLUMNS] for row in rows], form is Form.MARKDOWN)
    typer.echo("\n".join(lines))


@app.command()
def pull(
    ids: Ids = None,
    revision: Annotated[str | None, typer.Option(help="Hub revision instead of the locked or catalogued one.")] = None,
    accept_licence: Annotated[
        bool, typer.Option("--accept-licence", help="Accept a licence that forbids commercial use.")
    ] = False,
) -> None:
    """Download models (the default ones for Arabic to English unless ids are given); run it again to resume."""
    from models.weights import pull as pull_weights

    settings, catalog = _opened()
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


@app.command()
def verify(ids: Ids = None) -> None:
    """Hold weights on this machine to their lock: all that are here unless ids are given."""
    from models.errors import MujazError, WeightsMissing
    from models.weights import verify as verify_weights
    from service.errors import Exit, row

    settings, catalog = _opened()
    entries = _named(ids, catalog) if ids else catalog.entries
    worst = Exit.OK
    with progress_bar(len(entries), "model") as bar:
        for entry in entries:
            try:
                lock = verify_weights(entry, _root(entry, settings))
                with beside(bar):
                    typer.echo(f"{entry.id}: {f'good, revision {lock.revision}' if lock else 'here, without a lock'}")
            except MujazError as error:
                if ids or not isinstance(error, WeightsMissing):
                    with beside(bar):
                        typer.echo(f"{entry.id}: {error}", err=True)
                    worst = max(worst, row(error).exit)
            bar.update()
    raise typer.Exit(worst)


def _opened() -> "tuple[Settings, Catalog]":
    from models.catalog import Catalog
    from service import settings

    return settings.read(), Catalog.load()


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
        lock = read_lock(find(entry, _root(entry, settings)))
        state, revision = "available", lock.revision if lock else None
    except WeightsMissing:
        state, revision = "missing", None
    return {
        "id": entry.id,
        "job": entry.job,
        "languages": " ".join(entry.sources) + (f" → {' '.join(entry.targets)}" if entry.targets else ""),
        "size": entry.size,
        "state": state,
        "licence": _licence(entry),
        "repo": entry.repo,
        "revision": revision,
        "commercial": entry.commercial,
    }


def _licence(entry: "Entry") -> str:
    return entry.licence if entry.commercial else f"{entry.licence}, no commercial use"


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
