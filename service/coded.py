"""An error on its way out; it leaves its code in the request's scope, for the log and the metrics."""

from collections.abc import Mapping
from typing import Any

from fastapi.responses import JSONResponse
from starlette.types import Receive, Scope, Send

CODE = "mujaz.code"
"""Where the scope of a request that was answered with an error holds the error's code."""


class CodedResponse(JSONResponse):
    """The answer `content`, for the error `code`."""

    def __init__(
        self,
        code: str,
        content: Any,
        status: int,
        headers: Mapping[str, str] | None = None,
        media_type: str = "application/json",
    ) -> None:
        super().__init__(content, status, dict(headers) if headers else None, media_type)
        self._code = code

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[CODE] = self._code
        await super().__call__(scope, receive, send)
