"""Logs on stderr, a line per event, as text or JSON. Never article text, addresses or keys: not even in a traceback.

An exception's message may quote what it choked on, so only its type and the places in the code are written. The same holds for
what libraries say: below ERROR it is not shown, and of an error only who logged it, where, and the exception's type, since their
words may quote a text (asyncio prints the exceptions, and the arguments, of what failed). trafilatura and lxml, which log each
page that they find wanting as an error, say nothing, nor does OpenTelemetry, which logs each batch that is not taken.
"""

import json
import logging
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TextIO

request_id: ContextVar[str] = ContextVar("request_id", default="-")
"""The id of the request being answered: in every log line and every problem, and on the answer itself."""

job_id: ContextVar[str] = ContextVar("job_id", default="-")
"""The id of the job that is being worked on, in the background: in every log line."""

trace_id: ContextVar[str] = ContextVar("trace_id", default="-")
"""The id of the trace that is being recorded, if traces are: in every log line."""

_EXTRA = ("method", "route", "status", "ms", "code", "job", "articles", "tries")
_OURS = ("mujaz", "service", "models", "uvicorn.error")
_MUTE = ("trafilatura", "htmldate", "courlan", "justext", "lxml", "opentelemetry")


@contextmanager
def working_on(job: str) -> Iterator[None]:
    """Within it every log line, also from the compute and the text threads, names the job."""
    token = job_id.set(job)
    try:
        yield
    finally:
        job_id.reset(token)


class _Line(logging.Formatter):
    """The fields of one event, in the order they are read."""

    def fields(self, record: logging.LogRecord) -> dict[str, object]:
        """Only fields named here are written; whatever else a caller attached stays out."""
        found: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": _event(record),
        }
        context = (("request_id", request_id.get()), ("trace_id", trace_id.get()), ("job", job_id.get()))
        found |= {name: current for name, current in context if current != "-"}
        found |= {name: getattr(record, name) for name in _EXTRA if hasattr(record, name)}
        if record.exc_info and record.exc_info[0] is not None:
            frames = traceback.extract_tb(record.exc_info[2])
            ours = [frame for frame in frames[:-1] if "site-packages" not in frame.filename]
            found["exception"] = record.exc_info[0].__name__
            found["at"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in [*ours, *frames[-1:]]]
        return found


def _event(record: logging.LogRecord) -> str:
    """What happened: our own words, and of a library's only where it says them."""
    if any(record.name == name or record.name.startswith(f"{name}.") for name in _OURS):
        return record.getMessage()
    return f"a library reports an error at {record.pathname}:{record.lineno}"


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
    for name in _OURS:
        logging.getLogger(name).setLevel(level.upper())
    for name in _MUTE:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def catch_strays() -> None:
    """Let what Python itself would write to stderr become log lines: warnings, and exceptions that nothing else could catch.

    Their words may quote a text. For a process that serves; it holds for the whole of it.
    """
    logging.captureWarnings(True)
    threading.excepthook = _thread_failed
    sys.unraisablehook = _unraisable


def _thread_failed(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None:
        logging.getLogger(__name__).error("a thread failed", exc_info=args.exc_value)


def _unraisable(args: "sys.UnraisableHookArgs") -> None:
    if args.exc_value is not None:
        logging.getLogger(__name__).error("a cleanup failed", exc_info=args.exc_value)
