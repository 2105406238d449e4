"""Sends a request's head and body in one piece: one packet and one TLS record in place of two.

The client library writes them one after the other, and each writing gives the interpreter away.
"""

import ssl
from contextlib import suppress
from typing import Any

import httpcore2

HELD_AT_MOST = 65_536


class Joining(httpcore2.AsyncNetworkBackend):
    """Connects as the inner backend does, and holds writings back until an answer is awaited."""

    def __init__(self, inner: httpcore2.AsyncNetworkBackend) -> None:
        self._inner = inner

    async def connect_tcp(self, host: str, port: int, *args: Any, **kwargs: Any) -> httpcore2.AsyncNetworkStream:
        """See httpcore2."""
        return _Joined(await self._inner.connect_tcp(host, port, *args, **kwargs))

    async def sleep(self, seconds: float) -> None:
        """See httpcore2."""
        await self._inner.sleep(seconds)


class _Joined(httpcore2.AsyncNetworkStream):
    def __init__(self, inner: httpcore2.AsyncNetworkStream) -> None:
        self._inner, self._held = inner, bytearray()

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109 - the library's form
        self._held += buffer
        if len(self._held) > HELD_AT_MOST:
            await self._flush(timeout)

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - the library's form
        # A server that refuses a body may close before it has all of it, and its answer is there to be read.
        with suppress(httpcore2.WriteError):
            await self._flush(timeout)
        return await self._inner.read(max_bytes, timeout)

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's form
    ) -> httpcore2.AsyncNetworkStream:
        return _Joined(await self._inner.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)

    async def _flush(self, timeout: float | None) -> None:  # noqa: ASYNC109 - the library's form
        if self._held:
            held, self._held = bytes(self._held), bytearray()
            await self._inner.write(held, timeout)
