"""`/metrics` at an address of its own, so that only those who watch the service can ask for it."""

import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST

from service.metrics import Metrics
from service.settings import SettingsError

logger = logging.getLogger(__name__)


class _Server(ThreadingHTTPServer):
    """Beside the service's own server, in threads: it answers also while the event loop is busy."""

    daemon_threads = True

    def __init__(self, metrics: Metrics, family: socket.AddressFamily, address: Any) -> None:
        self.metrics = metrics
        self.address_family = family
        super().__init__(address, _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """Without the address, which the base class would print."""
        logger.exception("the metrics could not be sent")


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = 10.0  # seconds for a client to say what it wants

    def do_GET(self) -> None:
        if self.path.partition("?")[0] != "/metrics":
            self.send_error(404)
            return
        body = self.server.metrics.expose()
        self.send_response(200)
        self.send_header("Content-Type", CONTENT_TYPE_LATEST)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the base class would print the address."""


@contextmanager
def exposed(metrics: Metrics, address: tuple[str, int] | None) -> Iterator[None]:
    """Serve the metrics at `address`, in threads, until the block ends; without an address, do nothing.

    Raises `SettingsError` when the address cannot be had.
    """
    if address is None:
        yield
        return
    try:
        family, _, _, _, found = socket.getaddrinfo(*address, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        server = _Server(metrics, family, found)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise SettingsError(f"MUJAZ_METRICS_ADDRESS: {address[0]}:{address[1]} cannot be had ({reason}).") from error
    thread = threading.Thread(target=server.serve_forever, name="metrics", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
