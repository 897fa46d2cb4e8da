"""Which scope each address asks for. What is listed nowhere here is refused where keys are required."""

from collections.abc import Mapping
from typing import Final, Literal

from service.callers import Scope

OPEN: Final = "open"
"""Needs no key: what probes, load balancers and readers of the documentation ask for, and what LibreTranslate leaves open."""
OWN: Final = "own"
"""Asks for the key itself, since its clients send it in the body or the query: peers' endpoints (service/compat)."""

Need = Scope | Literal["open", "own"]

_EXACT: Mapping[str, Need] = {
    "/healthz": OPEN,
    "/readyz": OPEN,
    "/docs": OPEN,
    "/openapi.json": OPEN,
    "/metrics": "admin",
    "/v1/brief": "read",
    "/v1/translate": "read",
    "/v1/summarize": "read",
    "/v1/detect": "read",
    "/v1/languages": "read",
    "/v1/models": "read",
    "/v1/jobs": "jobs",
    "/translate": OWN,
    "/detect": OWN,
    "/translate_file": OWN,
    "/languages": OPEN,
    "/frontend/settings": OPEN,
    "/health": OPEN,
    "/v2/translate": OWN,
    "/v2/usage": OWN,
    "/v2/languages": "read",
    "/v2/glossary-language-pairs": "read",
}
_BELOW: Mapping[str, Need] = {
    "/v1/jobs/": "jobs",
    "/download_file/": OPEN,  # as with LibreTranslate, the name of a translated file is its secret
}


def need(path: str) -> Need | None:
    """What a path (or a route's template) asks for; None if it is not listed."""
    found = _EXACT.get(path.rstrip("/"))
    return found or next((scope for start, scope in _BELOW.items() if path.startswith(start)), None)
