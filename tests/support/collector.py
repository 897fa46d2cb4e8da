"""A real collector of traces: an HTTP server that reads what OTLP brings."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.support.receiver import Receiver, receiving


@dataclass(frozen=True, slots=True)
class Seen:
    """A span that arrived; ids in hexadecimal digits, `parent` empty for the first of a trace."""

    name: str
    trace: str
    id: str
    parent: str
    kind: int
    failed: bool
    milliseconds: float
    attributes: dict[str, Any]


class Collector:
    """What was sent to `receiver`."""

    def __init__(self, receiver: Receiver) -> None:
        self.receiver = receiver

    @property
    def url(self) -> str:
        return f"http://{self.receiver.host}"

    def spans(self) -> list[Seen]:
        """All spans so far, in the order of their ends."""
        resources = (resource for request in self.requests() for resource in request.resource_spans)
        return [_seen(span) for resource in resources for scope in resource.scope_spans for span in scope.spans]

    def requests(self) -> list[ExportTraceServiceRequest]:
        """Each body that was posted."""
        return [ExportTraceServiceRequest.FromString(body) for _, _, body in list(self.receiver.received)]

    def named(self, name: str) -> Seen:
        """The only span of this name."""
        (found,) = [span for span in self.spans() if span.name == name]
        return found

    def below(self, parent: Seen) -> dict[str, Seen]:
        """The spans that are part of `parent`, by name."""
        return {span.name: span for span in self.spans() if span.parent == parent.id}


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector that runs."""
    with receiving() as receiver:
        yield Collector(receiver)


def _seen(span: Any) -> Seen:
    return Seen(
        span.name,
        span.trace_id.hex(),
        span.span_id.hex(),
        span.parent_span_id.hex(),
        span.kind,
        span.status.code == span.status.STATUS_CODE_ERROR,
        (span.end_time_unix_nano - span.start_time_unix_nano) / 1e6,
        {item.key: getattr(item.value, item.value.WhichOneof("value")) for item in span.attributes},
    )
