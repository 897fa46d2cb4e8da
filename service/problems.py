"""Every error answer has one shape: RFC 9457 `application/problem+json` with `code` and `request_id`, no input."""

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match

from models.errors import MujazError, Overloaded
from service.coded import CodedResponse
from service.compat.peers import peer_of
from service.errors import KeyInvalid, KeyMissing, NotReady, ScopeMissing, ShuttingDown, StoreUnavailable, TooMuch, row
from service.logs import request_id
from service.schemas.system import FieldProblem, Problem

PROBLEM = "application/problem+json"
RETRY_SECONDS = 1
"""What `Retry-After` says: places free up as soon as any request is answered."""

HTTP = {
    400: ("bad_request", "Bad request", "The request could not be parsed."),
    404: ("not_found", "Not found", "There is nothing at this address; /docs lists what there is."),
    405: ("method_not_allowed", "Method not allowed", "This address does not answer this method; see Allow."),
    415: ("unsupported_media_type", "Unsupported media type", "Send JSON, with Content-Type: application/json."),
    422: ("invalid_request", "Invalid request", "The request does not fit the schema; see errors."),
    500: ("internal", "Internal error", "Something failed inside Mujaz; quote the request id to its operator."),
}
"""What HTTP itself refuses: status to code, title and detail."""


def response(error: MujazError, path: str = "") -> JSONResponse:
    """The problem that answers a request for `path` which raised `error`; a peer's path is answered in the peer's way."""
    found = row(error)
    headers = headers_of(error)
    if peer := peer_of(path):
        return peer.refusal(found.status, error.code, str(error), headers)
    return _problem(found.status, error.code, found.title, str(error), headers=headers)


def headers_of(error: MujazError) -> dict[str, str]:
    """When to come again, or with which key (RFC 6750): what the status of an error asks for, in whatever form it is told."""
    match error:
        case Overloaded() | NotReady() | ShuttingDown() | StoreUnavailable():
            return {"Retry-After": str(RETRY_SECONDS)}
        case TooMuch():
            return {"Retry-After": str(error.seconds)}
        case KeyMissing():
            return {"WWW-Authenticate": 'Bearer realm="mujaz"'}
        case KeyInvalid():
            return {"WWW-Authenticate": 'Bearer realm="mujaz", error="invalid_token"'}
        case ScopeMissing():
            return {"WWW-Authenticate": f'Bearer realm="mujaz", error="insufficient_scope", scope="{error.scope}"'}
    return {}


def http_response(
    status: int,
    path: str = "",
    *,
    errors: Sequence[FieldProblem] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """The problem for what HTTP itself refuses; a peer's path is answered in the peer's way."""
    code, title, detail = HTTP.get(status, (f"http_{status}", "Refused", "The request was refused."))
    if peer := peer_of(path):
        return peer.refusal(status, code, detail, headers or {})
    return _problem(status, code, title, detail, errors=errors, headers=headers)


def _problem(
    status: int,
    code: str,
    title: str,
    detail: str,
    *,
    errors: Sequence[FieldProblem] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    problem = Problem(
        type=f"/docs#error-{code}",
        title=title,
        status=status,
        detail=detail,
        code=code,
        request_id=request_id.get(),
        errors=list(errors) if errors else None,
    )
    return CodedResponse(code, problem.model_dump(exclude_none=True), status, headers, PROBLEM)


def install(app: FastAPI, routers: Sequence[APIRouter]) -> None:
    """Make every error of `app`, which has `routers`, a problem. What is not handled here the outermost middleware catches."""
    app.state.routes = [route for router in routers for route in router.routes]
    app.add_exception_handler(MujazError, _on_domain_error)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)


async def _on_domain_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, MujazError)
    return response(error, request.scope["path"])


async def _on_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    headers = {"Allow": _allowed(request)} if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED else error.headers
    return http_response(error.status_code, request.scope["path"], headers=headers)


def _allowed(request: Request) -> str:
    """The methods of every route at the address; Starlette tells those of the first only."""
    routes = (route for route in request.app.state.routes if route.matches(request.scope)[0] != Match.NONE)
    return ", ".join(sorted({method for route in routes for method in getattr(route, "methods", None) or ()}))


async def _on_invalid(request: Request, error: Exception) -> JSONResponse:
    """A body that is no JSON, or does not fit. pydantic's `input` and `ctx` quote the request and are left out."""
    assert isinstance(error, RequestValidationError)
    found = error.errors()
    if any(item["loc"][:1] == ("body",) for item in found) and not is_json(request.headers.get("content-type", "")):
        return http_response(415)
    if any(item["type"] == "json_invalid" for item in found):
        return http_response(400)
    return http_response(422, errors=[_field(item) for item in found])


def is_json(content_type: str) -> bool:
    """Whether a Content-Type names JSON."""
    kind = content_type.partition(";")[0].strip().lower()
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))


_NAME = re.compile(r"[A-Za-z0-9_.\-]{1,64}")


def _field(item: Mapping[str, Any]) -> FieldProblem:
    """Where and what, without the value. The name of an unknown field is the sender's: shown if it looks like a name."""
    parts = [str(part) for part in item["loc"]]
    where = ".".join(part if _NAME.fullmatch(part) else "?" for part in parts)
    return FieldProblem(where=where, message=str(item["msg"]).removeprefix("Value error, "))
