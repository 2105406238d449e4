"""Spans: what a tracer is told of a call, of what a provider is asked for it, and of a job's run.

A fact is a word of ours, an id of ours, a number or a host. Never a path, a query, a header, a body or an error's text:
each of these may hold a secret.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol, Self


class SpanKind(StrEnum):
    """What takes the time."""

    CALL = "call"
    OUTWARD = "outward"
    JOB = "job"


class Fact(StrEnum):
    """What may be told, by the names that OpenTelemetry gives it (https://opentelemetry.io/docs/specs/semconv/)."""

    METHOD = "http.request.method"
    ROUTE = "http.route"
    STATUS = "http.response.status_code"
    HOST = "server.address"
    REQUEST = "moorings.request_id"
    INTEGRATION = "moorings.integration"
    JOB = "moorings.job"
    JOB_ID = "moorings.job_id"
    ATTEMPT = "moorings.attempt"
    PROBLEM = "error.type"


Facts = Mapping[Fact, str | int]


class Span(Protocol):
    """Lasts as long as its block."""

    def __enter__(self) -> Self:
        """Begin."""
        ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """End; of an error its code alone is told."""
        ...

    def tell(self, facts: Facts) -> None:
        """What is known by now; an empty text is not told, nor is 0: a call that was broken off has no status."""
        ...


class Tracer(Protocol):
    """Makes spans; one that is asked of a provider belongs to the call or job during which it is."""

    def span(self, kind: SpanKind, /) -> Span:
        """A span that has not begun."""
        ...


class _Untold:
    """A span that nobody hears of."""

    __slots__ = ()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...

    def tell(self, facts: Facts) -> None: ...


class _Silence:
    """Traces nothing, at the cost of three empty calls."""

    __slots__ = ()

    def span(self, _: SpanKind, /) -> Span:
        return UNTOLD


UNTOLD: Span = _Untold()
SILENCE: Tracer = _Silence()
