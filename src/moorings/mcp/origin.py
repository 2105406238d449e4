"""Which hosts this server goes by and which web pages may call it: the guard against DNS rebinding."""

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from moorings.errors import HostUnknown, OriginForbidden

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Origins:
    """`hosts` are the names that a call may be for, None where any will do; `origins` the pages that may send one.

    A server that listens on loopback alone is reached by that name or by its public one. Behind any other address
    stand names that we cannot know. Programs send no Origin; browsers always do, and only they can be rebound.
    """

    hosts: frozenset[str] | None
    origins: frozenset[str]

    @classmethod
    def of(cls, listening: str, address: str, public_url: str | None) -> "Origins":
        """For the host listened on, the address this makes, and the address the world uses."""
        addresses = [address, *([public_url] if public_url else [])]
        names = {urlsplit(each).hostname or "" for each in addresses}
        hosts = frozenset(names | _LOOPBACK) if _is_loopback(listening) else None
        return cls(hosts, frozenset(_origin(each) for each in addresses))

    def check(self, host: str, origin: str | None) -> None:
        """Raise `HostUnknown` or `OriginForbidden`; the headers are not said again."""
        if self.hosts is not None and _name(host) not in self.hosts:
            raise HostUnknown("This server does not go by the name in the Host header; set MOORINGS_PUBLIC_URL to it.")
        if origin is not None and not self._may_send(origin):
            raise OriginForbidden("Web pages of another origin may not call this; programs send no Origin header.")

    def _may_send(self, origin: str) -> bool:
        local = self.hosts is not None and _name(origin.partition("://")[2]) in _LOOPBACK
        return local or _origin(origin) in self.origins


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host in _LOOPBACK


def _name(host: str) -> str:
    """The host without its port; empty for what is none."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _origin(address: str) -> str:
    """Scheme, host and port as a browser says them (RFC 6454); empty for what is no address."""
    try:
        parts = urlsplit(address)
        port = f":{parts.port}" if parts.port not in (None, {"http": 80, "https": 443}.get(parts.scheme)) else ""
    except ValueError:
        return ""
    host = parts.hostname or ""
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}"
