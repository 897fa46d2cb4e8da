"""`/docs`: the reference page, and `/openapi.json` that it is made from."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from service.reference import render

router = APIRouter(include_in_schema=False)

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


@router.get("/docs")
def docs(request: Request) -> HTMLResponse:
    """The API reference; it has no script and loads nothing."""
    return HTMLResponse(render(request.app.openapi()), headers={"Content-Security-Policy": _POLICY})


@router.get("/openapi.json")
async def openapi(request: Request) -> dict[str, Any]:
    """The OpenAPI description."""
    description: dict[str, Any] = request.app.openapi()
    return description
