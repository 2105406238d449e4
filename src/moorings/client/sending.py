"""Sends calls to one server: a sender that waits for the answer, and one that is awaited."""

import asyncio
import json
import re
import time
from dataclasses import dataclass
from typing import Any

import httpx2
from pydantic import SecretStr

from moorings.client.call import A, Call
from moorings.client.errors import ClientError, NotSent
from moorings.client.reading import FAILURES, lost, read
from moorings.client.retries import Retries

CONNECT_SECONDS = 5.0
USER_AGENT = "moorings-python"
_LAST_PORT = 65535
_VISIBLE = re.compile(r"[!-~]+")


@dataclass(frozen=True, slots=True)
class Server:
    """Where calls go, under which key, and with how much patience; `seconds` is how long an answer may take.

    Raises `NotSent` for an address or a key that can be none.
    """

    url: str
    key: SecretStr
    seconds: float
    retries: Retries

    def __post_init__(self) -> None:
        if not _VISIBLE.fullmatch(self.key.get_secret_value()):
            raise NotSent("The API key holds characters that no key has; was it copied whole?", "UNUSABLE_KEY")
        if not _is_address(self.url):
            raise NotSent(
                f"{_shown(self.url)} is no address of a server; one looks like http://127.0.0.1:8700.",
                "UNUSABLE_ADDRESS",
            )

    def client(self) -> dict[str, Any]:
        """What an HTTP client is made with; proxies of the environment are left alone, they would see the key."""
        headers = {"Authorization": f"Bearer {self.key.get_secret_value()}", "User-Agent": USER_AGENT}
        return {"base_url": self.url, "headers": headers, "timeout": self.timeout(None), "trust_env": False}

    def timeout(self, seconds: float | None) -> httpx2.Timeout:
        """How long to wait for each step of a call."""
        longest = seconds or self.seconds
        return httpx2.Timeout(longest, connect=min(CONNECT_SECONDS, longest))


class Sender:
    """Sends a call and returns its answer."""

    def __init__(self, server: Server, transport: httpx2.BaseTransport | None = None) -> None:
        self.server, self._http = server, httpx2.Client(transport=transport, **server.client())

    def send(self, call: Call[A]) -> A:
        """The answer; raises a `ClientError`."""
        attempt = 1
        while isinstance(outcome := self._once(call), ClientError):
            wait = self.server.retries.wait(call, outcome, attempt)
            if wait is None:
                raise outcome
            time.sleep(wait)
            attempt += 1
        return outcome

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    def _once(self, call: Call[A]) -> A | ClientError:
        _refuse_if_closed(self._http)
        try:
            reply = self._http.send(_request(self._http, self.server, call))
        except FAILURES as failure:
            return lost(failure, self.server.url)
        return read(call, reply)


class AsyncSender:
    """Sends a call and is awaited for its answer."""

    def __init__(self, server: Server, transport: httpx2.AsyncBaseTransport | None = None) -> None:
        self.server, self._http = server, httpx2.AsyncClient(transport=transport, **server.client())

    async def send(self, call: Call[A]) -> A:
        """The answer; raises a `ClientError`."""
        attempt = 1
        while isinstance(outcome := await self._once(call), ClientError):
            wait = self.server.retries.wait(call, outcome, attempt)
            if wait is None:
                raise outcome
            await asyncio.sleep(wait)
            attempt += 1
        return outcome

    async def close(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def _once(self, call: Call[A]) -> A | ClientError:
        _refuse_if_closed(self._http)
        try:
            reply = await self._http.send(_request(self._http, self.server, call))
        except FAILURES as failure:
            return lost(failure, self.server.url)
        return read(call, reply)


def _request(http: httpx2.Client | httpx2.AsyncClient, server: Server, call: Call[Any]) -> httpx2.Request:
    content = None if call.body is None else _written(call.body)
    headers = {"Content-Type": "application/json"} if content is not None else {}
    if call.idempotency_key is not None:
        headers["Idempotency-Key"] = _carried(call.idempotency_key)
    return http.build_request(
        call.method, call.path, params=call.query, content=content, headers=headers,
        timeout=server.timeout(call.seconds),
    )  # fmt: skip


def _refuse_if_closed(http: httpx2.Client | httpx2.AsyncClient) -> None:
    if http.is_closed:
        raise NotSent("This client is closed; make another one.", "CLIENT_CLOSED")


def _written(body: object) -> bytes:
    try:
        return json.dumps(body, default=_revealed).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise NotSent(f"This cannot be written as JSON: {error}.", "INVALID_BODY") from None


def _revealed(value: object) -> str:
    """A secret on its way out; any other type is the caller's mistake, told without its value."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def _carried(key: str) -> str:
    if not _VISIBLE.fullmatch(key):
        raise NotSent("An idempotency key is visible ASCII without spaces.", "INVALID_IDEMPOTENCY_KEY")
    return key


def _is_address(url: str) -> bool:
    try:
        parts = httpx2.URL(url)
    except httpx2.InvalidURL:
        return False
    known = parts.scheme in ("http", "https") and (parts.port or 0) <= _LAST_PORT
    return known and bool(parts.host) and not parts.userinfo


def _shown(url: str) -> str:
    """An address that a person gave; one that may hold a password is not repeated."""
    return "This" if "@" in url else url
