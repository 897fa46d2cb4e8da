"""A real uvicorn server on loopback, in a thread of the test's own process."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn


@contextmanager
def serving(app: Any, **settings: Any) -> Iterator[uvicorn.Server]:
    """A server of `app` with these settings of uvicorn's, once it is started; stopped at the end."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, **settings))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield server
    finally:
        server.should_exit = True
        thread.join(10)


def address(server: uvicorn.Server) -> tuple[str, int]:
    """Where it listens."""
    host, port = server.servers[0].sockets[0].getsockname()[:2]
    return host, port
