"""`mujaz`: the commands put together, and what becomes of their errors."""

import sys
from typing import Annotated

import typer

from models.errors import MujazError
from service.cli import articles, bench, doctor, keys, serve, train, weights
from service.cli import eval as evaluation
from service.settings import SettingsError
from service.version import VERSION

app = typer.Typer(
    name="mujaz",
    help="News articles in, short English briefs out. Exit codes: 0 all well, 1 some articles failed, "
    "2 wrong usage, 3 weights missing.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(articles.brief)
app.command()(articles.translate)
app.command()(articles.summarize)
app.command(epilog=serve.epilog())(serve.serve)
app.command()(doctor.doctor)
app.command()(bench.bench)
app.add_typer(weights.app, name="models")
app.add_typer(keys.app, name="keys")
app.add_typer(train.app, name="train")
app.add_typer(evaluation.app, name="eval")


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"mujaz {VERSION}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", is_eager=True, callback=_version)
    ] = False,
) -> None: ...


def main() -> None:
    """Run the command that the arguments name; exits with its code."""
    try:
        app()
    except SettingsError as error:
        _end(f"{error}", 2)
    except MujazError as error:
        from service.errors import row

        _end(str(error), row(error).exit)


def _end(message: str, code: int) -> None:
    typer.echo(f"mujaz: {message}", err=True)
    sys.exit(code)
