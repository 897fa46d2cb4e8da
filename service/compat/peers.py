"""Which paths are whose, and how each peer tells of an error: {"error": …} and {"message": …}."""

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi.responses import JSONResponse
from starlette.types import Scope

from service.coded import CodedResponse


@dataclass(frozen=True, slots=True)
class Peer:
    """A service whose clients are served; `paths` that end in a slash are followed by more.

    `field` is what an error is told in; `statuses` are those that its clients know an error by, by our code or status.
    """

    paths: tuple[str, ...]
    field: str
    statuses: Mapping[str | int, int]

    def owns(self, path: str) -> bool:
        return any(path.startswith(own) if own.endswith("/") else path == own for own in self.paths)

    def status(self, status: int, code: str) -> int:
        """The peer's status for an error of ours."""
        return self.statuses.get(code, self.statuses.get(status, status))

    def refusal(self, status: int, code: str, message: str, headers: Mapping[str, str]) -> JSONResponse:
        return CodedResponse(code, {self.field: message}, self.status(status, code), headers)


LIBRETRANSLATE = Peer(
    paths=(
        *("/translate", "/detect", "/languages", "/translate_file", "/download_file/"),
        *("/frontend/settings", "/health"),
    ),
    field="error",
    statuses={401: 403, 422: 400, "too_long": 400},
)
DEEPL = Peer(paths=("/v2/",), field="message", statuses={401: 403, 422: 400, "quota_exceeded": 456})

_WORKING = frozenset(("/v2/translate", "/v2/languages"))


def peer_of(path: str) -> Peer | None:
    """The peer that a path belongs to."""
    return next((peer for peer in (LIBRETRANSLATE, DEEPL) if peer.owns(path)), None)


def brings_work(scope: Scope) -> bool:
    """Whether a GET is to be treated as a POST is: clients of DeepL ask for translations, and send bodies, with GET."""
    return scope["method"] == "GET" and scope["path"] in _WORKING
