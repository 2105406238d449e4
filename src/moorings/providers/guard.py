"""The address guard: a name is resolved once, judged, and connected to at the very address that was judged.

Whoever may name an address (a Weaviate of their own, a forward address) could name one of ours: the database beside
us, the cloud's metadata service, a name that answers differently the second time. Judging the text of a URL misses
2130706433, 0177.0.0.1, ::ffff:127.0.0.1 and every DNS trick; what is judged here is what the socket is given.
"""

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, Self

import httpcore2

from moorings.domain.caller import Network
from moorings.errors import AddressRefused, ProviderFailed

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

_NAT64 = IPv6Network("64:ff9b::/96")
# A name's last part begins with a letter: systems read `0x7f.1` and `2130706433` as 127.0.0.1.
_NAME = re.compile(r"([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z]([a-z0-9-]{0,61}[a-z0-9])?")
_LOW_32_BITS = 0xFFFF_FFFF
# Older Pythons take these for public: metadata of a cloud lies in the first, the others are relays and inner ranges.
_CLOSED = tuple(ip_network(text) for text in ("192.0.0.0/24", "192.88.99.0/24", "fec0::/10", "3fff::/20", "5f00::/16"))


@dataclass(frozen=True, slots=True)
class Allowed:
    """What an operator opens: hosts by name, and networks."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()

    @classmethod
    def read(cls, entries: Iterable[str]) -> Self:
        """From names, addresses and networks such as `10.0.0.0/8`; what is no network is a name."""
        hosts, networks = set(), []
        for entry in entries:
            try:
                networks.append(ip_network(entry, strict=False))
            except ValueError:
                hosts.add(entry.lower())
        return cls(frozenset(hosts), tuple(networks))

    def covers(self, address: Address) -> bool:
        """Whether an address lies in an opened network."""
        return any(address in network for network in self.networks if network.version == address.version)


async def resolve(host: str, port: int) -> list[str]:
    """Every address of a name, as the system knows it."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True, slots=True)
class Guard:
    """Judges where a connection may go."""

    allowed: Allowed = field(default_factory=Allowed)
    resolve: Resolve = resolve

    def opened(self, host: str) -> bool:
        """Whether the operator has opened this host or address, so that even plain HTTP may go there."""
        try:
            return self.allowed.covers(ip_address(host))
        except ValueError:
            return host.lower() in self.allowed.hosts

    def check_written(self, scheme: str, host: str) -> None:
        """Raise `AddressRefused` for what is wrong with an address already as it is written; names are judged later."""
        if scheme != "https" and not self.opened(host):
            raise AddressRefused("The address must begin with https://; an operator may open others.")
        try:
            ip_address(host.partition("%")[0])
        except ValueError:
            if not self.opened(host) and not _NAME.fullmatch(host.rstrip(".").lower()):
                raise AddressRefused("The address names no host that can be called; write it as DNS has it.") from None
            return
        if not self._may(host):
            raise AddressRefused("The address lies in a private network; an operator may open it.")

    async def addresses(self, host: str, port: int) -> list[str]:
        """The addresses of a host that may be connected to; raises `AddressRefused` when there is none.

        One forbidden address refuses them all: a name that answers with both is a trick, not a service.
        """
        try:
            found = await self.resolve(host, port)
        except (OSError, UnicodeError):  # the second is what becomes of a name with an empty or an overlong part
            raise ProviderFailed(f"{host} has no address; check its spelling, or try again later.") from None
        if host.lower() in self.allowed.hosts:
            return list(found)
        if not found or not all(self._may(address) for address in found):
            raise AddressRefused(
                f"{host} leads into a private network; an operator may open it with MOORINGS_EGRESS_ALLOW."
            )
        return list(found)

    def _may(self, text: str) -> bool:
        try:
            address = ip_address(text.partition("%")[0])
        except ValueError:
            return False
        return self.allowed.covers(address) or all(_public(inner) for inner in _within(address))


class GuardedBackend(httpcore2.AsyncNetworkBackend):
    """Connects to judged addresses only; TLS still checks the certificate against the name."""

    def __init__(self, guard: Guard) -> None:
        self._guard, self._inner = guard, httpcore2.AnyIOBackend()

    async def connect_tcp(self, host: str, port: int, *args: Any, **kwargs: Any) -> httpcore2.AsyncNetworkStream:
        """To the first judged address that answers."""
        failure: Exception = httpcore2.ConnectError("no address")
        for address in await self._guard.addresses(host, port):
            try:
                return await self._inner.connect_tcp(address, port, *args, **kwargs)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure

    async def sleep(self, seconds: float) -> None:
        """Between tries."""
        await asyncio.sleep(seconds)


def _public(address: Address) -> bool:
    if any(address in network for network in _CLOSED if network.version == address.version):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved and not address.is_unspecified


def _within(address: Address) -> Iterable[Address]:
    """The address, and every IPv4 address that it carries inside: mapped, NAT64, 6to4 and Teredo."""
    if isinstance(address, IPv4Address):
        return (address,)
    if address.ipv4_mapped:
        return (address.ipv4_mapped,)
    if address in _NAT64:
        return (IPv4Address(int(address) & _LOW_32_BITS),)
    return (address, *filter(None, (address.sixtofour, *(address.teredo or ()))))
