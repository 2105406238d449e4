"""Somebody who listens on this machine and keeps what they hear, as the receiver of webhooks."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from tests.contract.loopback import HOST

PATIENCE = 15.0


@dataclass(frozen=True, slots=True)
class Heard:
    """One request."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Listener:
    """Answers 200 unless told otherwise; `reply` is what its answers hold, or what `echo` makes of what came."""

    def __init__(self) -> None:
        self._kept: asyncio.Queue[Heard] = asyncio.Queue()
        self._statuses: list[int] = []
        self.reply = b""
        self.echo: Callable[[Heard], bytes] = lambda _: b""
        self.host = ""

    def says(self, *statuses: int) -> None:
        """What it answers next."""
        self._statuses = list(statuses)

    async def heard(self) -> Heard:
        """The next request, waited for a while."""
        async with asyncio.timeout(PATIENCE):
            return await self._kept.get()

    def silent(self) -> bool:
        """Whether nothing more was heard."""
        return self._kept.empty()

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request on one connection."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.rstrip().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        status = self._statuses.pop(0) if self._statuses else 200
        heard = Heard(first.split(" ")[1], headers, body)
        reply = self.reply or self.echo(heard)
        writer.write(f"HTTP/1.1 {status} Said\r\nContent-Length: {len(reply)}\r\n\r\n".encode() + reply)
        await writer.drain()
        writer.close()
        await self._kept.put(heard)


@asynccontextmanager
async def listening() -> AsyncIterator[tuple[str, Listener]]:
    """A listener and its address, for as long as a `with` lasts."""
    listener = Listener()
    server = await asyncio.start_server(listener.answer, HOST, 0)
    listener.host = "{}:{}".format(*server.sockets[0].getsockname())
    async with server:
        yield f"http://{listener.host}", listener
