"""A request's head and body leave in one piece, and an early answer is read all the same."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from moorings.providers.joining import HELD_AT_MOST
from moorings.providers.request import PreparedRequest
from moorings.providers.transport import Transport

pytestmark = pytest.mark.anyio
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
Connected = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listening(connected: Connected) -> AsyncIterator[str]:
    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()
        yield f"http://{host}:{port}/"


async def send(url: str, body: bytes) -> int:
    request = PreparedRequest("POST", url, {}, body, frozenset({"127.0.0.1"}), trusted=True)
    async with Transport(timeout=5) as transport:
        reply = await transport.send(request)
        again = await transport.send(request)
    assert reply.status == again.status
    return reply.status


async def test_head_and_body_arrive_together() -> None:
    pieces: list[bytes] = []

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(65_536):
            pieces.append(piece)
            writer.write(ANSWER)
        writer.close()

    async with listening(connected) as url:
        assert await send(url, b'{"a": 1}') == 200
    assert [piece.endswith(b'\r\n\r\n{"a": 1}') for piece in pieces] == [True, True]


async def test_a_large_body_is_not_held_back_and_arrives_whole() -> None:
    body, seen = b"x" * (3 * HELD_AT_MOST), list[int]()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(2):
            await reader.readuntil(b"\r\n\r\n")
            seen.append(len(await reader.readexactly(len(body))))
            writer.write(ANSWER)
        writer.close()

    async with listening(connected) as url:
        assert await send(url, body) == 200
    assert seen == [len(body)] * 2


async def test_the_answer_of_a_server_that_does_not_want_the_body_is_read() -> None:
    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    async with listening(connected) as url:
        assert await send(url, b"x" * 1_000) == 413
