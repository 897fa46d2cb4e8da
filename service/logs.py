"""Logs on stderr, a line per event, as text or JSON. Never article text, addresses or keys: not even in a traceback.

An exception's message may quote what it choked on, so only its type and the places in the code are written. The same
holds for libraries: what they say below ERROR is not shown, and trafilatura and lxml, which quote pages, say nothing.
"""

import json
import logging
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TextIO

request_id: ContextVar[str] = ContextVar("request_id", default="-")
"""The id of the request being answered: in every log line and every problem, and on the answer itself."""

_EXTRA = ("method", "route", "status", "ms", "code")


class _Line(logging.Formatter):
    """The fields of one event, in the order they are read."""

    def fields(self, record: logging.LogRecord) -> dict[str, object]:
        """Only fields named here are written; whatever else a caller attached stays out."""
        found: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        if (current := request_id.get()) != "-":
            found["request_id"] = current
        found |= {name: getattr(record, name) for name in _EXTRA if hasattr(record, name)}
        if record.exc_info and record.exc_info[0] is not None:
            frames = traceback.extract_tb(record.exc_info[2])
            ours = [frame for frame in frames[:-1] if "site-packages" not in frame.filename]
            found["exception"] = record.exc_info[0].__name__
            found["at"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in [*ours, *frames[-1:]]]
        return found


class TextLine(_Line):
    """`time level logger event name=value …`"""

    def format(self, record: logging.LogRecord) -> str:
        found = self.fields(record)
        head = " ".join(str(found.pop(name)) for name in ("time", "level", "logger", "event"))
        at = found.pop("at", None)
        tail = "".join(f" {name}={value}" for name, value in found.items())
        return head + tail + "".join(f"\n    at {place}" for place in (at if isinstance(at, list) else ()))


class JsonLine(_Line):
    """One JSON object per line."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(self.fields(record), ensure_ascii=False)


def configure(level: str, form: str, stream: TextIO | None = None) -> None:
    """Send the project's and the server's logs at `level` and above, and libraries' errors, to `stream` (or stderr)."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLine() if form == "json" else TextLine())
    logging.basicConfig(level=logging.ERROR, handlers=[handler], force=True)
    for name in ("mujaz", "service", "models", "uvicorn.error"):
        logging.getLogger(name).setLevel(level.upper())
    for name in ("trafilatura", "htmldate", "courlan", "justext", "lxml"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
