"""The user's own program: takes deliveries on a loopback socket, and says what a test wants it to say."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from standardwebhooks import Webhook

PATIENCE = 10.0


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request that came in."""

    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> Any:
        return json.loads(self.body)

    def verified(self, secret: str) -> Any:
        """What the library of Standard Webhooks makes of it; raises when the signature is not good."""
        return Webhook(secret).verify(self.body, self.headers)


@dataclass
class Program:
    """`answers` are used up one by one, then everything is taken with 200."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    headers: str = ""
    delay: float = 0.0
    deliveries: list[Delivery] = field(default_factory=list)
    connections: int = 0
    open: "set[asyncio.Task[None]]" = field(default_factory=set)

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, kept alive."""
        self.connections += 1
        task = asyncio.create_task(self._serve(reader, writer))
        self.open.add(task)
        task.add_done_callback(self.open.discard)
        await asyncio.wait({task})

    async def until(self, count: int) -> list[Delivery]:
        """Wait for so many deliveries."""
        async with asyncio.timeout(PATIENCE):
            while len(self.deliveries) < count:  # noqa: ASYNC110 - they come over a socket and set no event
                await asyncio.sleep(0.005)
        return self.deliveries

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(asyncio.IncompleteReadError, ConnectionError):
                while True:
                    await self._one(reader, writer)
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        lines = [line.partition(":") for line in head.split("\r\n")[1:] if line]
        headers = {name.lower(): value.strip() for name, _, value in lines}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.deliveries.append(Delivery(headers, body))
        await asyncio.sleep(self.delay)
        status = self.answers.pop(0) if self.answers else 200
        writer.write(f"HTTP/1.1 {status} Whatever\r\nContent-Length: 2\r\n{self.headers}\r\nok".encode())
        await writer.drain()


@asynccontextmanager
async def program() -> AsyncIterator[Program]:
    """A program that listens until the end of the `with`."""
    found = Program()
    server = await asyncio.start_server(found.connected, "127.0.0.1", 0)
    found.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/in"
    try:
        yield found
    finally:
        server.close()
        for task in list(found.open):
            task.cancel()
        await asyncio.gather(*found.open, return_exceptions=True)
        await server.wait_closed()
