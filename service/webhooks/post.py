"""One POST to an address that was checked before: no proxy, no redirect, no cookie; only the status of the answer is read."""

import asyncio
import ssl
from collections.abc import Mapping, Sequence

import h11

from service.webhooks.targets import Target

_PIECE = 4096
_MOST = 16 * 1024  # bytes of an answer's head


async def post(
    target: Target, found: Sequence[str], headers: Mapping[str, str], body: bytes, trust: ssl.SSLContext
) -> int:
    """The status of the answer of `target`, reached at the first of the addresses `found` that can be.

    `trust` holds the certificates that count. Raises `OSError` (`ssl.SSLError` too) and `h11.RemoteProtocolError`.
    """
    reader, writer = await _connected(target, found, trust)
    try:
        connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=_MOST)
        fixed = {"Host": target.authority, "Content-Length": str(len(body)), "Connection": "close"}
        request = h11.Request(method="POST", target=target.path, headers=list({**fixed, **headers}.items()))
        for event in (request, h11.Data(data=body), h11.EndOfMessage()):
            writer.write(connection.send(event) or b"")
        await writer.drain()
        return await _status(connection, reader)
    finally:
        writer.transport.abort()  # whatever else it would say is of no interest


async def _connected(
    target: Target, found: Sequence[str], trust: ssl.SSLContext
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    tls, name = (trust, target.host) if target.secure else (None, None)
    failure = OSError("the host has no address")
    for address in found:
        try:
            return await asyncio.open_connection(address, target.port, limit=_PIECE, ssl=tls, server_hostname=name)
        except OSError as error:
            failure = error
    raise failure


async def _status(connection: h11.Connection, reader: asyncio.StreamReader) -> int:
    """Of the first answer that is not merely informational (1xx)."""
    read = 0
    while read < _MOST:
        event = connection.next_event()
        if isinstance(event, h11.Response):
            return event.status_code
        if event is h11.NEED_DATA:
            data = await reader.read(_PIECE)
            read += len(data)
            connection.receive_data(data)
    raise h11.RemoteProtocolError("the head of the answer is too long")
