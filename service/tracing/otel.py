"""Spans as OpenTelemetry has them, sent to a collector by OTLP over HTTP. The only file that imports its SDK."""

import logging
import threading
import uuid
from collections.abc import Sequence

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from service.tracing.spans import Attributes
from service.version import VERSION

logger = logging.getLogger(__name__)

FLUSH = 3.0
"""Seconds in which what is left is sent at the end, or given up."""

_PATH = "/v1/traces"


class Collector:
    """Records spans and sends them from a thread of its own, in batches.

    The queue is bounded: when the collector is slow or gone, spans are dropped, and who records never waits.
    """

    def __init__(self, endpoint: str, ratio: float) -> None:
        """`ratio` of the traces that begin here are recorded; for others their caller has decided."""
        ours = {"service.name": "mujaz", "service.version": VERSION, "service.instance.id": uuid.uuid4().hex}
        self._exporter = _Exporter(OTLPSpanExporter(address(endpoint)))
        self._provider = TracerProvider(
            ParentBasedTraceIdRatio(ratio),
            Resource(ours).merge(OTELResourceDetector().detect()),
            shutdown_on_exit=False,
        )
        self._provider.add_span_processor(BatchSpanProcessor(self._exporter))
        self._tracer = self._provider.get_tracer("mujaz", VERSION)
        self._propagator = TraceContextTextMapPropagator()

    def request(self, traceparent: str) -> "Recorded":
        """See `service.tracing.spans.Tracer`. The caller's `tracestate` is its own words, and left out."""
        caller = self._propagator.extract({"traceparent": traceparent}, Context())
        return Recorded(self._tracer, self._tracer.start_span("request", caller, SpanKind.SERVER))

    def background(self, name: str, attributes: Attributes) -> "Recorded":
        """See `service.tracing.spans.Tracer`."""
        return Recorded(self._tracer, self._tracer.start_span(name, Context(), SpanKind.CONSUMER, attributes))

    def close(self) -> None:
        """Send what is left within `FLUSH` seconds; a collector that does not take it by then is given up."""
        ending = threading.Thread(target=self._provider.shutdown, name="traces", daemon=True)
        ending.start()
        ending.join(FLUSH)
        if ending.is_alive():
            self._exporter.give_up()


class Recorded:
    """See `service.tracing.spans.Span`."""

    def __init__(self, tracer: Tracer, span: Span) -> None:
        self._tracer = tracer
        self._span = span

    @property
    def trace_id(self) -> str:
        return f"{self._span.get_span_context().trace_id:032x}"

    def child(self, name: str, attributes: Attributes) -> "Recorded":
        inside = set_span_in_context(self._span, Context())
        return Recorded(self._tracer, self._tracer.start_span(name, inside, attributes=attributes))

    def rename(self, name: str) -> None:
        self._span.update_name(name)

    def note(self, attributes: Attributes) -> None:
        self._span.set_attributes(attributes)

    def fail(self, error: str) -> None:
        self._span.set_attribute("error.type", error)
        self._span.set_status(StatusCode.ERROR)

    def end(self) -> None:
        self._span.end()


class _Exporter(SpanExporter):
    """The exporter, which says once that it cannot send, and once that it can again; its own many words are muted."""

    def __init__(self, exporter: OTLPSpanExporter) -> None:
        self._exporter = exporter
        self._failing = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result = self._exporter.export(spans)
        self._tell(result is not SpanExportResult.SUCCESS)
        return result

    def give_up(self) -> None:
        """Wait and try no longer."""
        self._tell(True)
        self.shutdown()

    def _tell(self, failing: bool) -> None:
        if failing and not self._failing:
            logger.warning("the collector does not take traces; they are dropped until it does")
        elif self._failing and not failing:
            logger.info("the collector takes traces again")
        self._failing = failing

    def shutdown(self) -> None:
        self._exporter.shutdown()  # type: ignore[no-untyped-call]


def address(endpoint: str) -> str:
    """Where spans are posted: below the collector's own address, unless that names it already."""
    return f"{endpoint.rstrip('/').removesuffix(_PATH)}{_PATH}"


def takes_traces(endpoint: str, seconds: float) -> bool:
    """Whether the collector takes a batch, an empty one, within so many seconds."""
    exporter = OTLPSpanExporter(address(endpoint), timeout=seconds)
    try:
        return exporter.export([]) is SpanExportResult.SUCCESS
    finally:
        exporter.shutdown()  # type: ignore[no-untyped-call]
