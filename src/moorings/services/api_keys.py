"""Make, list and revoke the API keys of the caller's own owner."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
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
    KeyReplaced,
    MissingScope,
)
from moorings.services.key_uses import KeyUses
from moorings.store import api_keys as rows
from moorings.store.database import Database

PAGE = 100


@dataclass(frozen=True, slots=True)
class KeyWish:
    """What a new key shall be."""

    name: str
    scopes: frozenset[Scope]
    environments: frozenset[str] | None = None
    networks: tuple[Network, ...] | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rotation:
    """How a key is replaced: how long the old one works on, and when the new one ends (as the old one, if None)."""

    grace: timedelta
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rotated:
    """The new key, and until when the one it replaces works."""

    key: ApiKey
    token: Secret
    previous_id: str
    previous_valid_until: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """Some keys, the id behind which the next ones stand (None at the end), and how many there are in all."""

    keys: Sequence[ApiKey]
    after: str | None
    total: int


@dataclass(frozen=True, slots=True)
class ApiKeys:
    """Keys are shown once and kept as hashes."""

    database: Database
    environments: Environments
    now: Clock
    uses: KeyUses

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

    async def page(self, caller: Caller, after: str = "", limit: int = PAGE) -> Page:
        """So many keys of the caller's owner behind an id, revoked and expired ones included, the oldest first."""
        caller.require(Scope.KEYS)
        found = await self.database.read(rows.of_owner, caller.owner, after, limit + 1)
        total = await self.database.read(rows.count, caller.owner)
        keys = tuple(self._with_use(key) for key in found[:limit])
        return Page(keys, keys[-1].id if len(found) > limit else None, total)

    async def rotate(self, caller: Caller, key_id: str, wish: Rotation) -> Rotated:
        """A new key with the bounds of an old one, which goes on to work for a while.

        Raises `KeyNotFound` for one that is unknown, has ended or is another owner's, `KeyReplaced` for one whose
        successor was made before: another would end when the old one does.
        """
        caller.require(Scope.KEYS)
        now = self.now()
        old = await self._active(caller, key_id, now)
        if old.replaced_by is not None:
            raise _replaced(old.replaced_by)
        successor = KeyWish(old.name, old.scopes, old.environments, old.networks, wish.expires_at or old.expires_at)
        self._check(caller, successor)
        key, token = self._made(caller, successor)
        end = min(now + wish.grace, old.expires_at or datetime.max.replace(tzinfo=UTC))
        entries = [self._entry(caller, Kind.KEY_ROTATED, old.id), self._entry(caller, Kind.KEY_CREATED, key.id)]
        if not await self.database.write(rows.replace, old.id, end, key, entries, now):
            beside_us = await self._active(caller, key_id, now)
            raise _replaced(beside_us.replaced_by or "another")
        return Rotated(key, token, old.id, end)

    async def _active(self, caller: Caller, key_id: str, now: datetime) -> ApiKey:
        found = await self.database.read(rows.find, caller.owner, key_id)
        if found is None or found.ended(now):
            raise _no_such_key()
        return found

    def _with_use(self, key: ApiKey) -> ApiKey:
        """What this process has not written down yet is newer than what stands in the database."""
        seen = self.uses.unwritten.get(key.id)
        return key if seen is None else replace(key, last_used_at=seen)

    async def revoke(self, caller: Caller, key_id: str) -> None:
        """End a key at once; raises `KeyNotFound` for one that is unknown, revoked or another owner's.

        Nobody ends a freer key than their own, as nobody makes one.
        """
        caller.require(Scope.KEYS)
        found = await self.database.read(rows.find, caller.owner, key_id)
        if found is None or found.revoked_at is not None:
            raise _no_such_key()
        _refuse_freer(caller, KeyWish(found.name, found.scopes, found.environments, found.networks, found.expires_at))
        entry = self._entry(caller, Kind.KEY_REVOKED, key_id)
        if not await self.database.write(rows.revoke, caller.owner, key_id, self.now(), entry):
            raise _no_such_key()

    def _check(self, caller: Caller, wish: KeyWish) -> None:
        for name in wish.environments or ():
            self.environments.check(name)
        if wish.expires_at is not None and wish.expires_at <= self.now():
            raise InvalidRequest("The key would have expired before it was made; choose a time to come.")
        _refuse_freer(caller, wish)

    def _entry(self, caller: Caller, kind: Kind, key_id: str) -> AuditEntry:
        return AuditEntry(caller.owner, self.now(), kind, caller.id, key_id, origin=caller.origin)


def _no_such_key() -> KeyNotFound:
    return KeyNotFound("There is no active API key of this id; GET /v1/api-keys lists them.")


def _replaced(successor: str) -> KeyReplaced:
    return KeyReplaced(f"This API key was rotated before, and {successor} has replaced it; rotate that one.")


def _refuse_freer(caller: Caller, wish: KeyWish) -> None:
    """Whoever is bound makes, rotates and revokes only keys that are bound as much, or bounds would mean nothing."""
    lacking = sorted(scope for scope in wish.scopes if not caller.may(scope))
    if lacking:
        raise MissingScope(f"This key lacks the scope {lacking[0]}: it neither makes nor ends keys that have it.")
    if caller.environments is not None and not _within(wish.environments, caller.environments):
        raise EnvironmentForbidden("This key is bound to some environments; it makes and ends only keys of these.")
    if caller.networks is not None and not _inside(wish.networks, caller.networks):
        raise AddressForbidden("This key is bound to some networks; it makes and ends only keys of these.")
    if caller.expires_at is not None and (wish.expires_at is None or wish.expires_at > caller.expires_at):
        raise Forbidden("This key ends; it makes and ends only keys that end no later.")


def _within(wished: frozenset[str] | None, own: frozenset[str]) -> bool:
    return wished is not None and wished <= own


def _inside(wished: tuple[Network, ...] | None, own: tuple[Network, ...]) -> bool:
    return wished is not None and all(any(_covers(outer, network) for outer in own) for network in wished)


def _covers(outer: Network, inner: Network) -> bool:
    if isinstance(outer, IPv4Network):
        return isinstance(inner, IPv4Network) and inner.subnet_of(outer)
    return isinstance(inner, IPv6Network) and inner.subnet_of(outer)
