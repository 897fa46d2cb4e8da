"""HTTP/1.1 as uvicorn speaks it, with what it leaves out: time limits on clients, and a limit on their number.

uvicorn closes a connection that was used and is idle, but waits for ever for a first request, for the rest of a header, and for a
client to take its answer. How long a body may take is `service.middleware.Guard`'s.
"""

import asyncio
import socket
from functools import partial
from typing import Any, cast

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

_FULL = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_LATE = b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class PatientProtocol(H11Protocol):
    """A connection that must send a request's headers, and take what it is sent, within `seconds`.

    Of more than `connections` at one time, the one that has kept the server waiting longest makes room for the newest.
    """

    def __init__(self, *args: Any, seconds: float, connections: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._seconds = seconds
        self._most = connections
        self._since = self.loop.time()  # since when a request is waited for
        self._late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        # The system itself ends a connection whose client takes nothing, also after the answer was handed to it.
        if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux
            peer = transport.get_extra_info("socket")
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(self._seconds * 1000))
        self._await_request()
        if len(self.connections) > self._most and not self._make_room():
            transport.write(_FULL)
            transport.close()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if not self._waiting():
            self._cancel()

    def on_response_complete(self) -> None:
        super().on_response_complete()  # goes on with the next request if that is here already
        if self._waiting() and not self.transport.is_closing():
            self._await_request()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, unless an answer was begun; the app, if it has the request's beginning, is too late."""
        answerable = self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE)
        if not self._waiting():
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if answerable:
            super().send_400_response(msg)
        else:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._cancel()
        super().connection_lost(exc)

    def _waiting(self) -> bool:
        """Whether a request's headers are waited for: no request is being answered."""
        return self.cycle is None or self.cycle.response_complete

    def _await_request(self) -> None:
        self._cancel()
        self._since = self.loop.time()
        self._late = self.loop.call_later(self._seconds, self._end)

    def _cancel(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _end(self) -> None:
        if self.conn.trailing_data[0]:  # a request has begun
            self.transport.write(_LATE)
        self.transport.close()

    def _make_room(self) -> bool:
        """End the connection, other than this, from which something has been waited for longest; False if there is none."""
        others = (other for other in self.connections if isinstance(other, PatientProtocol) and other is not self)
        slow = [other for other in others if other._owes() and not other.transport.is_closing()]
        if slow:
            min(slow, key=lambda other: other._since).transport.abort()
        return bool(slow)

    def _owes(self) -> bool:
        """Whether the client has yet to send a request, or the rest of one."""
        return self._waiting() or self.cycle.more_body


def patient(seconds: float, connections: int) -> type[asyncio.Protocol]:
    """What uvicorn is to make of each connection."""
    return cast(type[asyncio.Protocol], partial(PatientProtocol, seconds=seconds, connections=connections))
