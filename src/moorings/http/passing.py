"""What a call's messages pass on their way in and out."""

import asyncio
from contextlib import suppress

from moorings.asgi import Message, Receive, Send
from moorings.http.protection import protected
from moorings.http.whole_body import BODY_LIMIT

DRAINED_AT_MOST = 8 * BODY_LIMIT
DRAINING_SECONDS = 2.0


class Sender:
    """Sends on, with headers that every answer has, and remembers whether the answer has begun."""

    __slots__ = ("_send", "_tls", "headers", "request_id", "started", "status")

    def __init__(self, send: Send, request_id: str, *, tls: bool) -> None:
        self._send, self._tls, self.request_id, self.started, self.status = send, tls, request_id, False, 0
        self.headers = [(b"x-request-id", request_id.encode())]

    async def __call__(self, message: Message) -> None:
        """An ASGI send."""
        if message["type"] == "http.response.start":
            self.started, self.status = True, message["status"]
            message["headers"] = protected([*message.get("headers", ()), *self.headers], tls=self._tls)
        await self._send(message)


class Receiver:
    """Receives, and remembers whether the body has ended."""

    __slots__ = ("_open", "_receive")

    def __init__(self, receive: Receive, *, with_body: bool) -> None:
        self._receive, self._open = receive, with_body

    async def __call__(self) -> Message:
        """An ASGI receive."""
        message = await self._receive()
        self._open = self._open and bool(message.get("more_body", False))
        return message

    async def drain(self) -> None:
        """Read on and forget, within bounds: where a server hangs up on unread bytes, its answer is often lost."""
        left = DRAINED_AT_MOST
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAINING_SECONDS):
                while self._open and left > 0:
                    left -= len((await self()).get("body", b""))


class Recorder:
    """Takes an answer instead of sending it."""

    def __init__(self) -> None:
        self.status, self.body = 0, bytearray()
        self.headers: tuple[tuple[bytes, bytes], ...] = ()

    async def __call__(self, message: Message) -> None:
        """An ASGI send."""
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], tuple(message.get("headers", ()))
        else:
            self.body += message.get("body", b"")
