"""The options that several commands share."""

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Form(StrEnum):
    """How answers are written."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


class Route(StrEnum):
    """In which order an article is summarized and translated."""

    SUMMARIZE_FIRST = "summarize-first"
    TRANSLATE_FIRST = "translate-first"
    BOTH = "both"


def _code(value: str) -> str:
    if not re.fullmatch("[a-z]{2,3}", value):
        raise typer.BadParameter("give a language code such as ar or en")
    return value


def _language(value: str) -> str:
    return value if value == "auto" else _code(value)


Files = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE… | -",
        help="Text (.txt and all others), HTML (.html, .htm, .xhtml) or JSON Lines (.jsonl, .ndjson: id, title, "
        "text or html, source); - is standard input. Text is read as UTF-8, UTF-16 with a byte order mark, Arabic in "
        "windows-1256, or what an HTML page declares.",
    ),
]
Models = Annotated[
    str | None, typer.Option(metavar="full|sample|DIR", help="Models to use; otherwise MUJAZ_MODELS, or full.")
]
Source = Annotated[
    str, typer.Option(callback=_language, metavar="auto|CODE", help="Language of the articles; auto tells it for each.")
]
Target = Annotated[str, typer.Option(callback=_code, metavar="CODE", help="Language to write in.")]
Sentences = Annotated[int, typer.Option(min=1, max=5, help="At most so many sentences.")]
Glossary = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        dir_okay=False,
        help="Terms and their translations, one pair a line, a tab between; they win over MUJAZ_GLOSSARY.",
    ),
]
Format = Annotated[
    Form, typer.Option("--format", help="text to read, json (one object per article and line), or markdown.")
]
Output = Annotated[
    Path | None, typer.Option(metavar="DIR", file_okay=False, help="Write a file for each article into DIR.")
]
