"""The address guard: whatever a name is made to answer, nothing reaches our own network."""

import asyncio
from collections.abc import Sequence

import pytest

from moorings.errors import AddressRefused, ProviderFailed
from moorings.providers.guard import Allowed, Guard, GuardedBackend
from moorings.providers.request import PreparedRequest
from moorings.providers.transport import Transport
from tests.providers.made import said, saying, wire

pytestmark = pytest.mark.anyio

# What the system's resolver makes of each of these is judged, not the text.
WRITTEN = (
    "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "017700000001", "0x7f.1", "localhost", "0",
    "0.0.0.0", "::1", "::", "::ffff:127.0.0.1", "::ffff:7f00:1", "127.0.0.1.", "10.0.0.1", "10.255.255.255",  # noqa: S104
    "172.16.0.1", "192.168.1.1", "169.254.169.254", "::ffff:169.254.169.254", "fe80::1", "fd00:ec2::254", "fc00::1",
    "100.64.0.1",
)  # fmt: skip
ANSWERED = (
    "127.0.0.1", "127.255.255.254", "10.1.2.3", "172.31.255.255", "192.168.0.1", "169.254.169.254", "100.100.100.200",
    "0.0.0.0", "255.255.255.255", "224.0.0.1", "240.0.0.1", "192.0.2.1", "198.18.0.1", "203.0.113.9", "::1", "::",  # noqa: S104
    "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::", "2002:a9fe:a9fe::1", "fe80::1%eth0",
    "fc00::1", "fd12:3456::1", "ff02::1", "2001:db8::1", "2001:0:7f00:1::", "no address",
)  # fmt: skip
PUBLIC = ("93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::5db8:d822", "1.1.1.1")


def answering(*answers: Sequence[str]) -> Guard:
    """A guard whose resolver gives one answer after the other."""
    left = list(answers)

    async def resolve(_: str, __: int) -> Sequence[str]:
        await asyncio.sleep(0)
        return left.pop(0) if len(left) > 1 else left[0]

    return Guard(Allowed(), resolve)


@pytest.mark.parametrize("host", WRITTEN)
async def test_no_way_of_writing_an_inner_address_gets_through(host: str) -> None:
    with pytest.raises((AddressRefused, ProviderFailed)):
        await Guard().addresses(host, 443)


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "0x7f.1", "localhost", "::1"])
async def test_those_are_refused_not_merely_unknown(host: str) -> None:
    with pytest.raises(AddressRefused):
        await Guard().addresses(host, 443)


@pytest.mark.parametrize("address", ANSWERED)
async def test_no_inner_answer_of_a_resolver_gets_through(address: str) -> None:
    with pytest.raises(AddressRefused) as refusal:
        await answering([address]).addresses("innocent.example", 443)
    assert address not in refusal.value.message


@pytest.mark.parametrize("address", PUBLIC)
async def test_the_world_is_open(address: str) -> None:
    assert await answering([address]).addresses("example.com", 443) == [address]


async def test_one_inner_answer_among_good_ones_refuses_them_all() -> None:
    with pytest.raises(AddressRefused):
        await answering(["1.1.1.1", "127.0.0.1"]).addresses("both.example", 443)


async def test_no_answer_is_no_address() -> None:
    with pytest.raises(AddressRefused):
        await answering([]).addresses("nothing.example", 443)


async def test_a_name_that_does_not_exist_is_told() -> None:
    async def resolve(_: str, __: int) -> Sequence[str]:
        raise OSError("no such name")

    with pytest.raises(ProviderFailed, match=r"nowhere\.example has no address"):
        await Guard(Allowed(), resolve).addresses("nowhere.example", 443)


@pytest.mark.parametrize("host", ["a..example", ".example", f"{'a' * 64}.example", "\ud800.example"])
async def test_a_name_that_is_none_is_told_like_one_without_an_address(host: str) -> None:
    with pytest.raises(ProviderFailed, match="has no address"):
        await Guard().addresses(host, 443)


async def test_an_operator_opens_networks_and_hosts() -> None:
    allowed = Allowed.read(["10.0.0.0/8", "::1", "weaviate.internal"])

    async def resolve(_: str, __: int) -> Sequence[str]:
        return ["10.1.2.3"]

    assert await Guard(allowed, resolve).addresses("ten.example", 443) == ["10.1.2.3"]
    assert Guard(allowed).opened("10.9.9.9")
    assert Guard(allowed).opened("Weaviate.internal")
    assert not Guard(allowed).opened("11.0.0.1")

    async def elsewhere(_: str, __: int) -> Sequence[str]:
        return ["192.168.7.7"]

    assert await Guard(allowed, elsewhere).addresses("WEAVIATE.internal", 443) == ["192.168.7.7"]
    with pytest.raises(AddressRefused):
        await Guard(allowed, elsewhere).addresses("other.internal", 443)


async def test_what_was_judged_is_what_is_connected_to() -> None:
    """A name that answers well once and badly the next time: it is asked once, and that answer is used."""
    asked: list[str] = []

    async def resolve(host: str, _: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    async with wire(saying(said("{}"))) as inner:
        port = int(inner.url.rpartition(":")[2])
        backend = GuardedBackend(Guard(Allowed.read(["127.0.0.0/8"]), resolve))
        stream = await backend.connect_tcp("rebinding.example", port, timeout=2)
        await stream.aclose()
        assert asked == ["rebinding.example"]
        with pytest.raises(AddressRefused):
            await backend.connect_tcp("rebinding.example", port, timeout=2)


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/", "https://user@127.0.0.1/", "https://api.example@127.0.0.1/", "https://127.0.0.1#.api.example/",
        "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://2130706433/", "https://localhost/",
    ],
)  # fmt: skip
async def test_no_request_reaches_a_server_of_ours(url: str) -> None:
    async with Transport(timeout=1) as transport:
        request = PreparedRequest(
            "GET", url, {}, None, frozenset({"127.0.0.1", "localhost", "::1", "2130706433", "*.example"})
        )
        with pytest.raises((AddressRefused, ProviderFailed)):
            await transport.send(request)


async def test_without_tls_nothing_leaves() -> None:
    async with Transport(timeout=1) as transport:
        request = PreparedRequest("GET", "http://example.com/", {}, None, frozenset({"example.com"}))
        with pytest.raises(AddressRefused, match="without TLS"):
            await transport.send(request)


async def test_an_opened_host_is_spoken_to_without_tls() -> None:
    async with wire(saying(said("{}"))) as inner:
        request = PreparedRequest("GET", inner.url, {}, None, frozenset({"127.0.0.1"}))
        async with Transport(timeout=1, guard=Guard(Allowed.read(["127.0.0.0/8"]))) as transport:
            assert (await transport.send(request)).status == 200
        async with Transport(timeout=1) as closed:
            with pytest.raises(AddressRefused):
                await closed.send(request)


async def test_an_undeclared_host_gets_nothing() -> None:
    async with wire(saying(said("{}"))) as inner, Transport(timeout=1) as transport:
        request = PreparedRequest("GET", inner.url, {}, None, frozenset({"api.example"}), trusted=True)
        with pytest.raises(AddressRefused, match="not among those"):
            await transport.send(request)
        assert inner.heads == []
