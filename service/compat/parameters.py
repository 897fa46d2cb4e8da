"""Parameters as the peers' clients send them: JSON, a form, or all of them in the query string."""

import json
from dataclasses import dataclass
from typing import Any, TypeVar

from fastapi import Request
from pydantic import ValidationError
from starlette.datastructures import UploadFile

from service.errors import BadParameter
from service.schemas.base import Schema

Parameters = dict[str, Any]
Model = TypeVar("Model", bound=Schema)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file of a multipart form."""

    name: str
    data: bytes


async def parameters(request: Request) -> Parameters:
    """What was given: a JSON object as it is; else values by name, in a list where a name is given more than once.

    A form goes before the query. Raises `BadParameter`.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        return _object(await request.body())
    found: Parameters = {name: _one_or_all(request.query_params.getlist(name)) for name in request.query_params}
    async with request.form() as form:
        for name in form:
            found[name] = _one_or_all([await _read(value) for value in form.getlist(name)])
    return found


def checked(model: type[Model], given: Parameters) -> Model:
    """What was given as `model` takes it; what is empty counts as not given.

    Raises `BadParameter` that names the first parameter which does not fit.
    """
    try:
        return model.model_validate({name: value for name, value in given.items() if value not in ("", [])})
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        name = str(first["loc"][0]) if first["loc"] else "body"
        if first["type"] == "missing":
            raise BadParameter(f"Invalid request: missing {name} parameter") from None
        reason = first["msg"].removeprefix("Value error, ")
        raise BadParameter(f"Invalid request: {name} parameter: {reason}") from None


def _object(body: bytes) -> Parameters:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadParameter("Invalid JSON format") from error
    if not isinstance(found, dict):
        raise BadParameter("Invalid JSON format")
    return found


async def _read(value: UploadFile | str) -> Upload | str:
    return value if isinstance(value, str) else Upload(value.filename or "", await value.read())


def _one_or_all(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values
