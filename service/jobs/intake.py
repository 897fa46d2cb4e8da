"""Bodies of requests become orders. A bad article or line is an error of its own; only what concerns all is raised."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from pydantic import Field

from models.errors import EmptyText, InputRefused, MujazError
from service.errors import failed
from service.glossaries import in_force
from service.jobs.submission import Order, Recipe
from service.limits import TextLimits, check_count
from service.schemas.briefs import Article, BriefOptions, FailedItem, GivenGlossary
from service.schemas.jobs import JobOptions, JobQuery, Webhook
from service.uploads.records import as_article, read_lines

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
    webhook: Webhook | None = None


class Intake:
    """Makes orders for one caller. All of it takes long for many articles: to be called in a thread."""

    def __init__(self, options: JobQuery, own: Mapping[str, str], limits: Limits) -> None:
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
            return self._order(given, self._options, {}, self._options.webhook)
        if self._options.model_fields_set:
            raise InputRefused("The options of an object stand in the object, not in the address.")
        envelope = _Envelope.model_validate(given)
        in_force(envelope.glossary, None, None)
        webhook = envelope.webhook.url if envelope.webhook else None
        return self._order(envelope.articles, envelope, envelope.glossary, webhook)

    def lines(self, body: bytes) -> Order:
        """Of one article a line, in JSON. Raises what `order` raises."""
        return self.order(list(read_lines(BytesIO(body), "line", self._options.source, self._limits.text)))

    def order(self, items: Sequence[Item]) -> Order:
        """Of articles that are read already. Raises `EmptyText` where there is none, `InputTooLong` where there are too many."""
        return self._made(items, self._options, {}, self._options.webhook)

    def _order(
        self, given: Sequence[Any], options: JobOptions, glossary: Mapping[str, str], webhook: str | None
    ) -> Order:
        check_count(len(given), self._limits.articles)
        return self._made([as_article(value, None, options.source) for value in given], options, glossary, webhook)

    def _made(
        self, items: Sequence[Item], options: JobOptions, glossary: Mapping[str, str], webhook: str | None
    ) -> Order:
        if not items:
            raise EmptyText("There is no article in the request.")
        check_count(len(items), self._limits.articles)
        asked = BriefOptions(**options.model_dump(include=set(BriefOptions.model_fields)))
        checked = [_within(item, self._limits.text) for item in items]
        return Order.of(Recipe(options=asked, glossary=dict(glossary), own=dict(self._own)), checked, webhook)


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
