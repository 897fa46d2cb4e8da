"""The peers' endpoints in the OpenAPI description: bodies of several content types, and what is answered instead of 200."""

from typing import Any

from service.schemas.base import Schema
from service.schemas.deepl import DeepLTranslation
from service.schemas.libretranslate import LibreFile, LibreText, LibreTranslation

Responses = dict[int | str, dict[str, Any]]

REQUESTS: tuple[type[Schema], ...] = (LibreTranslation, LibreText, LibreFile, DeepLTranslation)
"""The schemas that `body` refers to; FastAPI does not find them by itself."""

_MEANINGS = {
    400: "A parameter is missing or cannot be served; or the text is too long.",
    403: "The key is not known, or may not do this.",
    404: "It does not exist.",
    408: "The body did not arrive in time.",
    413: "The request, or a text, is too large.",
    429: "Too many requests; Retry-After says when to try again.",
    456: "The quota of the key is used up.",
    500: "The translation failed.",
    503: "Overloaded, or no translator is ready; Retry-After says when to try again where that helps.",
    504: "The translation took too long.",
}
WORK = (400, 403, 408, 413, 429, 500, 503, 504)
"""What a request that brings work may be refused with."""


def refused(model: type[Schema], *statuses: int) -> Responses:
    """Those answers, in the peer's shape."""
    return {status: {"model": model, "description": _MEANINGS[status]} for status in statuses}


def body(model: type[Schema], *kinds: str, **more: Any) -> dict[str, Any]:
    """The description of a body that may be of several content types; `more` is added to each one's schema."""
    schema: dict[str, Any] = {"$ref": f"#/components/schemas/{model.__name__}"}
    if more:
        schema = {"allOf": [schema, {"type": "object", **more}]}
    return {"requestBody": {"content": {kind: {"schema": schema} for kind in kinds}}}
