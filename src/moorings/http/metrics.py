"""What Prometheus reads: calls by route, how they ended and how long they took. Never an id, a name or a value.

Each process counts for itself. (https://prometheus.io/docs/instrumenting/exposition_formats/)
"""

import os
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from moorings import __version__
from moorings.domain.caller import Network, inside
from moorings.errors import NotFound
from moorings.providers.shares import Shares

PATH = "/metrics"
TEXT = "text/plain; version=0.0.4; charset=utf-8"
BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER = "other"


class Metrics:
    """Counts the calls of a process; `clock` is in seconds and never goes back."""

    def __init__(self, clock: Callable[[], float], shares: Shares | None = None) -> None:
        self._shares = shares or Shares()
        self.clock, self._began = clock, clock()
        self.under_way = 0
        self._calls: dict[tuple[str, str, int], int] = {}
        self._buckets: dict[str, list[int]] = {}
        self._seconds: dict[str, float] = {}

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """One call has ended; `route` is a path with its parameters' names, for a path itself may hold a secret.

        So may a method, which is any word that a stranger sends: each of them counted would fill the memory.
        """
        key = word_of(method), route, status
        self._calls[key] = self._calls.get(key, 0) + 1
        buckets = self._buckets.get(route)
        if buckets is None:
            buckets = self._buckets[route] = [0] * (len(BOUNDS) + 1)
            self._seconds[route] = 0.0
        buckets[bisect_left(BOUNDS, seconds)] += 1
        self._seconds[route] += seconds

    def text(self) -> str:
        """All of it in Prometheus's text format."""
        return "\n".join(self._lines()) + "\n"

    def _lines(self) -> Iterator[str]:
        yield from _head("moorings_info", "gauge", "The version that runs.")
        yield f'moorings_info{{version="{__version__}",process="{os.getpid()}"}} 1'
        yield from _head("moorings_uptime_seconds", "gauge", "How long this process has run.")
        yield f"moorings_uptime_seconds {self.clock() - self._began:.3f}"
        yield from _head("moorings_calls_under_way", "gauge", "Calls that are being answered.")
        yield f"moorings_calls_under_way {self.under_way}"
        yield from _head("moorings_provider_calls_under_way", "gauge", "Requests to providers that are under way.")
        yield f"moorings_provider_calls_under_way {self._shares.under_way}"
        yield from _head("moorings_provider_calls_refused_total", "counter", "Requests over an owner's share.")
        yield f"moorings_provider_calls_refused_total {self._shares.refused}"
        yield from _head("moorings_calls_total", "counter", "Calls by method, route and status.")
        for (method, route, status), number in sorted(self._calls.items()):
            yield f'moorings_calls_total{{method="{method}",route="{route}",status="{status}"}} {number}'
        yield from _head("moorings_call_seconds", "histogram", "How long calls took, by route.")
        for route, buckets in sorted(self._buckets.items()):
            yield from self._histogram(route, buckets)

    def _histogram(self, route: str, buckets: Sequence[int]) -> Iterator[str]:
        total = 0
        for bound, number in zip((*map(str, BOUNDS), "+Inf"), buckets, strict=True):
            total += number
            yield f'moorings_call_seconds_bucket{{route="{route}",le="{bound}"}} {total}'
        yield f'moorings_call_seconds_sum{{route="{route}"}} {self._seconds[route]:.6f}'
        yield f'moorings_call_seconds_count{{route="{route}"}} {total}'


def word_of(method: str) -> str:
    """What a call's method is told as; one that HTTP does not know is the caller's text."""
    return method if method in METHODS else OTHER


def route(metrics: Metrics, allowed: Sequence[Network]) -> Route:
    """The page; for whoever calls from another network there is nothing at its path."""

    async def page(request: Request) -> Response:
        if not inside(request.scope.get("address"), allowed):
            raise NotFound("There is nothing at this path; /openapi.json lists what there is.")
        return Response(metrics.text(), media_type=TEXT)

    return Route(PATH, page)


def _head(name: str, kind: str, told: str) -> tuple[str, str]:
    return f"# HELP {name} {told}", f"# TYPE {name} {kind}"
