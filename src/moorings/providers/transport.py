"""The one HTTP client: bound in time, size and hosts, and silent about what it carries.

A client's exception shows the request's URL, and with it a secret that a provider wants in the path. Therefore
exceptions are replaced without their cause, and the client library's own loggers are closed in `moorings.logs`.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import urlsplit

import httpx2

from moorings.errors import ProviderFailed, ProviderTimeout
from moorings.providers.request import PreparedRequest, declared

TIMEOUT_SECONDS = 10.0
MAX_ANSWER = 4 * 1024 * 1024
USER_AGENT = "moorings"


@dataclass(frozen=True, slots=True)
class Reply:
    """What a provider answered."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    def json(self) -> Any:
        """The body as JSON; None when it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


class Transport:
    """Sends prepared requests; `timeout` in seconds bounds the whole call, connecting and reading included."""

    def __init__(
        self, *, timeout: float = TIMEOUT_SECONDS, max_answer: int = MAX_ANSWER, proxy: str | None = None
    ) -> None:
        self._timeout, self._max_answer = timeout, max_answer
        # trust_env is off: a .netrc or a proxy variable of the machine must not see, or replace, our credentials.
        self._client = httpx2.AsyncClient(timeout=timeout, follow_redirects=False, trust_env=False, proxy=proxy)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def send(self, request: PreparedRequest) -> Reply:
        """The provider's answer, whatever its status.

        Raises `ProviderTimeout` when there is none in time and `ProviderFailed` when there is none at all.
        """
        host = urlsplit(request.url).hostname or ""
        if not declared(host, request.hosts):
            raise ProviderFailed("The request was stopped: its host is not among those the integration declares.")
        try:
            async with asyncio.timeout(self._timeout):
                return await self._exchange(request)
        except (TimeoutError, httpx2.TimeoutException):
            raise ProviderTimeout(f"{host} did not answer within {self._timeout:g} seconds; try again later.") from None
        except httpx2.HTTPError:
            raise ProviderFailed(f"{host} could not be reached or broke off its answer; try again later.") from None

    async def _exchange(self, request: PreparedRequest) -> Reply:
        headers = {"User-Agent": USER_AGENT, "Accept": "application/json", **request.headers}
        async with self._client.stream(request.method, request.url, headers=headers, content=request.body) as answer:
            return Reply(answer.status_code, dict(answer.headers), await self._bounded(answer))

    async def _bounded(self, answer: httpx2.Response) -> bytes:
        received = bytearray()
        async for chunk in answer.aiter_bytes(65_536):
            received += chunk
            if len(received) > self._max_answer:
                raise ProviderFailed(f"{answer.url.host} answered with more than {self._max_answer} bytes.")
        return bytes(received)
