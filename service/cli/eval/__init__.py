"""`mujaz eval`: the models, and the checks on what they write, measured on labelled files."""

import typer

from service.cli.eval import checks, cleaning, evidence, selection, texts, vocabulary

app = typer.Typer(no_args_is_help=True, help="Score translations, summaries and the checks on them on labelled files.")
app.command()(texts.translation)
app.command()(texts.summaries)
app.command()(cleaning.cleaning)
app.command()(selection.selection)
app.command()(checks.checks)
app.command()(evidence.evidence)
app.command()(vocabulary.vocabulary)
