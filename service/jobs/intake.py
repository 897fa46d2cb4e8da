"""Bodies of requests become orders. A bad article or line is an error of its own; only what concerns all is raised."""

import codecs
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import Field, ValidationError

from models.errors import EmptyText, InputRefused, MujazError
from service.cli.inputs import decode
from service.errors import failed
from service.glossaries import in_force
from service.jobs.submission import Order, Recipe
from service.limits import TextLimits, check_count
from service.schemas.briefs import Article, BriefOptions, FailedItem, GivenGlossary
from service.schemas.jobs import JobOptions

_LONGEST_ID = 200

Item = Article | FailedItem


@dataclass(frozen=True, slots=True)
class Limits:
    """What one job may bring."""

    articles: int
    text: TextLimits


class _Envelope(JobOptions):
    """A job as an object, its articles not looked at yet."""

    articles: list[Any] = Field(min_length=1)
    glossary: GivenGlossary = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file, and the name that the client gives it."""

    name: str
    content: bytes


class Intake:
    """Makes orders for one caller. All of it takes long for many articles: to be called in a thread."""

    def __init__(self, options: JobOptions, own: Mapping[str, str], limits: Limits) -> None:
        """`options` are those of the request's query; `own` is the glossary of the caller's key."""
        self._options = options
        self._own = own
        self._limits = limits

    def json(self, body: bytes) -> Order:
        """Of an array of articles, or of an object that has `articles` and its own options.

        Raises `ValueError` for what is no JSON, and its subclass `ValidationError` for an object that does not fit; and what
        `order` raises, and `GlossaryInvalid`.
        """
        try:
            given = json.loads(body)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error
        if isinstance(given, list):
            return self._order(given, self._options, {})
        if self._options.model_fields_set:
            raise InputRefused("The options of an object stand in the object, not in the address.")
        envelope = _Envelope.model_validate(given)
        in_force(envelope.glossary, None)
        return self._order(envelope.articles, envelope, envelope.glossary)

    def lines(self, body: bytes) -> Order:
        """Of one article a line, in JSON. Raises what `order` raises."""
        return self.order(list(_lines(body, "line", self._options.source)))

    def files(self, files: Sequence[Upload]) -> Order:
        """Of files: text, HTML, JSON Lines. Raises what `order` raises."""
        return self.order([item for file in files for item in _file(file, self._options.source)])

    def order(self, items: Sequence[Item]) -> Order:
        """Of articles that are read already. Raises `EmptyText` where there is none, `InputTooLong` where there are too many."""
        return self._made(items, self._options, {})

    def _order(self, given: Sequence[Any], options: JobOptions, glossary: Mapping[str, str]) -> Order:
        check_count(len(given), self._limits.articles)
        return self._made([_item(value, options.source) for value in given], options, glossary)

    def _made(self, items: Sequence[Item], options: JobOptions, glossary: Mapping[str, str]) -> Order:
        if not items:
            raise EmptyText("There is no article in the request.")
        check_count(len(items), self._limits.articles)
        asked = BriefOptions(**options.model_dump(include=set(BriefOptions.model_fields)))
        checked = [_within(item, self._limits.text) for item in items]
        return Order.of(Recipe(options=asked, glossary=dict(glossary), own=dict(self._own)), checked)


def _within(item: Item, limits: TextLimits) -> Item:
    """The article, or the error that it is too long."""
    if isinstance(item, FailedItem):
        return item
    try:
        limits.check_text(item.text or "")
        limits.check_html(item.html or "")
    except MujazError as error:
        return failed(item.id, error)
    return item


def _item(value: object, source: str, name: str | None = None) -> Item:
    """What `value` is as an article; `name` is its id if it has none, `source` its language if it names none."""
    try:
        article = Article.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"] if part in Article.model_fields)
        told = f"{where}: {first['msg']}" if where else first["msg"]
        return failed(_id_of(value) or name, InputRefused(f"This is no article: {told}."))
    update = {"id": article.id or name}
    if "source" not in article.model_fields_set:
        update["source"] = source
    return article.model_copy(update=update)


def _id_of(value: object) -> str | None:
    try:
        return Article.model_validate({"id": value["id"], "text": ""}).id if isinstance(value, dict) else None
    except (KeyError, ValidationError):
        return None


def _lines(content: bytes, name: str, source: str) -> Iterator[Item]:
    for number, line in enumerate(content.removeprefix(codecs.BOM_UTF8).split(b"\n"), 1):
        if not line.strip():
            continue
        item_id = f"{name}:{number}"[-_LONGEST_ID:]
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            yield failed(item_id, InputRefused("This line is not JSON."))
            continue
        yield _item(value, source, item_id)


def _file(file: Upload, source: str) -> Iterator[Item]:
    name = file.name[-_LONGEST_ID:]
    if name.lower().endswith((".jsonl", ".ndjson")):
        yield from _lines(file.content, name, source)
        return
    html = name.lower().endswith((".html", ".htm", ".xhtml"))
    try:
        text = decode(file.content, html)
    except MujazError as error:
        yield failed(name, error)
        return
    yield _item({"html" if html else "text": text}, source, name)
