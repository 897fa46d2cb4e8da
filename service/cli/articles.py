"""`mujaz brief`, `mujaz translate` and `mujaz summarize`: articles in, answers out."""

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.options import Files, Form, Format, Glossary, Models, Output, Route, Sentences, Source, Target

if TYPE_CHECKING:
    from models.glossary import Glossary as Terms
    from models.runtime import Runtime
    from service.cli.run import Make
    from service.limits import TextLimits


def brief(
    files: Files,
    models: Models = None,
    source: Source = "auto",
    target: Target = "en",
    route: Annotated[Route, typer.Option(help="What comes first.")] = Route.SUMMARIZE_FIRST,
    sentences: Sentences = 3,
    translation: Annotated[bool, typer.Option("--translation", help="Add the full translation.")] = False,
    glossary: Glossary = None,
    form: Format = Form.TEXT,
    output: Output = None,
) -> None:
    """Make a short English brief of each article."""
    from service import briefs
    from service.schemas.briefs import BriefOptions

    options = BriefOptions(target=target, route=route.value, sentences=sentences, translation=translation)
    terms = _terms(glossary)
    _run(
        lambda limits: lambda runtime, article: briefs.make_brief(
            runtime, article, options, terms(runtime), limits=limits
        ),
        files, models, source, form, output,
    )  # fmt: skip


def translate(
    files: Files,
    models: Models = None,
    source: Source = "auto",
    target: Target = "en",
    glossary: Glossary = None,
    form: Format = Form.TEXT,
    output: Output = None,
) -> None:
    """Translate each text, whole."""
    from service import briefs

    terms = _terms(glossary)
    _run(
        lambda limits: lambda runtime, article: briefs.make_translation(
            runtime, article, target, terms(runtime), limits=limits
        ),
        files, models, source, form, output,
    )  # fmt: skip


def summarize(
    files: Files,
    models: Models = None,
    source: Source = "auto",
    sentences: Sentences = 3,
    form: Format = Form.TEXT,
    output: Output = None,
) -> None:
    """Summarize each article in its own language."""
    from service import briefs

    _run(
        lambda limits: lambda runtime, article: briefs.make_summary(runtime, article, sentences, limits=limits),
        files, models, source, form, output,
    )  # fmt: skip


def _terms(file: Path | None) -> "Callable[[Runtime], Terms | None]":
    """The glossary of a file over that of the settings, made once. A file that cannot be read is wrong usage."""
    from models.errors import GlossaryInvalid
    from models.glossary import Glossary

    if file is None:
        return lambda runtime: runtime.config.glossary
    try:
        own = Glossary.parse(file.read_text(encoding="utf-8"))
    except (GlossaryInvalid, OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(str(error), param_hint="--glossary") from error
    return cache(lambda runtime: own.over(runtime.config.glossary))


def _run(
    make: "Callable[[TextLimits], Make]",
    files: Sequence[str],
    models: str | None,
    source: str,
    form: Form,
    output: Path | None,
) -> None:
    """Read `files`, make an answer of each article with `make`, and exit with the code that says how it went."""
    from service import settings
    from service.cli.inputs import count_articles, read_articles
    from service.cli.run import Writer, process
    from service.uploads.limits import UploadLimits

    read = settings.read(models=models)
    limits = UploadLimits.of(read)
    articles = read_articles(files, source, limits)
    writer = Writer(form.value, output)
    raise typer.Exit(process(read, articles, count_articles(files), make(limits.text), writer))
