"""The gate: no request gets past it without the key that its address asks for. It stands before the body is read."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from models.errors import MujazError
from service.callers import CALLER, Caller
from service.deps import Context
from service.keys import scopes
from service.keys.access import Access
from service.keys.rates import Bucket
from service.problems import http_response, response

_SCHEMES = ("bearer", "deepl-auth-key")


async def identify(context: Context, secret: str) -> Caller:
    """Who `secret` is the key of: for peers' endpoints, whose clients send it in the body or the query (`scopes.OWN`).

    Raises `KeyMissing`, `KeyInvalid`, `ScopeMissing`, `RateExceeded`; `NotReady` and `StoreUnavailable` where keys cannot
    be told. Where no keys are required, everybody is anybody.
    """
    return await context.access.identify(secret, "read")


def key_in(headers: Headers) -> str:
    """The key as `Authorization: Bearer`, `Authorization: DeepL-Auth-Key` or `X-API-Key` has it; empty if there is none."""
    scheme, _, credentials = headers.get("authorization", "").partition(" ")
    if scheme.lower() in _SCHEMES:
        return credentials.strip()
    return headers.get("x-api-key", "").strip()


class Gate:
    """Lets those in who may come in, and puts into the scope who they are; the key itself goes no further."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not self._access.required or scope["method"] == "OPTIONS":
            await self._app(scope, receive, send)  # a browser asks OPTIONS without a key
            return
        need = scopes.need(scope["path"])
        if need == scopes.OPEN or need == scopes.OWN:
            await self._app(scope, receive, send)
            return
        bucket = None
        try:
            key = self._access.find(key_in(Headers(scope=scope)))
            bucket = self._access.bucket(key)
            if need is None:
                await _refuse(http_response(404, scope["path"]), scope, receive, send)
                return
            scope[CALLER] = await self._access.admit(key, need)
        except MujazError as error:
            await _refuse(response(error, scope["path"]), scope, receive, _telling(bucket, send))
        else:
            await self._app(scope, receive, _telling(bucket, send))


async def _refuse(refusal: Response, scope: Scope, receive: Receive, send: Send) -> None:
    refusal.headers["Connection"] = "close"  # the body is not read
    await refusal(scope, receive, send)


def _telling(bucket: Bucket | None, send: Send) -> Send:
    """`send`, with the rate in the headers of the answer: those of the IETF's draft (draft-ietf-httpapi-ratelimit-headers)."""
    if bucket is None:
        return send

    async def send_told(message: Message) -> None:
        if message["type"] == "http.response.start":
            left, seconds = bucket.left()
            headers = MutableHeaders(scope=message)
            headers["RateLimit-Policy"] = f'"requests";q={bucket.rate};w=60'
            headers["RateLimit"] = f'"requests";r={left};t={seconds}'
        await send(message)

    return send_told
