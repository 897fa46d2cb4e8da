"""Articles written as JSON: one a line, or an array of them. One that is bad is its own error and no other's."""

import codecs
import json
from collections.abc import Iterator
from typing import BinaryIO

from pydantic import ValidationError

from models.errors import InputRefused, InputTooLong
from service.errors import failed
from service.limits import TextLimits
from service.schemas.briefs import Article, FailedItem
from service.uploads.encoding import decode
from service.uploads.names import LONGEST

_BYTES_PER_CHARACTER = 4  # the most that one takes, in UTF-8 and in UTF-16


def longest_file(limits: TextLimits) -> int:
    """The bytes that one article may have as a file."""
    return max(limits.article_chars, limits.html_chars) * _BYTES_PER_CHARACTER


def read_lines(file: BinaryIO, name: str, source: str, limits: TextLimits) -> Iterator[Article | FailedItem]:
    """One article a line, in UTF-8 as JSON demands; `name` and the number of its line are the id of one without."""
    longest = 2 * longest_file(limits)  # JSON may escape
    number = 0
    while line := file.readline(longest):
        number += 1
        item_id = _id(name, number)
        if len(line) == longest and not line.endswith(b"\n"):
            while (rest := file.readline(longest)) and not rest.endswith(b"\n"):
                pass
            yield failed(item_id, InputTooLong(f"The line is longer than {longest} bytes."))
            continue
        line = line.removeprefix(codecs.BOM_UTF8).strip()
        if line:
            yield _line(line, item_id, source)


def read_array(content: bytes, name: str, source: str) -> Iterator[Article | FailedItem]:
    """The articles of an array, or the only one of an object. Raises `InputRefused` for what is no JSON, and `NotText`."""
    given = _parsed(decode(content))
    items = given if isinstance(given, list) else [given]
    if not items:
        raise InputRefused("The file holds no article.")
    for number, item in enumerate(items, start=1):
        yield as_article(item, _id(name, number), source)


def _line(line: bytes, item_id: str, source: str) -> Article | FailedItem:
    try:
        return as_article(_parsed(line), item_id, source)
    except InputRefused as error:
        return failed(item_id, error)


def _parsed(written: str | bytes) -> object:
    """What is written as JSON, by the same reader that reads the bodies of requests. Raises `InputRefused`."""
    try:
        return json.loads(written)
    except (ValueError, RecursionError) as error:
        raise InputRefused("This is not JSON.") from error


def as_article(given: object, item_id: str | None, source: str) -> Article | FailedItem:
    """What is `given` as an article, or what is wrong with it; `item_id` is its id and `source` its language if it names none."""
    try:
        article = Article.model_validate(given)
    except ValidationError as error:
        return failed(_id_of(given) or item_id, InputRefused(f"This is no article: {_told(error)}."))
    update = {"id": article.id or item_id}
    if "source" not in article.model_fields_set:
        update["source"] = source
    return article.model_copy(update=update)


def _id_of(given: object) -> str | None:
    """The id of what is no article, if that is one."""
    try:
        return Article.model_validate({"id": given["id"], "text": ""}).id if isinstance(given, dict) else None
    except (KeyError, ValidationError):
        return None


def _told(error: ValidationError) -> str:
    """What is wrong, without the input."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg']}" if where else str(first["msg"])


def _id(name: str, number: int) -> str:
    return f"{name}:{number}"[-LONGEST:]
