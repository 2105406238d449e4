"""Where calls come from, also through reverse proxies of our own."""

from collections.abc import Sequence
from ipaddress import ip_address

from moorings.asgi import Scope
from moorings.domain.caller import Network


class Peers:
    """Believes X-Forwarded-For as far as the networks of `proxies` vouch for it."""

    def __init__(self, proxies: Sequence[Network]) -> None:
        self._proxies = tuple(proxies)

    def address(self, scope: Scope, headers: dict[bytes, bytes]) -> str | None:
        """Who called: the peer, or the nearest address before our own proxies that they vouch for."""
        peer = scope["client"][0] if scope.get("client") else None
        if not self._proxies:
            return peer
        chain = [
            part.strip() for part in headers.get(b"x-forwarded-for", b"").decode("latin-1").split(",") if part.strip()
        ]
        while peer is not None and chain and self._vouched(peer):
            peer = chain.pop()
        return peer

    def _vouched(self, address: str) -> bool:
        try:
            found = ip_address(address)
        except ValueError:
            return False
        return any(found in network for network in self._proxies if network.version == found.version)
