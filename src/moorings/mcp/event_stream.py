"""The stream on which a session's client hears of what it did not ask for: that its tools have changed."""

import asyncio
import json

from moorings.asgi import Message, Receive, Send

PING_SECONDS = 15.0
PING = b": ping\r\n\r\n"
_NOTICE = {"jsonrpc": "2.0", "method": "notifications/tools/list_changed"}
CHANGED = f"event: message\r\ndata: {json.dumps(_NOTICE)}\r\n\r\n".encode()
HEADERS = (
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-cache, no-transform"),
    (b"x-accel-buffering", b"no"),
)


class EventStream:
    """Server-sent events; several changes before the client reads are one to it."""

    def __init__(self) -> None:
        self._news = asyncio.Event()
        self._ended = False

    def tell(self) -> None:
        """Say that the tools have changed."""
        self._news.set()

    def end(self) -> None:
        """Close the stream."""
        self._ended = True
        self._news.set()

    async def run(self, session: str, receive: Receive, send: Send) -> None:
        """Serve it until the client goes or `end` is called."""
        gone = asyncio.create_task(_disconnected(receive))
        gone.add_done_callback(lambda _: self.end())
        try:
            headers = [*HEADERS, (b"mcp-session-id", session.encode())]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send(_chunk(PING))  # a server may hold the head back until there is something to send
            while not self._ended:
                await send(_chunk(await self._next()))
            if not gone.done():
                await send({"type": "http.response.body", "body": b""})
        finally:
            gone.cancel()

    async def _next(self) -> bytes:
        try:
            async with asyncio.timeout(PING_SECONDS):
                await self._news.wait()
        except TimeoutError:
            return PING
        self._news.clear()
        return b"" if self._ended else CHANGED


def _chunk(body: bytes) -> Message:
    return {"type": "http.response.body", "body": body, "more_body": True}


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
