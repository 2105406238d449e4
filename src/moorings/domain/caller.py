"""Who asks, and what they may do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_address

from moorings.domain.environment import Environment
from moorings.errors import AddressForbidden, EnvironmentForbidden, MissingRole, MissingScope

Network = IPv4Network | IPv6Network


class Scope(StrEnum):
    """What a key may do."""

    READ = "INTEGRATIONS:READ"
    WRITE = "INTEGRATIONS:WRITE"
    EXECUTE = "INTEGRATIONS:EXECUTE"
    KEYS = "KEYS:ADMIN"
    AUDIT = "AUDIT:READ"
    ALL = "*"


@dataclass(frozen=True, slots=True)
class Origin:
    """From where a call came."""

    address: str | None = None
    request_id: str | None = None


NOWHERE = Origin()
"""The origin of what is done on the machine itself."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A key or a session, reduced to what the rules need.

    `environments` and `networks` are None where the caller is not bound to any; `role` is a session's one in its
    organisation, None for a key.
    """

    id: str
    owner: str
    scopes: frozenset[Scope]
    environments: frozenset[str] | None = None
    networks: tuple[Network, ...] | None = None
    expires_at: datetime | None = None
    origin: Origin = NOWHERE
    role: str | None = None

    def calling(self, origin: Origin) -> "Caller":
        """The same caller from there; made for every call, and `dataclasses.replace` takes three times as long."""
        bounds = (self.environments, self.networks, self.expires_at)
        return Caller(self.id, self.owner, self.scopes, *bounds, origin, self.role)

    def may(self, scope: Scope) -> bool:
        """Whether a scope covers this; writing implies reading."""
        if Scope.ALL in self.scopes or scope in self.scopes:
            return True
        return scope is Scope.READ and Scope.WRITE in self.scopes

    def require(self, scope: Scope) -> None:
        """Raise `MissingScope`, or `MissingRole` for a session, unless a scope covers this."""
        if self.may(scope):
            return
        if self.role is not None:
            raise MissingRole(f"The role of this session does not cover {scope}; ask an admin of the organisation.")
        raise MissingScope(f"This key lacks the scope {scope}; ask an administrator for a key that has it.")

    def sees(self, environment: Environment) -> bool:
        """Whether an entry may be shown: its own environments, and the entry for all that answers in them."""
        return self.environments is None or environment is None or environment in self.environments

    def require_read(self, environment: Environment) -> None:
        """Raise `EnvironmentForbidden` when asked about an environment the key is not bound to."""
        if not self.sees(environment):
            raise EnvironmentForbidden(f"This key is bound to {self._bound}; ask for one of these.")

    def require_write(self, environment: Environment) -> None:
        """Raise `EnvironmentForbidden` unless the key may change this entry; a bound key never changes that for all."""
        if self.environments is not None and (environment is None or environment not in self.environments):
            raise EnvironmentForbidden(f"This key is bound to {self._bound}; name one of these as the environment.")

    def require_address(self, address: str | None) -> None:
        """Raise `AddressForbidden` when the key is bound to networks and the call comes from elsewhere."""
        if self.networks is not None and not inside(address, self.networks):
            raise AddressForbidden("This key may not be used from this network address.")

    def expired(self, now: datetime) -> bool:
        """Whether the key's time is over."""
        return self.expires_at is not None and now >= self.expires_at

    @property
    def _bound(self) -> str:
        return ", ".join(sorted(self.environments or ()))


def inside(address: str | None, networks: Sequence[Network]) -> bool:
    """Whether an address lies in one of these networks; one that is none lies in no network."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return False
    # A server on [::] sees IPv4 callers as ::ffff:a.b.c.d; a range written in IPv4 means them too.
    mapped = getattr(found, "ipv4_mapped", None) or found
    return any(mapped in network for network in networks if network.version == mapped.version)
