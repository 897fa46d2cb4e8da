"""`mujaz eval vocabulary`: what a restricted output vocabulary changes."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.eval.common import (
    File,
    Format,
    Limit,
    Summarizer,
    digest_of,
    rows,
    run,
    sentences,
    summarized,
    translated,
)
from service.cli.options import Models

if TYPE_CHECKING:
    from models.runtime import Runtime


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
    read = rows(file, "text", language, limit)
    articles = [sentences(row, language) for row in read]
    texts = [sentence for article in articles for sentence in article]

    async def write(runtime: "Runtime") -> dict[str, list[str]]:
        translations = await translated(runtime, language, target, texts)
        return translations | await summarized(runtime, language, articles)

    full, part = (run(models, write, summarizer, chosen) for chosen in ("full", restricted))
    _print_changes(file, len(read), restricted, {name: (full[name], part[name]) for name in full if name in part}, form)


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
        about = {"file": file, "sha256": digest_of(file), "rows": rows, "vocabulary": restricted}
        typer.echo(json.dumps(about | {"systems": figures}, ensure_ascii=False))
        return
    typer.echo(f"{file} (sha256 {digest_of(file)[:12]}): {rows} rows, output vocabulary full and {restricted}")
    typer.echo(f"{'':28}{'outputs':>12}{'changed':>12}{'share':>12}")
    for name, (full, _) in systems.items():
        count = len(changed[name])
        typer.echo(f"{name:28}{len(full):>12,}{count:>12,}{count / len(full):>12.2%}")
