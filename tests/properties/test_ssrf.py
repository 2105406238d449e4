"""No address that a caller names leads into our own network: a server of ours listens, and nobody comes."""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from moorings.domain.secret import Secret
from moorings.errors import AddressRefused, InvalidCredentials, ProviderFailed
from moorings.providers.guard import Allowed, Guard
from moorings.providers.running import Limits
from moorings.providers.transport import Transport
from moorings.providers.weaviate.adapter import Store
from tests.contract.catalogue import integration
from tests.contract.loopback import free_port
from tests.http.judge import CANARY, Judge, problem
from tests.http.world import first_start, living

pytestmark = pytest.mark.anyio

KEY = f"key-of-{CANARY}-weaviate"
PORT = "PORT"
"""Where the port of the server of ours goes."""

# Every way of writing an inner address that we know of, with and without TLS, with the port of a server that listens.
WRITTEN = (
    "127.0.0.1:PORT", "http://127.0.0.1:PORT", "127.1:PORT", "127.0.1:PORT", "2130706433:PORT", "0x7f000001:PORT",
    "0x7f.1:PORT", "0x7f.0x0.0x0.0x1:PORT", "0177.0.0.1:PORT", "017700000001:PORT", "0177.1:PORT",
    "00177.0.0.01:PORT", "localhost:PORT", "LOCALHOST:PORT", "localhost.:PORT", "0:PORT", "0.0.0.0:PORT",
    "127.0.0.1.:PORT", "127.255.255.254:PORT", "[::1]:PORT", "[::]:PORT", "[0:0:0:0:0:0:0:1]:PORT",
    "[::ffff:127.0.0.1]:PORT", "[::ffff:7f00:1]:PORT", "[0:0:0:0:0:ffff:127.0.0.1]:PORT", "[64:ff9b::7f00:1]:PORT",
    "[2002:7f00:1::]:PORT", "[fe80::1]:PORT", "[fc00::1]:PORT", "[fd00:ec2::254]:PORT", "10.0.0.1:PORT",
    "172.16.0.1:PORT", "192.168.0.1:PORT", "169.254.169.254", "http://169.254.169.254/latest", "0xa9fea9fe",
    "2852039166", "[::ffff:169.254.169.254]", "[::ffff:a9fe:a9fe]", "100.100.100.200", "100.64.0.1", "192.0.0.192",
    "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
)  # fmt: skip
# Addresses that look like another one.
TRICKS = (
    "https://good.example@127.0.0.1:PORT", "https://good.example:443@127.0.0.1:PORT/",
    "https://127.0.0.1:PORT#good.example", "https://127.0.0.1:PORT#@good.example/",
    "https://good.example\\@127.0.0.1:PORT", "https://127.0.0.1:PORT\\@good.example",
    "https://127.0.0.1:PORT?good.example", "https://good.example%2f@127.0.0.1:PORT",
    "https://127.0.0.1:PORT%2f@good.example", "https://①②⑦.⓪.⓪.①:PORT", "https://１２７.0.0.1:PORT",
    "https://127。0。0。1:PORT", "https://127.0.0.1%00.good.example:PORT", "https://127.0.0.1\t:PORT",
    "https://127.0.0.1\r\nHost: good.example", "https:/127.0.0.1:PORT", "https:127.0.0.1:PORT", "///127.0.0.1:PORT",
    "file:///etc/passwd", "gopher://127.0.0.1:PORT/_x", "dict://127.0.0.1:PORT", "https://[::1%25lo]:PORT",
    "https://[::ffff:127.0.0.1%25lo]:PORT", "https://loc%61lhost:PORT", "https://127.0.0.1:PORT/v1/../../",
)  # fmt: skip
ANSWERED = (
    "127.0.0.1", "127.8.8.8", "10.1.2.3", "172.31.255.255", "192.168.0.1", "169.254.169.254", "100.100.100.200",
    "0.0.0.0", "::1", "::", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "2002:a9fe:a9fe::1",  # noqa: S104
    "fe80::1%lo", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:0:7f00:1::", "192.0.0.192", "192.88.99.1", "fec0::1",
    "3fff::1", "::7f00:1",
)  # fmt: skip


@dataclass
class Ours:
    """A server of our own network; `visits` is who came."""

    port: int = 0
    visits: list[bytes] = field(default_factory=list)

    def at(self, address: str) -> str:
        return address.replace(PORT, str(self.port))

    async def met(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.visits.append(await reader.read(64))
        writer.close()


@pytest.fixture
async def ours() -> AsyncIterator[Ours]:
    """On every loopback address there is, of both families."""
    made = Ours()
    server = await asyncio.start_server(made.met, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    others = [await asyncio.start_server(made.met, host, made.port) for host in ("127.0.0.2", "::1")]
    try:
        yield made
    finally:
        for each in (server, *others):
            each.close()


async def numeric(host: str, port: int) -> Sequence[str]:
    """As the system reads an address that is written in numbers; no name server is asked."""
    found = await asyncio.to_thread(socket.getaddrinfo, host.rstrip("."), port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


def store(transport: Transport) -> Store:
    return Store(transport, integration("weaviate"), None, Limits())


async def examined(url: str, guard: Guard) -> None:
    async with Transport(timeout=1, guard=guard) as transport:
        known = store(transport)
        await known.examine(known.checked({"url": Secret(url), "apiKey": Secret(KEY)}))


@pytest.fixture(scope="module")
def judge(tmp_path_factory: pytest.TempPathFactory) -> Judge:
    return Judge(asyncio.run(first_start(tmp_path_factory.mktemp("document"))))


def test_there_are_enough_of_them() -> None:
    assert len({*WRITTEN, *TRICKS}) >= 40


@pytest.mark.parametrize("address", [*WRITTEN, *TRICKS])
async def test_no_way_of_writing_leads_to_us(ours: Ours, address: str) -> None:
    with pytest.raises((AddressRefused, InvalidCredentials, ProviderFailed)) as refusal:
        await examined(ours.at(address), Guard(Allowed(), numeric))
    await asyncio.sleep(0)
    assert ours.visits == []
    assert KEY not in refusal.value.message


async def test_whoever_came_would_be_seen(ours: Ours) -> None:
    with pytest.raises(ProviderFailed):
        await examined(ours.at("https://127.0.0.1:PORT"), Guard(Allowed.read(["127.0.0.1"]), numeric))
    assert len(ours.visits) == 1


@pytest.mark.parametrize("answer", ANSWERED)
async def test_no_answer_of_a_name_server_leads_to_us(ours: Ours, answer: str) -> None:
    async def resolve(_: str, __: int) -> Sequence[str]:
        return [answer]

    with pytest.raises(AddressRefused):
        await examined(f"https://innocent.example:{ours.port}", Guard(Allowed(), resolve))
    assert ours.visits == []


async def test_a_good_answer_beside_a_bad_one_helps_nobody(ours: Ours) -> None:
    async def resolve(_: str, __: int) -> Sequence[str]:
        return ["93.184.216.34", "127.0.0.1"]

    with pytest.raises(AddressRefused):
        await examined(f"https://innocent.example:{ours.port}", Guard(Allowed(), resolve))
    assert ours.visits == []


async def test_a_name_that_changes_its_mind_is_taken_at_its_first_word(ours: Ours) -> None:
    """Between the check and the connection the name turns to us; the connection goes where the check looked."""
    asked: list[str] = []
    port = free_port()
    inner = await asyncio.start_server(ours.met, "::1", port)

    async def resolve(host: str, _: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["::1"]

    opened = Guard(Allowed.read(["127.0.0.1/32"]), resolve)  # as if this one address were the world; nobody listens
    try:
        with pytest.raises(ProviderFailed):
            await examined(f"https://rebinding.example:{port}", opened)
        assert asked == ["rebinding.example"]
        with pytest.raises(AddressRefused):
            await examined(f"https://rebinding.example:{port}", opened)
    finally:
        inner.close()
    assert ours.visits == []


@pytest.mark.parametrize("address", ["2130706433", "0x7f.1", "127.0.0.1", "[::1]", "localhost", "169.254.169.254"])
async def test_an_inner_address_is_refused_also_where_a_stand_in_takes_its_place(ours: Ours, address: str) -> None:
    async with Transport(timeout=1, guard=Guard(Allowed(), numeric)) as transport:
        known = Store(transport, integration("weaviate"), f"http://127.0.0.1:{ours.port}", Limits())
        with pytest.raises(AddressRefused):
            await known.examine(known.checked({"url": Secret(address)}))
    assert ours.visits == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("path", ["/v1/.well-known/ready", "/v1/meta", "/v1/schema"])
async def test_no_redirect_leads_to_us(ours: Ours, status: int, path: str) -> None:
    """A server of the world answers, and sends us to one of our own."""
    seen: list[str] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = (await reader.readuntil(b"\r\n\r\n")).decode().split(" ")[1]
        seen.append(asked)
        body, closed = '{"version": "1.39.2", "classes": []}', "connection: close\r\n\r\n"
        head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n{closed}{body}"
        place = f"http://127.0.0.2:{ours.port}{path}"
        moved = f"HTTP/1.1 {status} Moved\r\nlocation: {place}\r\ncontent-length: 0\r\n{closed}"
        writer.write((moved if asked == path else head).encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        with pytest.raises(ProviderFailed):
            await examined(f"http://127.0.0.1:{port}", Guard(Allowed.read(["127.0.0.1/32"]), numeric))
    finally:
        server.close()
    assert seen[-1] == path
    assert ours.visits == []


ENDLESS = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n" + b"[" * 65_536


@pytest.mark.parametrize("says", ["html", "nothing", "endless", "silence", "bomb"])
async def test_an_address_that_answers_nonsense_is_told_as_such(says: str) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = (await reader.readuntil(b"\r\n\r\n")).decode().split(" ")[1]
        try:
            if asked.endswith("/ready"):
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            else:
                await said(says, writer)
            await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        with pytest.raises(ProviderFailed):
            await examined(f"http://127.0.0.1:{port}", Guard(Allowed.read(["127.0.0.1/32"]), numeric))
    finally:
        server.close()


async def said(what: str, writer: asyncio.StreamWriter) -> None:
    match what:
        case "html":
            body = b"<!doctype html><title>Sign in</title>"
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\n\r\n" + body)
        case "endless":
            writer.write(ENDLESS)
            for _ in range(200):
                writer.write(b"[" * 65_536)
                await writer.drain()
        case "silence":
            await asyncio.sleep(3)
        case "bomb":
            import gzip

            packed = gzip.compress(b" " * 50_000_000)
            kind = "content-type: application/json\r\ncontent-encoding: gzip"
            head = f"HTTP/1.1 200 OK\r\n{kind}\r\ncontent-length: {len(packed)}\r\n\r\n"
            writer.write(head.encode() + packed)


async def test_over_the_api_none_gets_in_and_nothing_is_stored(ours: Ours, judge: Judge, tmp_path: Path) -> None:
    async with living(tmp_path, judge, provider_timeout=1.0) as world:
        client = world.client()
        for address in (*WRITTEN, *TRICKS):
            target: dict[str, Any] = {"url": ours.at(address), "apiKey": KEY}
            made = await client.post("/v1/integrations/weaviate", json={"name": "inner", **target})
            assert made.status_code in (400, 502), f"{address}: {made.text}"
            assert problem(made)["code"] in ("ADDRESS_REFUSED", "INVALID_CREDENTIALS", "INVALID_BODY", "PROVIDER_ERROR")
            tested = await client.post("/v1/integrations/weaviate/test", json=target)
            assert tested.status_code == 400 or tested.json()["valid"] is False, address
        assert world.rows("SELECT * FROM vector_configs") == []
        assert world.rows("SELECT * FROM credentials") == []
    assert ours.visits == []


async def test_a_good_configuration_is_not_led_astray(ours: Ours, judge: Judge, tmp_path: Path) -> None:
    async with living(tmp_path, judge, provider_timeout=1.0) as world:
        client = world.client()
        body = {"name": "good", "url": "https://good.example", "apiKey": KEY, "verify": False}
        made = (await client.post("/v1/integrations/weaviate", json=body)).json()
        for address in ("127.0.0.1:PORT", "[::1]:PORT", "https://good.example@127.0.0.1:PORT"):
            wanted = {"url": ours.at(address), "apiKey": KEY}
            changed = await client.put(f"/v1/integrations/weaviate/{made['id']}", json=wanted)
            assert changed.status_code == 400
        assert (await client.get(f"/v1/integrations/weaviate/{made['id']}")).json() == made
    assert ours.visits == []
