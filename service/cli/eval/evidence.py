"""`mujaz eval evidence`: the links from briefs to their sources against labels."""

from typing import Annotated

import typer

from service.cli.eval.common import Format, Limit, print_scores, read


def evidence(
    file: Annotated[str, typer.Argument(metavar="FILE", help="JSON Lines.")],
    limit: Limit = None,
    form: Format = "text",
) -> None:
    """How often a brief is linked to the right sentences, for each pair of languages, beside always naming the first.

    A line: {"id", "sentences": [...], "brief", "evidence": [indexes]}.
    """
    from models.evaluation.evidence import predict, read_rows, score

    rows = read(read_rows, file, limit)
    pairs = sorted({(row.language, row.source_language) for row in rows})
    systems = {}
    for pair in pairs:
        part = [row for row in rows if (row.language, row.source_language) == pair]
        name = "-".join(pair)
        systems[name] = score(part, predict(part))
        systems[f"{name} first sentence"] = score(part, [[0]] * len(part))
    print_scores(file, len(rows), systems, form)
