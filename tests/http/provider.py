"""A stand-in of a provider on a loopback socket; what it says depends on the key it is shown."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

PAGE = "<html><body>Welcome to the wireless of this hotel, please sign in.</body></html>"
REDIRECT, BUSY = 302, 429
ANSWERS = {
    "refused": (401, json.dumps({"error": "invalid_key", "story": "a body that nobody shall repeat"})),
    "down": (500, json.dumps({"error": "out_of_order"})),
    "busy": (429, json.dumps({"error": "too_many"})),
    "garbage": (200, PAGE),
    "empty": (200, ""),
    "odd": (200, json.dumps(["neither", "here", "nor", "there"])),
    "moved": (REDIRECT, ""),
}
PATIENCE = 3
LATE = 0.15
ACCOUNT = {"id": "acct_7", "name": "Harbour Ltd"}


@dataclass
class Provider:
    """`calls` are the request heads that came in; a key with a word of `ANSWERS` in it gets that answer."""

    calls: list[str] = field(default_factory=list)
    url: str = ""
    called: asyncio.Event = field(default_factory=asyncio.Event)
    open: "set[asyncio.Task[None]]" = field(default_factory=set)

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        task = asyncio.create_task(self._answer(reader, writer))
        self.open.add(task)
        task.add_done_callback(self.open.discard)
        await asyncio.wait({task})

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(asyncio.IncompleteReadError, ConnectionError, TimeoutError):
                await self._say(reader, writer)
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def _say(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        self.calls.append(head)
        self.called.set()
        if "slow" in head:
            await asyncio.wait_for(reader.read(), PATIENCE)  # until the caller hangs up
        if "late" in head:
            await asyncio.sleep(LATE)
        writer.write(self._words(head))
        await writer.drain()

    def _words(self, head: str) -> bytes:
        if "broken" in head:
            return b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{"
        key = head.partition("Bearer ")[2].partition("\r\n")[0]
        echo = (401, json.dumps({"error": f"the key {key} is wrong"})) if "echo" in head else (200, json.dumps(ACCOUNT))
        status, body = next((answer for word, answer in ANSWERS.items() if word in head), echo)
        if "fenced" in head and "/ships" in head:  # a good key that may not do this
            status, body = 401, json.dumps({"error": "not this berth"})
        extra = "location: http://127.0.0.1:9/\r\n" if status == REDIRECT else ""
        extra += "retry-after: 30\r\n" if status == BUSY else ""
        return f"HTTP/1.1 {status} X\r\n{extra}content-length: {len(body)}\r\nconnection: close\r\n\r\n{body}".encode()


@asynccontextmanager
async def provider() -> AsyncIterator[Provider]:
    """Listens until the end of the `async with`."""
    stand_in = Provider()
    server = await asyncio.start_server(stand_in.connected, "127.0.0.1", 0)
    stand_in.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield stand_in
    finally:
        server.close()
        for task in list(stand_in.open):
            task.cancel()
        await asyncio.gather(*stand_in.open, return_exceptions=True)
