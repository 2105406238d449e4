"""Make, list and revoke the API keys of the caller's own owner."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network

from moorings.domain.api_key import ApiKey, hash_of, new_token, preview_of
from moorings.domain.audit import AuditEntry, Kind
from moorings.domain.caller import Caller, Network, Scope
from moorings.domain.environment import Environments
from moorings.domain.ids import KEY, Clock, new_id
from moorings.domain.secret import Secret
from moorings.errors import (
    AddressForbidden,
    EnvironmentForbidden,
    Forbidden,
    InvalidRequest,
    KeyNotFound,
    MissingScope,
)
from moorings.store import api_keys as rows
from moorings.store.database import Database


@dataclass(frozen=True, slots=True)
class KeyWish:
    """What a new key shall be."""

    name: str
    scopes: frozenset[Scope]
    environments: frozenset[str] | None = None
    networks: tuple[Network, ...] | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ApiKeys:
    """Keys are shown once and kept as hashes."""

    database: Database
    environments: Environments
    now: Clock

    async def create(self, caller: Caller, wish: KeyWish) -> tuple[ApiKey, Secret]:
        """A new key of the caller's owner; nobody can hand out more than they may do themselves."""
        caller.require(Scope.KEYS)
        self._check(caller, wish)
        key, token = self._made(caller, wish)
        await self.database.write(rows.add, key, self._entry(caller, Kind.KEY_CREATED, key.id))
        return key, token

    async def create_first(self, caller: Caller, wish: KeyWish) -> Secret | None:
        """A key for an owner who never had one, None for others; of several servers that start at once one makes it."""
        caller.require(Scope.KEYS)
        key, token = self._made(caller, wish)
        made = await self.database.write(rows.add_first, key, self._entry(caller, Kind.KEY_CREATED, key.id))
        return token if made else None

    def _made(self, caller: Caller, wish: KeyWish) -> tuple[ApiKey, Secret]:
        token = new_token(secrets.choice)
        key = ApiKey(
            new_id(KEY, self.now()), caller.owner, wish.name, hash_of(token), preview_of(token), wish.scopes,
            self.now(), wish.environments, wish.networks, wish.expires_at,
        )  # fmt: skip
        return key, Secret(token)

    async def every(self, caller: Caller) -> Sequence[ApiKey]:
        """All keys of the caller's owner, revoked and expired ones included."""
        caller.require(Scope.KEYS)
        return await self.database.read(rows.of_owner, caller.owner)

    async def revoke(self, caller: Caller, key_id: str) -> None:
        """End a key at once; raises `KeyNotFound` for one that is unknown, revoked or another owner's."""
        caller.require(Scope.KEYS)
        entry = self._entry(caller, Kind.KEY_REVOKED, key_id)
        if not await self.database.write(rows.revoke, caller.owner, key_id, self.now(), entry):
            raise KeyNotFound("There is no active API key of this id; GET /v1/api-keys lists them.")

    def _check(self, caller: Caller, wish: KeyWish) -> None:
        for name in wish.environments or ():
            self.environments.check(name)
        if wish.expires_at is not None and wish.expires_at <= self.now():
            raise InvalidRequest("The key would have expired before it was made; choose a time to come.")
        _refuse_freer(caller, wish)

    def _entry(self, caller: Caller, kind: Kind, key_id: str) -> AuditEntry:
        return AuditEntry(caller.owner, self.now(), kind, caller.id, key_id, origin=caller.origin)


def _refuse_freer(caller: Caller, wish: KeyWish) -> None:
    """Whoever is bound makes only keys that are bound as much, or the bounds would mean nothing."""
    lacking = sorted(scope for scope in wish.scopes if not caller.may(scope))
    if lacking:
        raise MissingScope(f"This key lacks the scope {lacking[0]} and cannot hand it out.")
    if caller.environments is not None and not _within(wish.environments, caller.environments):
        raise EnvironmentForbidden("This key is bound to some environments and can make only keys bound to these.")
    if caller.networks is not None and not _inside(wish.networks, caller.networks):
        raise AddressForbidden("This key is bound to some networks and can make only keys bound to these.")
    if caller.expires_at is not None and (wish.expires_at is None or wish.expires_at > caller.expires_at):
        raise Forbidden("This key ends, and can make only keys that end no later.")


def _within(wished: frozenset[str] | None, own: frozenset[str]) -> bool:
    return wished is not None and wished <= own


def _inside(wished: tuple[Network, ...] | None, own: tuple[Network, ...]) -> bool:
    return wished is not None and all(any(_covers(outer, network) for outer in own) for network in wished)


def _covers(outer: Network, inner: Network) -> bool:
    if isinstance(outer, IPv4Network):
        return isinstance(inner, IPv4Network) and inner.subnet_of(outer)
    return isinstance(inner, IPv6Network) and inner.subnet_of(outer)
