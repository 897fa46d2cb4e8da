"""`mujaz eval translation`, `mujaz eval summaries`: the configured models against references."""

from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.eval.common import (
    File,
    Format,
    Limit,
    Summarizer,
    print_scores,
    rows,
    run,
    sentences,
    summarized,
    translated,
)
from service.cli.options import Models

if TYPE_CHECKING:
    from models.runtime import Runtime


def translation(
    file: File,
    models: Models = None,
    source: Annotated[str, typer.Option(help="Language of the sources.")] = "ar",
    target: Annotated[str, typer.Option(help="Language of the references.")] = "en",
    limit: Limit = None,
    form: Format = "text",
) -> None:
    """chrF and BLEU of the translator. A line: {"id", "source", "references": [...]}."""
    from models.evaluation.texts import score_translations

    read = rows(file, "source", source, limit)

    async def translate(runtime: "Runtime") -> dict[str, list[str]]:
        return await translated(runtime, source, target, [row.text for row in read])

    outputs = run(models, translate)
    print_scores(file, len(read), {name: score_translations(read, lines) for name, lines in outputs.items()}, form)


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
    from models.evaluation.texts import baselines, score_summaries

    read = rows(file, "text", language, limit)

    async def summarize(runtime: "Runtime") -> dict[str, list[str]]:
        if not runtime.summarizes(language):
            typer.echo(f"mujaz: no summarizer is configured for {language}; only the others are scored", err=True)
        return await summarized(runtime, language, [sentences(row, language) for row in read])

    outputs = run(models, summarize, summarizer) | baselines(read, language)
    print_scores(file, len(read), {name: score_summaries(read, lines) for name, lines in outputs.items()}, form)
