"""`mujaz eval checks`: the checks on labelled briefs."""

from typing import Annotated

import typer

from service.cli.eval.common import Format, Limit, print_scores, read

Labelled = Annotated[str, typer.Argument(metavar="FILE", help="JSON Lines of labelled briefs.")]


def checks(
    file: Labelled,
    target: Annotated[str, typer.Option(help="Language of the briefs.")] = "en",
    limit: Limit = None,
    form: Format = "text",
) -> None:
    """Share of the briefs that the checks flag, by what is wrong with them, and by a check of the right name.

    A line: {"id", "text", "brief", "brief_source" (optional), "label": "faithful" or what was corrupted}. No model is needed.
    """
    from models.evaluation.checks import read_labelled, report_on, score_checks

    rows = read(read_labelled, file, limit)
    reports = [report_on(row, target) for row in rows]
    print_scores(file, len(rows), score_checks(rows, reports), form)
