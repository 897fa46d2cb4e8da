"""Keys in the OpenAPI description of a server that requires them: how they are sent, and what is answered without."""

from typing import Any, Final

from service.compat.peers import peer_of
from service.errors import KeyInvalid, KeyMissing, NotReady, QuotaExceeded, RateExceeded, ScopeMissing, StoreUnavailable
from service.keys import scopes
from service.routes.refusals import add_refusals

_SCHEMES: Final = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "An API key, made with `mujaz keys add`."},
    "header": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "The same key."},
}
_ERRORS = (KeyMissing, KeyInvalid, ScopeMissing, RateExceeded, NotReady, StoreUnavailable)
_RATE: Final = {
    "RateLimit-Policy": {
        "description": "If the key has a rate: `q` requests in `w` seconds.",
        "schema": {"type": "string"},
    },
    "RateLimit": {
        "description": "How many requests are left (`r`), and the seconds until all are back (`t`).",
        "schema": {"type": "string"},
    },
}


def describe(document: dict[str, Any]) -> None:
    """Amend an OpenAPI document in place: every operation that the gate asks a key for says so, with the scope."""
    document["components"]["securitySchemes"] = dict(_SCHEMES)
    for path, operations in document["paths"].items():
        need = scopes.need(path)
        if need in (scopes.OPEN, scopes.OWN) or peer_of(path):  # peers' routes describe their own answers
            continue
        for method, operation in operations.items():
            operation["security"] = [{name: []} for name in _SCHEMES]
            operation["description"] = (
                f"{operation.get('description', '')}\n\nNeeds a key with the scope {need}.".strip()
            )
            add_refusals(operation["responses"], *_ERRORS, *([QuotaExceeded] if method == "post" else []))
            for answer in operation["responses"].values():
                answer.setdefault("headers", {}).update(_RATE)
