"""A small model Hub on loopback: what `huggingface_hub` asks of the real one, with faults that a test can order.

It answers the model API (`/api/models/<id>/revision/<rev>?blobs=True`), resolves files (`/<id>/resolve/<rev>/<file>`:
the content of small files, a redirect to `/blobs/<sha256>` for large ones, as the real Hub redirects to its store),
honours Range requests, and keeps count of every request and of every byte of content it sent.
"""

import hashlib
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

LARGE = 4096
"""Files of this size and above are kept as the Hub keeps large files: with a sha256 and behind a redirect."""


@dataclass(frozen=True)
class Request:
    """One request as it arrived, and how many bytes of content it was sent."""

    method: str
    path: str
    range: str | None
    sent: int


@dataclass
class Hub:
    """The Hub's content and the faults ordered: `cut_after` hangs up after that many bytes of the file, once;
    `tampered` files arrive as zeros; `down` answers every request with 503; `stall` holds a cut connection open."""

    repos: dict[str, dict[str, bytes]]
    revision: str = "0" * 40
    cut_after: dict[str, int] = field(default_factory=dict)
    tampered: set[str] = field(default_factory=set)
    down: bool = False
    stall: threading.Event | None = None
    requests: list[Request] = field(default_factory=list)
    endpoint: str = ""

    def sent(self, name: str) -> int:
        """Bytes of content sent of this file, over all requests."""
        digests = {sha256(files[name]) for files in self.repos.values() if name in files}
        return sum(r.sent for r in self.requests if r.path.rsplit("/", 1)[-1] in digests | {name})

    def ranges(self) -> list[str]:
        """The Range headers received, in order."""
        return [r.range for r in self.requests if r.range]


def sha256(content: bytes) -> str:
    """The hex sha256 of `content`."""
    return hashlib.sha256(content).hexdigest()


@contextmanager
def serving(repos: Mapping[str, Mapping[str, bytes]]) -> Iterator[Hub]:
    """A running Hub with these repositories (`{id: {file: content}}`), on a free port of 127.0.0.1."""
    hub = Hub({name: dict(files) for name, files in repos.items()})
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": hub}))
    server.daemon_threads = True
    hub.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        if hub.stall:
            hub.stall.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: Hub

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet: the tests read `hub.requests`."""

    def _answer(self) -> None:
        path = unquote(urlsplit(self.path).path)
        sent = 0
        try:
            sent = self._route(path)
        finally:
            self.hub.requests.append(Request(self.command, path, self.headers.get("Range"), sent))

    def _route(self, path: str) -> int:
        if self.hub.down:
            return self._error(503, "")
        parts = path.strip("/").split("/")
        if parts[:2] == ["api", "models"] and len(parts) >= 4:
            return self._model("/".join(parts[2:4]), parts[5] if len(parts) > 5 else "main")
        if len(parts) >= 5 and parts[2] == "resolve":
            return self._resolve("/".join(parts[:2]), parts[3], "/".join(parts[4:]))
        if parts[0] == "blobs":
            for files in self.hub.repos.values():
                for name, content in files.items():
                    if sha256(content) == parts[1]:
                        return self._content(name, content)
        return self._error(404, "EntryNotFound")

    def _model(self, repo: str, revision: str) -> int:
        files = self.hub.repos.get(repo)
        if files is None:
            return self._error(404, "RepoNotFound")
        if revision not in ("main", self.hub.revision):
            return self._error(404, "RevisionNotFound")
        siblings = [_sibling(name, content) for name, content in sorted(files.items())]
        body = {"id": repo, "modelId": repo, "sha": self.hub.revision, "private": False, "siblings": siblings}
        return self._content("", json.dumps(body).encode(), "application/json") and 0

    def _resolve(self, repo: str, revision: str, name: str) -> int:
        content = self.hub.repos.get(repo, {}).get(name)
        if content is None or revision not in ("main", self.hub.revision):
            return self._error(404, "EntryNotFound")
        if len(content) < LARGE:
            return self._content(name, content)
        self.send_response(302)
        self.send_header("Location", f"{self.hub.endpoint}/blobs/{sha256(content)}")
        self.send_header("X-Repo-Commit", self.hub.revision)
        self.send_header("X-Linked-Etag", f'"{sha256(content)}"')
        self.send_header("X-Linked-Size", str(len(content)))
        self.send_header("Content-Length", "0")
        self.end_headers()
        return 0

    def _content(self, name: str, content: bytes, kind: str = "application/octet-stream") -> int:
        """Send `content`, or the part that the Range header asks for; hang up in the middle where that was ordered."""
        start = 0
        if asked := self.headers.get("Range"):
            start = int(asked.removeprefix("bytes=").split("-")[0])
        body = bytes(len(content) - start) if name in self.hub.tampered else content[start:]
        self.send_response(206 if start else 200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("ETag", f'"{sha256(content)}"')
        self.send_header("X-Repo-Commit", self.hub.revision)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.end_headers()
        if self.command == "HEAD":
            return 0
        cut = self.hub.cut_after.pop(name, None)
        if cut is not None:
            body = body[:cut]
            self.close_connection = True
        self.wfile.write(body)
        self.wfile.flush()
        if cut is not None and self.hub.stall:
            self.hub.stall.wait(timeout=60)
        return len(body)

    def _error(self, status: int, code: str) -> int:
        self.send_response(status)
        if code:
            self.send_header("X-Error-Code", code)
        self.send_header("Content-Length", "0")
        self.end_headers()
        return 0


def _sibling(name: str, content: bytes) -> dict[str, object]:
    git = hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()
    entry: dict[str, object] = {"rfilename": name, "size": len(content), "blobId": git}
    if len(content) >= LARGE:
        entry["lfs"] = {"size": len(content), "sha256": sha256(content), "pointerSize": 134}
    return entry
