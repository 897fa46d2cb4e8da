"""The collector that traces are sent to."""

import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

from service.doctor.finding import Finding, fails, ok, warning
from service.settings import Settings, SettingsError
from service.tracing.spans import require

_PATIENCE = 3.0  # seconds


def traces(settings: Settings) -> Iterator[Finding]:
    """Whether it takes an empty batch. Without it the service serves all the same."""
    if settings.otel_endpoint == "none":
        return
    try:
        require()
    except SettingsError:
        yield fails(
            "traces", "OpenTelemetry is not installed", "pip install 'mujaz[otel]', or unset MUJAZ_OTEL_ENDPOINT"
        )
        return
    from service.tracing.otel import takes_traces

    url = urlsplit(settings.otel_endpoint)
    host, port = url.hostname or "", url.port or (443 if url.scheme == "https" else 80)
    if takes_traces(settings.otel_endpoint, _PATIENCE):
        yield ok("traces", f"{host}:{port} takes them")
    elif reason := _unreachable(host, port):
        yield warning("traces", f"{host}:{port}: {reason}", "start the collector, or correct MUJAZ_OTEL_ENDPOINT")
    else:
        todo = "give the address of its OTLP/HTTP receiver (port 4318 by default), and its key in OTEL_EXPORTER_OTLP_HEADERS"
        yield warning("traces", f"{host}:{port} answers, but takes no traces", todo)


def _unreachable(host: str, port: int) -> str | None:
    try:
        socket.create_connection((host, port), _PATIENCE).close()
    except OSError as error:
        return error.strerror or "it does not answer"
    return None
