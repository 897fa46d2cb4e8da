"""`mujaz doctor`: what is wrong with this installation, and what to do about it."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.options import Models

if TYPE_CHECKING:
    from service.doctor.finding import Finding


class Form(StrEnum):
    """How findings are written."""

    TEXT = "text"
    JSON = "json"


def doctor(
    models: Models = None,
    form: Annotated[
        Form, typer.Option("--format", help="text: a line per finding; json: an object per finding and line.")
    ] = Form.TEXT,
) -> None:
    """Check that everything which serving needs is there and fits together, and say what to do where it does not.

    Reads the settings as `mujaz serve` does. Exits with 1 if anything fails; warnings do not matter to that.
    """
    failed = False
    for finding in _findings(models):
        failed |= finding.state == "fails"
        typer.echo(json.dumps(asdict(finding), ensure_ascii=False) if form is Form.JSON else _line(finding))
    raise typer.Exit(int(failed))


def _findings(models: str | None) -> "Iterator[Finding]":
    from service import logs, settings
    from service.doctor.examine import examine
    from service.doctor.finding import fails

    try:
        read = settings.read(models=models)
    except settings.SettingsError as error:
        yield fails("settings", str(error), "correct the variable, or take it out of the environment")
        return
    logs.configure("error", read.log_format)
    yield from examine(read)


def _line(finding: "Finding") -> str:
    line = f"{finding.state:<8} {finding.check}: {finding.told}"
    return f"{line}\n{'':<8} → {finding.todo}" if finding.todo else line
