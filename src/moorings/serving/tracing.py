"""Whether the server tells a collector of its calls."""

from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from typing import Any

from moorings.domain.span import SILENCE, Tracer
from moorings.errors import NotInstalled
from moorings.settings import Settings


def traced(settings: Settings) -> AbstractContextManager[Tracer]:
    """What is told to the collector that is set, if one is; raises `NotInstalled` where the SDK for it is not there."""
    if settings.otel_endpoint is None:
        return nullcontext(SILENCE)
    try:
        module: Any = import_module("moorings.traces")
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "opentelemetry":
            raise
        raise NotInstalled("OpenTelemetry is not installed here: in its checkout, pip install -e '.[otel]'.") from None
    found: AbstractContextManager[Tracer] = module.sent_to(settings.otel_endpoint)
    return found
