"""What the `mujaz eval` commands share: their options, the models they run, the tables they print."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

import typer

if TYPE_CHECKING:
    from models.evaluation.figures import Score
    from models.evaluation.texts import Row
    from models.runtime import Runtime

Text = TypeVar("Text")
Result = TypeVar("Result")

CORPUS = "corpus:"
_CHUNK = 64  # rows that are handed over at one time

File = Annotated[
    str, typer.Argument(metavar="FILE", help="JSON Lines; or corpus:test and corpus:validation, of the written corpus.")
]
Summarizer = Annotated[
    str | None, typer.Option(help="A catalogued summarizer or a checkpoint's folder; otherwise MUJAZ_SUMMARIZER.")
]
Limit = Annotated[int | None, typer.Option(min=1, help="Only so many rows, from the first.")]
Format = Annotated[Literal["text", "json"], typer.Option("--format", help="text (a table) or json.")]


def read(reader: Callable[[Path], list[Result]], file: str, limit: int | None = None) -> list[Result]:
    """The first `limit` rows of a labelled file. A file that is missing or malformed is wrong usage."""
    try:
        return reader(Path(file))[:limit]
    except (ValueError, OSError) as error:
        raise typer.BadParameter(str(error)) from error


def rows(file: str, field: str, language: str, limit: int | None) -> "list[Row]":
    """The first `limit` texts with references of a file, or of the written corpus."""
    from models.evaluation.texts import corpus_rows, read_rows

    if not file.startswith(CORPUS):
        return read(lambda path: read_rows(path, field), file, limit)
    return read(lambda _: corpus_rows(file.removeprefix(CORPUS), field, language), file, limit)


def sentences(row: "Row", language: str) -> list[str]:
    """A text as the models are given it."""
    from models.text.segment import split

    return [part.strip() for part in split(row.text, language)]


async def translated(runtime: "Runtime", source: str, target: str, texts: list[str]) -> dict[str, list[str]]:
    """The translations, under the name of the translator's repository."""
    async with runtime.translator(source, target) as translator:

        async def some(part: list[str]) -> list[str]:
            return [translated.text for translated in await translator.translate(part, runtime.work("bulk"))]

        return {translator.model.info.repo: await _in_chunks(texts, some)}


async def summarized(runtime: "Runtime", language: str, articles: list[list[str]]) -> dict[str, list[str]]:
    """The summaries of articles given as sentences, under the name of the summarizer's repository, if there is one."""
    if not runtime.summarizes(language):
        return {}
    async with runtime.summarizer(language) as configured:

        async def some(part: list[list[str]]) -> list[str]:
            written = (configured.summarize(article, runtime.work("bulk")) for article in part)
            return [summary.text for summary in await asyncio.gather(*written)]

        return {configured.model.info.repo: await _in_chunks(articles, some)}


async def _in_chunks(rows: list[Text], work: Callable[[list[Text]], Awaitable[list[str]]]) -> list[str]:
    from service.cli.common import progress_bar

    outputs: list[str] = []
    with progress_bar(len(rows), "row", "") as bar:
        for start in range(0, len(rows), _CHUNK):
            outputs += await work(rows[start : start + _CHUNK])
            bar.update(len(outputs) - bar.n)
    return outputs


def run(
    models: str | None,
    work: "Callable[[Runtime], Awaitable[dict[str, list[str]]]]",
    summarizer: str | None = None,
    vocabulary: str | None = None,
) -> dict[str, list[str]]:
    """What `work` makes of the models that the settings and these options name."""
    from service import logs, settings
    from service.runtime import opened

    configured = settings.read(models=models, summarizer=summarizer, vocabulary=vocabulary)
    logs.configure("warning", configured.log_format)

    async def go() -> dict[str, list[str]]:
        with opened(configured) as runtime:
            return await work(runtime)

    return asyncio.run(go())


def digest_of(file: str) -> str:
    """What was scored, so that two scores can be compared: the file's digest, or that of the whole corpus."""
    from models.training.data import digest

    return digest() if file.startswith(CORPUS) else sha256(Path(file).read_bytes()).hexdigest()


def print_scores(file: str, count: int, systems: "Mapping[str, Mapping[str, Score]]", form: str) -> None:
    """A line for each system, a column for each of its scores."""
    if form == "json":
        figures = {name: {score: asdict(value) for score, value in scores.items()} for name, scores in systems.items()}
        typer.echo(json.dumps({"file": file, "sha256": digest_of(file), "rows": count, "systems": figures}))
        return
    names = list(next(iter(systems.values())))
    typer.echo(f"{file} (sha256 {digest_of(file)[:12]}): {count} rows, 95% confidence intervals in brackets")
    typer.echo("".join([f"{'':28}", *(f"{name:>24}" for name in names)]))
    for system, scores in systems.items():
        cells = (f"{s.value:.2f} [{s.low:.2f}, {s.high:.2f}]" for s in scores.values())
        typer.echo("".join([f"{system:28}", *(f"{cell:>24}" for cell in cells)]))
