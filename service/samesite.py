"""What another site's page has a browser send blindly is refused: a form needs no leave, and a loopback server no key."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from service.compat.peers import LIBRETRANSLATE
from service.errors import CrossSite
from service.problems import response

_READING = ("GET", "HEAD", "OPTIONS")


class SameSite:
    """Goes by `Sec-Fetch-Site`, which browsers set and pages cannot."""

    def __init__(self, app: ASGIApp, *, shared: bool) -> None:
        """`shared`: LibreTranslate's paths are open to pages of other origins."""
        self._app = app
        self._shared = shared

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self._blind(scope):
            refusal = response(CrossSite("A page of another site sent this; see MUJAZ_CORS."), scope["path"])
            refusal.headers["Connection"] = "close"  # the body is not read
            await refusal(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _blind(self, scope: Scope) -> bool:
        if scope["method"] in _READING or (self._shared and LIBRETRANSLATE.owns(scope["path"])):
            return False
        return Headers(scope=scope).get("sec-fetch-site") == "cross-site"
