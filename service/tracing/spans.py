"""Spans: the pieces of a request or of a job's article, timed where they happen.

What is not asked for costs a look at a context variable; OpenTelemetry's SDK is imported by `service/tracing/otel.py` alone, and
that only when an endpoint is set. Names and attributes come from the code: a route, a stage, a status, ids. Of an error its
code is kept, or its class. No text, key, query or address of a client goes into a span.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from typing import Protocol

from models.errors import MujazError
from service.logs import request_id, trace_id
from service.settings import Settings, SettingsError

Attributes = Mapping[str, str | int]

_MISSING = "MUJAZ_OTEL_ENDPOINT needs OpenTelemetry, which is not installed: pip install 'mujaz[otel]'"


class Span(Protocol):
    """A piece of work that is being recorded."""

    @property
    def trace_id(self) -> str:
        """32 hexadecimal digits, the same for all spans of one request, also in the services before this one."""

    def child(self, name: str, attributes: Attributes) -> "Span":
        """A part of this one, which begins now."""

    def rename(self, name: str) -> None:
        """Only a request that has been answered has a route."""

    def note(self, attributes: Attributes) -> None:
        """Say more about it."""

    def fail(self, error: str) -> None:
        """It did not succeed; `error` is a class or a code, never words."""

    def end(self) -> None:
        """It ends now."""


class Tracer(Protocol):
    """Begins traces, and sends away what was recorded."""

    def request(self, traceparent: str) -> Span:
        """A request, as a part of the caller's trace if `traceparent` (W3C Trace Context) names one."""

    def background(self, name: str, attributes: Attributes) -> Span:
        """A trace of its own, of work that no request waits for."""

    def close(self) -> None:
        """Send what is left; takes a bounded time. Not on the event loop."""


_current: ContextVar[Span | None] = ContextVar("span", default=None)
_NOTHING = nullcontext()


def open_tracer(settings: Settings) -> Tracer | None:
    """The tracer that the settings ask for, if any. Raises `SettingsError` where the extra is not installed."""
    if settings.otel_endpoint == "none":
        return None
    require()
    from service.tracing.otel import Collector

    return Collector(settings.otel_endpoint, settings.otel_ratio)


def require() -> None:
    """Raises `SettingsError` where the extra `otel` is not installed."""
    try:
        import service.tracing.otel  # noqa: F401
    except ModuleNotFoundError as error:
        raise SettingsError(_MISSING) from error


@contextmanager
def recorded(span: Span | None) -> Iterator[Span | None]:
    """The block is what `span` records: it ends with it, and fails if an exception leaves it."""
    if span is None:
        yield None
        return
    inner, named = _current.set(span), trace_id.set(span.trace_id)
    try:
        yield span
    except BaseException as error:
        span.fail(error.code if isinstance(error, MujazError) else type(error).__name__)
        raise
    finally:
        _current.reset(inner)
        trace_id.reset(named)
        span.end()


def stage(name: str, **attributes: str | int) -> AbstractContextManager[object]:
    """The block is a part, of that name, of whatever is recorded here; attributes are the service's own (`mujaz.…`)."""
    span = _current.get()
    if span is None:
        return _NOTHING
    return recorded(span.child(name, _ours(attributes)))


def background(tracer: Tracer | None, name: str, **attributes: str | int) -> AbstractContextManager[object]:
    """The block is a trace of its own, if there is a tracer."""
    return recorded(tracer.background(name, _ours(attributes))) if tracer else _NOTHING


def note(**attributes: str | int) -> None:
    """Say more about whatever is recorded here."""
    if span := _current.get():
        span.note(_ours(attributes))


def fail(error: str) -> None:
    """Whatever is recorded here did not succeed, though no exception leaves it."""
    if span := _current.get():
        span.fail(error)


def answered(span: Span, method: str, route: str, status: int, code: str | None) -> None:
    """What became of a request, as its log line has it; `code` is that of the error which it was answered with."""
    span.rename(f"{method} {route}")
    span.note(
        {
            "http.request.method": method,
            "http.route": route,
            "http.response.status_code": status,
            "mujaz.request_id": request_id.get(),
        }
    )
    if code:
        span.note({"mujaz.code": code})
        if status >= 500:
            span.fail(code)


def no_more_stages() -> None:
    """From here on, in this task: what is read while an answer is on its way, perhaps for hours, is not told apart."""
    _current.set(None)


def _ours(attributes: Attributes) -> Attributes:
    return {f"mujaz.{name}": value for name, value in attributes.items()}
