"""Every error answer has one shape: RFC 9457 `application/problem+json` with `code` and `request_id`, no input."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from models.errors import MujazError, Overloaded
from service.errors import NotReady, row
from service.logs import request_id
from service.schemas.system import FieldProblem, Problem

PROBLEM = "application/problem+json"
RETRY_SECONDS = 1
"""What `Retry-After` says: places free up as soon as any request is answered."""

_RETRY = (Overloaded, NotReady)

CODE = "mujaz.code"
"""Where in its scope a request that was answered with an error holds the error's code, for the log and the metrics."""

HTTP = {
    400: ("bad_request", "Bad request", "The request could not be parsed."),
    404: ("not_found", "Not found", "There is nothing at this address; /docs lists what there is."),
    405: ("method_not_allowed", "Method not allowed", "This address does not answer this method; see Allow."),
    415: ("unsupported_media_type", "Unsupported media type", "Send JSON, with Content-Type: application/json."),
    422: ("invalid_request", "Invalid request", "The request does not fit the schema; see errors."),
    500: ("internal", "Internal error", "Something failed inside Mujaz; quote the request id to its operator."),
}
"""What HTTP itself refuses: status to code, title and detail."""


class ProblemResponse(JSONResponse):
    """A problem on its way out; it leaves its code in the request's scope."""

    def __init__(self, problem: Problem, headers: Mapping[str, str] | None = None) -> None:
        content = problem.model_dump(exclude_none=True)
        super().__init__(content, problem.status, media_type=PROBLEM, headers=dict(headers) if headers else None)
        self._code = problem.code

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[CODE] = self._code
        await super().__call__(scope, receive, send)


def response(error: MujazError) -> JSONResponse:
    """The problem that answers a request which raised `error`."""
    found = row(error)
    headers = {"Retry-After": str(RETRY_SECONDS)} if isinstance(error, _RETRY) else {}
    return _problem(found.status, error.code, found.title, str(error), headers=headers)


def http_response(
    status: int, *, errors: Sequence[FieldProblem] | None = None, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """The problem for what HTTP itself refuses."""
    code, title, detail = HTTP.get(status, (f"http_{status}", "Refused", "The request was refused."))
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
    return ProblemResponse(problem, headers)


def install(app: FastAPI) -> None:
    """Make every error of `app` a problem. Whatever is not handled here is caught by the outermost middleware."""
    app.add_exception_handler(MujazError, _on_domain_error)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)


async def _on_domain_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, MujazError)
    return response(error)


async def _on_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return http_response(error.status_code, headers=error.headers)


async def _on_invalid(request: Request, error: Exception) -> JSONResponse:
    """A body that is no JSON, or does not fit. pydantic's `input` and `ctx` quote the request and are left out."""
    assert isinstance(error, RequestValidationError)
    if not _is_json(request.headers.get("content-type", "")):
        return http_response(415)
    found = error.errors()
    if any(item["type"] == "json_invalid" for item in found):
        return http_response(400)
    return http_response(422, errors=[_field(item) for item in found])


def _is_json(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))


_NAME = re.compile(r"[A-Za-z0-9_.\-]{1,64}")


def _field(item: Mapping[str, Any]) -> FieldProblem:
    """Where and what, without the value. The name of an unknown field is the sender's: shown if it looks like a name."""
    parts = [str(part) for part in item["loc"]]
    where = ".".join(part if _NAME.fullmatch(part) else "?" for part in parts)
    return FieldProblem(where=where, message=str(item["msg"]).removeprefix("Value error, "))
