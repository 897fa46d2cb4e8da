"""Around every request: its id, log line and metrics (`Trace`); its limits, deadline and cancellation (`Guard`)."""

import asyncio
import logging
import math
import re
import time
import uuid
from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from models.errors import Cancelled, DeadlineExceeded, MujazError
from service.coded import CODE
from service.compat.peers import brings_work
from service.drain import Drain
from service.errors import BodyTooLarge, BodyTooSlow, ShuttingDown, row
from service.limits import Admission, Ticket
from service.logs import request_id
from service.metrics import Metrics
from service.problems import http_response, response
from service.tracing.spans import Span, Tracer, answered, no_more_stages, recorded, stage

logger = logging.getLogger("mujaz.requests")

_SANE_ID = re.compile(r"[A-Za-z0-9._\-]{1,64}")
_HEADERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
_BODILESS = ("GET", "HEAD", "OPTIONS")
_METHODS = (*_BODILESS, "POST", "PUT", "PATCH", "DELETE")
_PROBES = ("/healthz", "/readyz", "/metrics", "/health")  # asked every few seconds, and not traced
_QUEUED = "/v1/jobs"  # what is sent there waits on disk, not for a place in a lane
_WAIT = re.compile(r'(?:^|,)\s*wait\s*=\s*"?(\d{1,6})"?\s*(?:[,;]|$)', re.IGNORECASE)
_ENDING = "The server is being stopped; send the request to another one, or again shortly."
GRACE = 1.0
"""Seconds beyond the deadline in which a batch may still put together the answers it has."""


class Trace:
    """The outermost layer: gives the request its id, catches what nobody else did, logs and counts the answer."""

    def __init__(self, app: ASGIApp, metrics: Metrics, tracer: Tracer | None = None) -> None:
        self._app = app
        self._metrics = metrics
        self._tracer = tracer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get("x-request-id", "")
        token = request_id.set(given if _SANE_ID.fullmatch(given) else uuid.uuid4().hex)
        tracer = self._tracer if scope["path"] not in _PROBES else None
        try:
            with recorded(tracer.request(headers.get("traceparent", "")) if tracer else None) as span:
                await self._answer(scope, receive, send, span)
        finally:
            request_id.reset(token)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, span: Span | None) -> None:
        started = time.perf_counter()
        status: int | None = None
        failure: str | None = None
        current = request_id.get()

        async def send_traced(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = current
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                no_more_stages()
            await send(message)

        try:
            await self._app(scope, receive, send_traced)
        except Exception as error:
            logger.exception("request failed")
            failure = type(error).__name__
            if status is None:
                await http_response(500, scope["path"])(scope, receive, send_traced)
        finally:
            self._record(scope, status, time.perf_counter() - started, span)
            if span and failure:
                span.fail(failure)  # says more than the code of the answer

    def _record(self, scope: Scope, status: int | None, seconds: float, span: Span | None) -> None:
        route = getattr(scope.get("route"), "path", "unmatched")
        code: str | None = scope.get(CODE)
        if status is None:
            status, code = row(Cancelled()).status, Cancelled.code
        self._metrics.request(route, status, seconds, code)
        method = scope["method"] if scope["method"] in _METHODS else "other"  # a client may make up its own
        extra = {"method": method, "route": route, "status": status, "ms": round(seconds * 1000, 1)}
        extra |= {"code": code} if code else {}
        logger.info("request", extra=extra)
        if span:
            answered(span, method, route, status, code)


class Guard:
    """Reads a request's body up to the limit, admits the request, and ends its work when nobody waits for it."""

    def __init__(
        self,
        app: ASGIApp,
        admission: Admission,
        drain: Drain,
        *,
        body_bytes: int,
        larger: Mapping[str, int],
        transfer: float,
        deadline: float,
    ) -> None:
        """`body_bytes` is the largest body, but for the paths that `larger` names; `transfer` and `deadline` are in seconds."""
        self._app = app
        self._admission = admission
        self._drain = drain
        self._transfer = transfer
        self._deadline = deadline
        self._body_bytes = body_bytes
        self._larger = larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or (scope["method"] in _BODILESS and not brings_work(scope)):
            await self._app(scope, receive, send)
            return
        answering = False

        async def send_noted(message: Message) -> None:
            nonlocal answering
            answering = True
            await send(message)

        # One time for both: the routes' own deadline (answers of a batch that are ready are kept), and the hard end.
        scope["mujaz.deadline"] = asyncio.get_running_loop().time() + min(self._deadline, _patience(scope))
        try:
            if self._drain.begun:
                raise ShuttingDown(_ENDING)
            if not scope["path"].startswith(_QUEUED):
                # Before the body is read; who is slow to send it takes nobody's place.
                self._admission.check(scope["path"])
            with self._admission.receive() as ticket:
                with stage("receive"):
                    body = await self._receive(scope, receive, ticket)
                with self._admission.enter():
                    async with asyncio.timeout_at(scope["mujaz.deadline"] + GRACE):
                        await self._work(scope, body, receive, send_noted)
        except Cancelled:
            pass  # nobody is there to be answered
        except TimeoutError:
            if not answering:
                error = DeadlineExceeded("The request took too long.")
                await response(error, scope["path"])(scope, receive, send)
        except MujazError as error:
            if answering:
                return  # too late for a refusal: the connection ends with the server
            refusal = response(error, scope["path"])
            refusal.headers["Connection"] = "close"  # what is left of the body is not read
            await refusal(scope, receive, send)

    async def _receive(self, scope: Scope, receive: Receive, ticket: Ticket) -> bytes:
        """The body. Raises `BodyTooLarge`, `BodyTooSlow`, `Cancelled` and `Overloaded`."""
        try:
            async with asyncio.timeout(self._transfer):
                body = await self._read(scope, receive, ticket)
        except TimeoutError as error:
            raise BodyTooSlow(f"The request body did not arrive within {self._transfer:g} seconds.") from error
        scope["mujaz.size"] = len(body)
        return body

    async def _read(self, scope: Scope, receive: Receive, ticket: Ticket) -> bytes:
        """The body, refused as soon as it is known to be too large; the announced length is not trusted."""
        most = self._larger.get(scope["path"], self._body_bytes)
        announced = Headers(scope=scope).get("content-length", "")
        if announced.isdecimal() and int(announced) > most:
            raise _too_large(most)
        chunks: list[bytes] = []
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Cancelled("The client went away before the request was complete.")
            chunk = message.get("body", b"")
            ticket.hold(len(chunk))
            if ticket.held > most:
                raise _too_large(most)
            chunks.append(chunk)
            more = message.get("more_body", False)
        return b"".join(chunks)

    async def _work(self, scope: Scope, body: bytes, receive: Receive, send: Send) -> None:
        """Run the app on `body`; when the client disconnects first, the work is cancelled and so leaves the queues.

        Raises `Cancelled` then, and `ShuttingDown` when the server ends first.
        """
        gone = asyncio.ensure_future(_disconnect(receive))
        ended = asyncio.ensure_future(self._drain.ended.wait())
        unread: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def replay() -> Message:
            if unread:
                return unread.pop()
            return await asyncio.shield(gone)

        work = asyncio.ensure_future(self._app(scope, replay, send))
        try:
            await asyncio.wait((work, gone, ended), return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                await work
            elif gone.done():
                raise Cancelled("The client went away before the answer.")
            else:
                raise ShuttingDown(_ENDING)
        finally:
            for task in (work, gone, ended):
                task.cancel()
            await asyncio.gather(work, gone, ended, return_exceptions=True)


def _too_large(most: int) -> BodyTooLarge:
    return BodyTooLarge(f"The request body exceeds {most} bytes; send fewer articles at a time.")


def _patience(scope: Scope) -> float:
    """The seconds that the client is willing to wait, if it says so: `Prefer: wait=10` (RFC 7240)."""
    asked = _WAIT.search(",".join(Headers(scope=scope).getlist("prefer")))
    return float(asked[1]) if asked else math.inf


async def _disconnect(receive: Receive) -> Message:
    while (message := await receive())["type"] != "http.disconnect":
        pass
    return message
