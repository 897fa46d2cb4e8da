"""`mujaz eval selection`: what a summarizer is shown of a long article."""

from pathlib import Path
from typing import Annotated

import typer

from service.cli.eval.common import CORPUS, File, Format, Limit, print_scores, read


def selection(
    file: File,
    share: Annotated[int, typer.Option(min=1, max=100, help="Room of the window, in percent of a text's words.")] = 40,
    language: Annotated[str, typer.Option(help="Language of the articles.")] = "ar",
    limit: Limit = None,
    form: Format = "text",
) -> None:
    """The summary's facts that the window on a long article holds, beside those of the article's head and of the best choice.

    A line: {"id", "text", "references": [...]}. Of the written corpus, articles on one subject are joined in several ways.
    """
    from models.evaluation.selection import score
    from models.evaluation.stories import Story, built, given
    from models.evaluation.texts import corpus_articles, read_rows

    def stories(path: Path) -> list[tuple[str, list[Story]]]:
        if not file.startswith(CORPUS):
            return [("", given(read_rows(path, "text")[:limit], language))]
        made = built(corpus_articles(file.removeprefix(CORPUS), language), language)
        return [(f"{name}: ", each[:limit]) for name, each in made.items()]

    groups = read(stories, file)
    systems = {
        f"{name}{system}": scores for name, each in groups for system, scores in score(each, share / 100).items()
    }
    print_scores(file, len(groups[0][1]), systems, form)
