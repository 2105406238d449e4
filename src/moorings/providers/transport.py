"""The one HTTP client: bound in time, size and hosts, behind the address guard, and silent about what it carries.

A client's exception shows the request's URL, and with it a secret that a provider wants in the path. Therefore
exceptions are replaced without their cause, and the client library's own loggers are closed in `moorings.logs`.
"""

import asyncio
import copy
import json
import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import SplitResult, urlsplit

import httpcore2

from moorings.domain.span import SILENCE, Fact, SpanKind, Tracer
from moorings.errors import AddressRefused, ProviderFailed, ProviderTimeout
from moorings.providers.guard import Guard, GuardedBackend
from moorings.providers.joining import Joining
from moorings.providers.request import PreparedRequest, declared
from moorings.providers.shares import Shares
from moorings.providers.unpacking import ENCODINGS, unpacked

TIMEOUT_SECONDS = 10.0
MAX_ANSWER = 4 * 1024 * 1024
USER_AGENT = "moorings"
CONNECTIONS = 256
WAITING_CONNECTIONS = 1_024
"""Beside those: a call that waits for something to happen holds its connection most of the time."""
IDLE_CONNECTIONS = 64
IDLE_SECONDS = 30.0
HTTPS = 443
DEEPEST = 200
"""How many levels deep the JSON of a provider may be nested; documented answers have fewer than twenty."""
# Possessive, and one that never ends is eaten whole: tried again at every quote, it would hold the loop for hours.
_STRINGS = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_BRACKETS = re.compile(rb"[\[\]{}]")
EVENTS = "text/event-stream"
GRACE_SECONDS = 0.1
"""How long before the end of its time a stream of events is taken for its answer; it may never end by itself."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a provider answered; `cut` means that the body goes on beyond what is held."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    cut: bool = False

    def json(self) -> Any:
        """The body as JSON; None when it is none."""
        try:
            # Not by the bytes: of another encoding than UTF-8 (RFC 8259, 8.1) the brackets could not be counted.
            text = self.body.decode("utf-8-sig")
            return json.loads(text, parse_constant=_no_number) if _shallow(self.body) else None
        except (ValueError, RecursionError):
            return None


def _shallow(body: bytes) -> bool:
    """Whether JSON is nested so little that whoever walks through it will come back."""
    if body.count(b"[") + body.count(b"{") <= DEEPEST:
        return True
    depth = 0
    for bracket in _BRACKETS.findall(_STRINGS.sub(b"", body)):
        depth += 1 if bracket in b"[{" else -1
        if depth > DEEPEST:
            return False
    return True


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is no JSON")


class Transport:
    """Sends prepared requests; `timeout` in seconds bounds the whole call, connecting and reading included."""

    def __init__(
        self, *, timeout: float = TIMEOUT_SECONDS, max_answer: int = MAX_ANSWER, proxy: str | None = None,
        guard: Guard | None = None, tracer: Tracer = SILENCE, shares: Shares | None = None,
    ) -> None:  # fmt: skip
        self.shares = shares or Shares()
        self._timeout, self._max_answer, self._proxy = timeout, max_answer, proxy
        self._guard, self._tracer, self.speaks_to = guard or Guard(), tracer, ""
        self._pools: dict[tuple[bool, bool], httpcore2.AsyncConnectionPool] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for pool in self._pools.values():
            await pool.aclose()

    def to(self, integration_id: str) -> Self:
        """The same, over the same connections, with a name for whom it speaks to."""
        named = copy.copy(self)
        named.speaks_to = integration_id
        return named

    async def send(
        self, request: PreparedRequest, *, seconds: float | None = None, may_cut: int | None = None
    ) -> Reply:
        """The provider's answer, whatever its status; no redirect is followed.

        Without `may_cut` an answer over the limit is a failure; with it, so many bytes are held and the rest is cut.
        Raises `ProviderTimeout` when there is no answer in time, `ProviderFailed` when there is none at all,
        `TooManyUnderWay` when the owner's other requests leave it no turn, and `AddressRefused` when the address leads
        to where nothing may go.
        """
        parts = urlsplit(request.url)
        self._check(request, parts)
        with self._tracer.span(SpanKind.OUTWARD) as span:
            host, method = parts.hostname or "", request.method
            span.tell({Fact.METHOD: method, Fact.HOST: host, Fact.INTEGRATION: self.speaks_to})
            reply = await self._in_time(request, parts, seconds or self._timeout, may_cut)
            span.tell({Fact.STATUS: reply.status})
        return reply

    async def _in_time(
        self, request: PreparedRequest, parts: SplitResult, seconds: float, may_cut: int | None
    ) -> Reply:
        host, now = parts.hostname or "", asyncio.get_running_loop().time()
        until = now + seconds
        try:
            # Who has waited for half of the time would hardly get its answer in what is left.
            async with self.shares.taken(now + seconds / 2), asyncio.timeout_at(until):
                if self._proxy and not request.trusted:
                    await self._guard.addresses(host, parts.port or HTTPS)
                return await self._exchange(request, may_cut, until)
        except (TimeoutError, httpcore2.TimeoutException):
            raise ProviderTimeout(f"{host} did not answer within {seconds:g} seconds; try again later.") from None
        except (httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.ProxyError, httpcore2.UnsupportedProtocol):
            raise ProviderFailed(f"{host} could not be reached or broke off its answer; try again later.") from None

    async def judge(self, url: str) -> None:
        """Raise `AddressRefused` for an address to which nothing may go, though nothing is sent there now."""
        parts = urlsplit(url)
        await self._guard.addresses(parts.hostname or "", parts.port or HTTPS)

    def _check(self, request: PreparedRequest, parts: SplitResult) -> None:
        host = parts.hostname or ""
        if not request.url.isascii():
            raise AddressRefused("The request was stopped: its address is not ASCII; write a name as xn--...")
        if not declared(host, request.hosts):
            raise AddressRefused("The request was stopped: its host is not among those the integration declares.")
        if not request.trusted and parts.scheme != "https" and not self._guard.opened(host):
            raise AddressRefused(f"The request was stopped: {host} would be spoken to without TLS.")

    async def _exchange(self, request: PreparedRequest, may_cut: int | None, until: float) -> Reply:
        own = {"User-Agent": USER_AGENT, "Accept": "application/json", "Accept-Encoding": ENCODINGS}
        headers = list({**own, **request.headers}.items())
        limit = self._max_answer if may_cut is None else may_cut
        pool = self._pool(trusted=request.trusted, waits=request.waits)
        async with pool.stream(request.method, request.url, headers=headers, content=request.body) as answer:
            received = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers}
            chunks = unpacked(answer.aiter_stream(), received.get("content-encoding", ""), limit)
            endless = may_cut is not None and received.get("content-type", "").startswith(EVENTS)
            body, cut = await _bounded(chunks, limit, until - GRACE_SECONDS if endless else None)
        if cut and may_cut is None:
            raise ProviderFailed(f"The provider answered with more than {limit} bytes.")
        return Reply(answer.status, received, body, cut)

    def _pool(self, *, trusted: bool, waits: bool) -> httpcore2.AsyncConnectionPool:
        """For the operator's own addresses and behind the guard, each for calls that wait too; made when needed."""
        if (trusted, waits) not in self._pools:
            self._pools[trusted, waits] = self._made(
                trusted=trusted, most=WAITING_CONNECTIONS if waits else CONNECTIONS
            )
        return self._pools[trusted, waits]

    def _made(self, *, trusted: bool, most: int) -> httpcore2.AsyncConnectionPool:
        limits: dict[str, Any] = {
            "max_connections": most,
            "max_keepalive_connections": IDLE_CONNECTIONS,
            "keepalive_expiry": IDLE_SECONDS,
            "ssl_context": httpcore2.default_ssl_context(),
        }
        if self._proxy and not trusted:
            return httpcore2.AsyncHTTPProxy(self._proxy, **limits)
        way = httpcore2.AnyIOBackend() if trusted else GuardedBackend(self._guard)
        return httpcore2.AsyncConnectionPool(network_backend=Joining(way), **limits)


async def _bounded(chunks: AsyncGenerator[bytes, None], limit: int, until: float | None) -> tuple[bytes, bool]:
    """At most `limit` bytes, and whether there were more; with `until` (the loop's clock) what came by then."""
    received, ended = bytearray(), False
    with suppress(TimeoutError):
        async with asyncio.timeout_at(until), aclosing(chunks):
            async for chunk in chunks:
                received += chunk
                if len(received) > limit:
                    break
            else:
                ended = True
    return bytes(received[:limit]), not ended
