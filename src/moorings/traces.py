"""Traces for OpenTelemetry: the only module that knows its SDK, imported only where an endpoint is set.

The SDK's global provider and its current span stay unset: libraries beneath us (the web framework, the SDK of MCP)
write paths and parameters into whatever they find there.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from threading import Thread
from typing import Self

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, OTELResourceDetector, Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer, set_span_in_context

from moorings import __version__
from moorings.domain import span as ours
from moorings.domain.span import Fact, Facts
from moorings.errors import MooringsError
from moorings.logs import redact

PATH = "/v1/traces"
LAST_SECONDS = 2.0
"""How long the end waits for a collector; one that is away would be tried for as long as a supervisor waits for us."""
SERVER_FAULT = 500
KINDS = {
    ours.SpanKind.CALL: SpanKind.SERVER, ours.SpanKind.OUTWARD: SpanKind.CLIENT, ours.SpanKind.JOB: SpanKind.INTERNAL,
}  # fmt: skip
NAMES = {
    ours.SpanKind.CALL: (Fact.METHOD, Fact.ROUTE), ours.SpanKind.OUTWARD: (Fact.METHOD, Fact.HOST),
    ours.SpanKind.JOB: (Fact.JOB,),
}  # fmt: skip
"""The facts that are a span's name."""

_around: "ContextVar[_Span | None]" = ContextVar("around", default=None)


@contextmanager
def sent_to(endpoint: str) -> Iterator[ours.Tracer]:
    """A tracer whose spans go to a collector's OTLP over HTTP; all else is said by the standard `OTEL_` variables."""
    exporter = OTLPSpanExporter(endpoint.rstrip("/") + PATH)
    with through(BatchSpanProcessor(exporter)) as tracer:
        yield tracer


@contextmanager
def through(processor: SpanProcessor) -> Iterator[ours.Tracer]:
    """A tracer whose spans a processor takes; at the end it gives what it holds."""
    provider = TracerProvider(resource=_resource(), shutdown_on_exit=False)
    provider.add_span_processor(processor)
    try:
        yield _Tracer(provider.get_tracer("moorings", __version__))
    finally:
        ending = Thread(target=provider.shutdown, daemon=True)
        ending.start()
        ending.join(LAST_SECONDS)


def _resource() -> Resource:
    """Who we are; the operator's word (`OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`) comes first."""
    own = Resource({SERVICE_NAME: "moorings", SERVICE_VERSION: __version__})
    return own.merge(OTELResourceDetector().detect())


class _Tracer:
    """See `moorings.domain.span.Tracer`."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer

    def span(self, kind: ours.SpanKind, /) -> ours.Span:
        """See `Tracer.span`."""
        return _Span(self._tracer, kind)


class _Span:
    """See `moorings.domain.span.Span`."""

    __slots__ = ("_facts", "_kind", "_span", "_token", "_tracer", "_under_way")
    _span: Span
    _token: "Token[_Span | None]"

    def __init__(self, tracer: Tracer, kind: ours.SpanKind) -> None:
        self._tracer, self._kind = tracer, kind
        self._facts: dict[Fact, str | int] = {}
        self._under_way = False

    @property
    def inside(self) -> Context:
        """Where what begins now belongs: here, until this ends; a session of MCP outlives the call that began it."""
        return set_span_in_context(self._span, Context()) if self._under_way else Context()

    def __enter__(self) -> Self:
        # Calls and jobs begin a trace, wherever they are begun: a caller does not decide what is traced here.
        around = _around.get() if self._kind is ours.SpanKind.OUTWARD else None
        inside = around.inside if around else Context()
        self._span = self._tracer.start_span(self._kind, inside, KINDS[self._kind])
        self._token, self._under_way = _around.set(self), True
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._under_way = False
        _around.reset(self._token)
        if error is not None:
            self._facts[Fact.PROBLEM] = error.code if isinstance(error, MooringsError) else type(error).__name__
        self._write()
        self._span.end()

    def tell(self, facts: Facts) -> None:
        """See `Span.tell`."""
        self._facts |= {name: value for name, value in facts.items() if value}

    def _write(self) -> None:
        # The second net, as in the log: nothing with the shape of a key goes out.
        clean = {name: redact(value) if isinstance(value, str) else value for name, value in self._facts.items()}
        self._span.set_attributes({str(name): value for name, value in clean.items()})
        self._span.update_name(" ".join(str(clean[name]) for name in NAMES[self._kind] if name in clean))
        status = clean.get(Fact.STATUS, 0)
        if Fact.PROBLEM in clean or (isinstance(status, int) and status >= SERVER_FAULT):
            self._span.set_status(Status(StatusCode.ERROR))
