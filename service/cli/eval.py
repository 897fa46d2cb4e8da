"""`mujaz eval`: score the configured models on files of references, or on the written corpus."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

import typer

from service.cli.options import Models

if TYPE_CHECKING:
    from models.evaluation import Row, Score
    from models.runtime import Runtime

Text = TypeVar("Text")

app = typer.Typer(no_args_is_help=True, help="Score translations and summaries against references.")

_CORPUS = "corpus:"
_CHUNK = 64  # rows that are handed over at one time

File = Annotated[
    str, typer.Argument(metavar="FILE", help="JSON Lines; or corpus:test and corpus:validation, of the written corpus.")
]
Summarizer = Annotated[
    str | None, typer.Option(help="A catalogued summarizer or a checkpoint's folder; otherwise MUJAZ_SUMMARIZER.")
]
Limit = Annotated[int | None, typer.Option(min=1, help="Only so many rows, from the first.")]
Format = Annotated[Literal["text", "json"], typer.Option("--format", help="text (a table) or json.")]


@app.command()
def translation(
    file: File,
    models: Models = None,
    source: Annotated[str, typer.Option(help="Language of the sources.")] = "ar",
    target: Annotated[str, typer.Option(help="Language of the references.")] = "en",
    limit: Limit = None,
    form: Format = "text",
) -> None:
    """chrF and BLEU of the translator. A line: {"id", "source", "references": [...]}."""
    from models.evaluation import score_translations

    rows = _rows(file, "source", source)[:limit]

    async def translate(runtime: "Runtime") -> dict[str, list[str]]:
        return await _translated(runtime, source, target, [row.text for row in rows])

    outputs = _run(models, translate)
    _print(file, rows, {name: score_translations(rows, lines) for name, lines in outputs.items()}, form)


@app.command()
def summaries(
    file: File,
    models: Models = None,
    summarizer: Summarizer = None,
    language: Annotated[str, typer.Option(help="Language of the articles.")] = "ar",
    limit: Limit = None,
    form: Format = "text",
) -> None:
    """ROUGE of the summarizer, beside an article's first sentences and its central one.

    A line: {"id", "text", "references": [...]}.
    """
    from models.evaluation import baselines, score_summaries

    rows = _rows(file, "text", language)[:limit]

    async def summarize(runtime: "Runtime") -> dict[str, list[str]]:
        if not runtime.summarizes(language):
            typer.echo(f"mujaz: no summarizer is configured for {language}; only the others are scored", err=True)
        return await _summarized(runtime, language, [_sentences(row, language) for row in rows])

    outputs = _run(models, summarize, summarizer) | baselines(rows, language)
    _print(file, rows, {name: score_summaries(rows, lines) for name, lines in outputs.items()}, form)


@app.command()
def vocabulary(
    file: File,
    restricted: Annotated[
        str, typer.Option("--vocabulary", metavar="CODE,…", help="What MUJAZ_VOCABULARY would say.")
    ] = "ar,en",
    models: Models = None,
    summarizer: Summarizer = None,
    language: Annotated[str, typer.Option(help="Language of the articles.")] = "ar",
    target: Annotated[str, typer.Option(help="Language that their sentences are translated into.")] = "en",
    limit: Limit = None,
    form: Format = "text",
) -> None:
    """How many outputs a restricted output vocabulary changes: summaries of articles, translations of their sentences.

    A line: {"id", "text", "references": [...]}.
    """
    rows = _rows(file, "text", language)[:limit]
    articles = [_sentences(row, language) for row in rows]
    sentences = [sentence for article in articles for sentence in article]

    async def write(runtime: "Runtime") -> dict[str, list[str]]:
        translations = await _translated(runtime, language, target, sentences)
        return translations | await _summarized(runtime, language, articles)

    full, part = (_run(models, write, summarizer, chosen) for chosen in ("full", restricted))
    _print_changes(file, len(rows), restricted, {name: (full[name], part[name]) for name in full if name in part}, form)


def _rows(file: str, field: str, language: str) -> "list[Row]":
    from models.evaluation import corpus_rows, read_rows

    try:
        if file.startswith(_CORPUS):
            return corpus_rows(file.removeprefix(_CORPUS), field, language)
        return read_rows(Path(file), field)
    except (ValueError, OSError) as error:
        raise typer.BadParameter(str(error)) from error


def _sentences(row: "Row", language: str) -> list[str]:
    from models.text.segment import split

    return [part.strip() for part in split(row.text, language)]


async def _translated(runtime: "Runtime", source: str, target: str, texts: list[str]) -> dict[str, list[str]]:
    """The translations, under the name of the translator's repository."""
    async with runtime.translator(source, target) as translator:

        async def some(part: list[str]) -> list[str]:
            return await translator.translate(part, runtime.work("bulk"))

        return {translator.model.info.repo: await _in_chunks(texts, some)}


async def _summarized(runtime: "Runtime", language: str, articles: list[list[str]]) -> dict[str, list[str]]:
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


def _run(
    models: str | None,
    work: "Callable[[Runtime], Awaitable[dict[str, list[str]]]]",
    summarizer: str | None = None,
    vocabulary: str | None = None,
) -> dict[str, list[str]]:
    from service import logs, settings
    from service.runtime import opened

    read = settings.read(models=models, summarizer=summarizer, vocabulary=vocabulary)
    logs.configure("warning", read.log_format)

    async def go() -> dict[str, list[str]]:
        with opened(read) as runtime:
            return await work(runtime)

    return asyncio.run(go())


def _sha256(file: str) -> str:
    """What was scored, so that two scores can be compared: the file's digest, or that of the whole corpus."""
    from models.training.data import digest

    return digest() if file.startswith(_CORPUS) else sha256(Path(file).read_bytes()).hexdigest()


def _print(file: str, rows: "list[Row]", systems: "Mapping[str, Mapping[str, Score]]", form: str) -> None:
    if form == "json":
        figures = {name: {score: asdict(value) for score, value in scores.items()} for name, scores in systems.items()}
        typer.echo(json.dumps({"file": file, "sha256": _sha256(file), "rows": len(rows), "systems": figures}))
        return
    names = list(next(iter(systems.values())))
    typer.echo(f"{file} (sha256 {_sha256(file)[:12]}): {len(rows)} rows, 95% confidence intervals in brackets")
    typer.echo("".join([f"{'':28}", *(f"{name:>24}" for name in names)]))
    for system, scores in systems.items():
        cells = (f"{s.value:.2f} [{s.low:.2f}, {s.high:.2f}]" for s in scores.values())
        typer.echo("".join([f"{system:28}", *(f"{cell:>24}" for cell in cells)]))


def _print_changes(
    file: str, rows: int, restricted: str, systems: Mapping[str, tuple[list[str], list[str]]], form: str
) -> None:
    """`systems`: what each model wrote with the full and with the restricted vocabulary. The JSON has what differs in full."""
    changed = {
        name: [{"full": a, "restricted": b} for a, b in zip(full, part, strict=True) if a != b]
        for name, (full, part) in systems.items()
    }
    if form == "json":
        figures = {
            name: {"outputs": len(full), "changed": len(changed[name]), "changes": changed[name]}
            for name, (full, _) in systems.items()
        }
        about = {"file": file, "sha256": _sha256(file), "rows": rows, "vocabulary": restricted}
        typer.echo(json.dumps(about | {"systems": figures}, ensure_ascii=False))
        return
    typer.echo(f"{file} (sha256 {_sha256(file)[:12]}): {rows} rows, output vocabulary full and {restricted}")
    typer.echo(f"{'':28}{'outputs':>12}{'changed':>12}{'share':>12}")
    for name, (full, _) in systems.items():
        count = len(changed[name])
        typer.echo(f"{name:28}{len(full):>12,}{count:>12,}{count / len(full):>12.2%}")
