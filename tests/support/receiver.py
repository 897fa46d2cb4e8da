"""A real HTTP server that webhooks are sent to, on this machine."""

import ssl
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = int | Callable[[BaseHTTPRequestHandler], None]


class Receiver(ThreadingHTTPServer):
    """Keeps what is sent; answers with `answers` in turn (a status, or a function that answers), and then 204."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.received: list[tuple[str, dict[str, str], bytes]] = []
        self.answers: deque[Answer] = deque()
        self.over = threading.Event()
        """Set at the end of the test: what hangs may end."""

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    def hang(self, _: BaseHTTPRequestHandler) -> None:
        """Never answer."""
        self.over.wait(30)

    def handle_error(self, *_: object) -> None: ...


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((self.path, dict(self.headers.items()), body))
        answer: Answer = self.server.answers.popleft() if self.server.answers else 204
        if callable(answer):
            answer(self)
            return
        self.send_response(answer)
        if answer in (301, 307):
            self.send_header("Location", f"http://{self.server.host}/elsewhere")
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


@contextmanager
def receiving(tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """A receiver that runs, with TLS if there is a context for it."""
    with Receiver() as receiver:
        if tls:
            receiver.socket = tls.wrap_socket(receiver.socket, server_side=True)
        thread = threading.Thread(target=receiver.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield receiver
        finally:
            receiver.over.set()
            receiver.shutdown()
            thread.join()
