"""Around the peers' paths: pages of other origins may use LibreTranslate's where that is set; DeepL's answers are numbered."""

from starlette.datastructures import MutableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.compat.peers import DEEPL, LIBRETRANSLATE
from service.logs import request_id


class Peers:
    """Adds the headers that the peers' answers have, refusals included."""

    def __init__(self, app: ASGIApp, origins: frozenset[str]) -> None:
        self._app = app
        self._open = (
            CORSMiddleware(
                app, allow_origins=sorted(origins), allow_methods=["GET", "POST"], allow_headers=["Content-Type"]
            )
            if origins
            else app
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif LIBRETRANSLATE.owns(scope["path"]):
            await self._open(scope, receive, send)
        elif DEEPL.owns(scope["path"]):
            await self._app(scope, receive, _numbered(send))
        else:
            await self._app(scope, receive, send)


def _numbered(send: Send) -> Send:
    async def send_numbered(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message)["X-Trace-ID"] = request_id.get()
        await send(message)

    return send_numbered
