"""The transport: bound in time and size, following nothing, and silent."""

import asyncio
import gzip
import itertools
import time
import tracemalloc
import zlib
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from moorings.errors import AddressRefused, ProviderFailed, ProviderTimeout
from moorings.providers.request import PreparedRequest
from moorings.providers.transport import CONNECTIONS, DEEPEST, Reply, Transport
from moorings.providers.unpacking import unpacked
from tests.providers.made import said, saying, wire

pytestmark = pytest.mark.anyio

LIMIT = 10_000
SECRET = "secret-in-the-path"


def asking(url: str) -> PreparedRequest:
    return PreparedRequest("GET", f"{url}/{SECRET}", {}, None, frozenset({"127.0.0.1"}), trusted=True)


async def sent(answer: bytes, *, may_cut: int | None = None, seconds: float = 2) -> Reply:
    async with wire(saying(answer)) as provider, Transport(timeout=seconds, max_answer=LIMIT) as transport:
        return await transport.send(asking(provider.url), may_cut=may_cut)


@pytest.mark.parametrize(("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
async def test_a_packed_answer_is_unpacked(encoding: str, pack: object) -> None:
    assert callable(pack)
    reply = await sent(said(pack(b'{"a": 1}'), "200 OK", "application/json", f"content-encoding: {encoding}"))
    assert reply.json() == {"a": 1}


async def test_a_few_bytes_that_unfold_into_gigabytes_are_stopped() -> None:
    bomb = gzip.compress(b"0" * 50_000_000)
    with pytest.raises(ProviderFailed, match="more than"):
        await sent(said(bomb, "200 OK", "application/json", "content-encoding: gzip"))
    reply = await sent(said(bomb, "200 OK", "application/json", "content-encoding: gzip"), may_cut=500)
    assert (len(reply.body), reply.cut) == (500, True)


async def test_what_follows_a_packed_answer_is_neither_read_nor_kept() -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield gzip.compress(b"whole")
        for _ in range(50):
            yield bytes(65_536)

    tracemalloc.start()
    try:
        assert b"".join([chunk async for chunk in unpacked(chunks(), "gzip", 1_000)]) == b"whole"
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip"])
async def test_what_was_not_asked_for_is_not_unpacked(encoding: str) -> None:
    with pytest.raises(ProviderFailed, match="not asked for"):
        await sent(said(b"x", "200 OK", "application/json", f"content-encoding: {encoding}"))


@pytest.mark.parametrize("body", [b"not packed at all", gzip.compress(b"whole" * 100, mtime=0)[:-20]])
async def test_what_cannot_be_unpacked_is_told(body: bytes) -> None:
    with pytest.raises(ProviderFailed, match=r"cannot be unpacked|broke off"):
        await sent(said(body, "200 OK", "application/json", "content-encoding: gzip"))


async def test_an_answer_over_the_limit_fails_or_is_cut() -> None:
    with pytest.raises(ProviderFailed, match="more than 10000 bytes"):
        await sent(said("x" * (LIMIT + 1)))
    reply = await sent(said("x" * (LIMIT + 1)), may_cut=LIMIT)
    assert (len(reply.body), reply.cut) == (LIMIT, True)
    assert not (await sent(said("x" * LIMIT), may_cut=LIMIT)).cut


async def test_an_answer_without_an_end_holds_no_memory() -> None:
    written = 0

    async def endless(_: str, writer: asyncio.StreamWriter) -> None:
        nonlocal written
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n")
        while True:
            writer.write(b"x" * 65_536)
            written += 65_536
            await writer.drain()

    async with wire(endless) as provider, Transport(timeout=5) as transport:
        reply = await transport.send(asking(provider.url), may_cut=100_000)
    assert (len(reply.body), reply.cut) == (100_000, True)
    assert written < 50_000_000


async def test_one_byte_per_moment_is_not_waited_for() -> None:
    async def trickle(_: str, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
        while True:
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.05)

    async with wire(trickle) as provider, Transport(timeout=5) as transport:
        with pytest.raises(ProviderTimeout) as failure:
            await transport.send(asking(provider.url), seconds=0.3)
    assert SECRET not in f"{failure.value}{failure.value.__cause__}{failure.value.__context__.__class__}"


async def test_a_stream_of_events_is_cut_at_the_end_of_its_time() -> None:
    async def events(_: str, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n")
        while True:
            writer.write(b"data: tick\n\n")
            await writer.drain()
            await asyncio.sleep(0.05)

    async with wire(events) as provider, Transport(timeout=5) as transport:
        reply = await transport.send(asking(provider.url), seconds=0.5, may_cut=LIMIT)
        assert reply.cut
        assert reply.body.startswith(b"data: tick\n\ndata: tick")
        with pytest.raises(ProviderTimeout):
            await transport.send(asking(provider.url), seconds=0.3)


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
async def test_no_redirect_is_followed(status: str) -> None:
    async with wire(saying(said("{}"))) as elsewhere:
        reply = await sent(said("", status, "text/plain", f"location: {elsewhere.url}/stolen"))
        assert reply.status == int(status[:3])
        assert elsewhere.heads == []


@pytest.mark.parametrize("answer", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf"])
async def test_what_is_no_answer_is_told_without_the_address(answer: bytes) -> None:
    with pytest.raises(ProviderFailed) as failure:
        await sent(answer)
    assert SECRET not in f"{failure.value!r}"
    assert failure.value.__cause__ is None


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"a": NaN}', None), (b"[Infinity]", None), (b"{", None), (b"", None), (b"[1]", [1]), (b"\xff", None),
        (b"[" * DEEPEST + b"]" * DEEPEST, True), (b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1), None),
        (b"[" * 100_000, None), (b'["' + b"[" * 1000 + b'"]', ["[" * 1000]), (b'["\\"[' + b"[" * 1000 + b'"]', True),
        (b"[" + b"[]," * 1000 + b"[]]", True), (b"9" * 5_000, None),
        (b"\xef\xbb\xbf[1]", [1]), ("[1]".encode("utf-16"), None),
        (('["\u2200",' + "[" * 900 + "]" * 900 + "]").encode("utf-16-le"), None),
    ],
)  # fmt: skip
def test_json_is_json_and_not_too_deep(body: bytes, expected: object) -> None:
    found = Reply(200, {}, body).json()
    assert (found is not None) if expected is True else found == expected


def test_a_string_that_never_ends_does_not_hold_the_loop() -> None:
    began = time.process_time()
    assert Reply(200, {}, b"[" * (DEEPEST + 1) + b'"' + rb"\"" * 20_000).json() is None
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    "url", ["https://h\u00e4fen.example/", "https://harbour.example/\u00e4", "https://\ud800.example/"]
)
async def test_an_address_that_is_not_ascii_is_refused(url: str) -> None:
    async with Transport() as transport:
        with pytest.raises(AddressRefused, match="not ASCII"):
            await transport.send(PreparedRequest("GET", url, {}, None, frozenset({"h\u00e4fen.example"})))


async def test_calls_that_wait_for_something_to_happen_take_no_connection_from_the_others() -> None:
    happened, all_wait, waiters = asyncio.Event(), asyncio.Event(), itertools.count(1)

    async def answer(head: str, writer: asyncio.StreamWriter) -> None:
        if "/waits" in head:
            if next(waiters) == CONNECTIONS:
                all_wait.set()
            await happened.wait()
        writer.write(said("{}"))

    async with wire(answer) as provider, Transport(timeout=10) as transport:
        waiting = replace(asking(f"{provider.url}/waits"), waits=True)
        waits = [asyncio.create_task(transport.send(waiting)) for _ in range(CONNECTIONS)]
        await all_wait.wait()
        assert (await transport.send(asking(provider.url), seconds=5)).status == 200
        assert not any(task.done() for task in waits)
        happened.set()
        assert {reply.status for reply in await asyncio.gather(*waits)} == {200}
