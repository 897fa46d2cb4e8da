"""`mujaz eval cleaning`: what cleaning and sentence splitting keep, drop and lose."""

from pathlib import Path
from typing import Annotated

import typer

from service.cli.eval.common import CORPUS, File, Format, Limit, print_scores, read


def cleaning(
    file: File,
    language: Annotated[str, typer.Option(help="Language of the texts.")] = "ar",
    limit: Limit = None,
    form: Format = "text",
) -> None:
    """Prose kept whole, sentence boundaries, furniture dropped, prose lost, in percent.

    A line: {"id", "text" or "html", "sentences": [...], "furniture": [...]}.
    """
    from models.evaluation.cleaning import Page, corpus_pages, read_pages, score

    def pages(path: Path) -> list[Page]:
        return corpus_pages(file.removeprefix(CORPUS), language) if file.startswith(CORPUS) else read_pages(path)

    gold = read(pages, file, limit)
    print_scores(file, len(gold), {"mujaz": score(gold, language)}, form)
