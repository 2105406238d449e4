"""Owners, and the first one, who comes into being with the server."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from moorings.domain.audit import AuditEntry, Kind
from moorings.domain.caller import Caller, Scope
from moorings.domain.ids import OWNER, Clock, new_id
from moorings.domain.owner import Owner
from moorings.domain.session import Identity
from moorings.errors import Clash, InvalidRequest, NotFound, OwnerExists
from moorings.store import identities
from moorings.store import owners as rows
from moorings.store.database import Database

_NAME = re.compile(r"[^\x00-\x1f\x7f]{1,200}")
FIRST = "default"
OPERATOR = "operator"
"""The actor of what is done on the machine itself."""
ISSUER = "session issuer"
"""The actor of what a first sign-in does."""
NAME_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Owners:
    """Makes and lists owners; only whoever operates the machine may."""

    database: Database
    now: Clock

    async def oldest(self) -> Owner:
        """The owner in whose audit stands what concerns all, believed or not; made where there is none.

        One that is not believed stands in no operator's way to see why; nobody acts within it.
        """
        return await self.database.read(rows.oldest) or (await self.first())[0]

    async def first(self) -> tuple[Owner, bool]:
        """The first owner, and whether it was made just now."""
        existing = await self.database.read(rows.first)
        if existing is not None:
            return existing, False
        try:
            return await self.create(FIRST), True
        except OwnerExists:  # another process of ours has started at the same moment
            return await self.find(FIRST), False

    async def create(self, name: str) -> Owner:
        """A new owner; raises `OwnerExists` when the name is taken."""
        if not _NAME.fullmatch(name) or not name.strip():
            raise InvalidRequest("An owner's name has 1 to 200 characters, no line break among them, and is not blank.")
        now = self.now()
        owner = Owner(new_id(OWNER, now), name, now)
        await self.database.write(rows.add, owner, AuditEntry(owner.id, now, Kind.OWNER_CREATED, OPERATOR, owner.id))
        return owner

    async def of_identity(self, identity: Identity) -> Owner:
        """The owner that an organisation or user of a session issuer is; made when it is first seen."""
        found = await self.database.read(identities.find, identity)
        if found is not None:
            return found
        now = self.now()
        owner = Owner(new_id(OWNER, now), _name_of(identity), now)
        entry = AuditEntry(owner.id, now, Kind.OWNER_CREATED, ISSUER, owner.id)
        try:
            await self.database.write(identities.add, identity, owner, entry)
        except (Clash, OwnerExists):  # another call of the same organisation was first
            found = await self.database.read(identities.find, identity)
            if found is None:
                raise
            return found
        return owner

    async def link(self, name_or_id: str, identity: Identity) -> Owner:
        """Let an identity mean an owner that exists; raises `NotFound`."""
        owner, now = await self.find(name_or_id), self.now()
        entry = AuditEntry(owner.id, now, Kind.OWNER_LINKED, OPERATOR, identity.name)
        await self.database.write(identities.link, identity, owner.id, now, entry)
        return owner

    async def every(self) -> Sequence[Owner]:
        """All owners, the oldest first."""
        return await self.database.read(rows.every)

    async def find(self, name_or_id: str | None) -> Owner:
        """By name or id, the first one without; raises `NotFound`."""
        if name_or_id is None:
            return (await self.first())[0]
        owner = await self.database.read(rows.find, name_or_id)
        if owner is None:
            raise NotFound("There is no owner of this name; `moorings owners list` shows them.")
        return owner


def _name_of(identity: Identity) -> str:
    """A name that no other identity has, and no owner's id: an issuer may let people choose what it calls them."""
    name = f"{identity.issuer.removeprefix('https://')}/{identity.name}"
    if len(name) <= NAME_LENGTH:
        return name
    return f"{name[: NAME_LENGTH - 34]}…{hashlib.sha256(name.encode()).hexdigest()[:32]}"


def administrator(owner: Owner, caller_id: str = OPERATOR) -> Caller:
    """Someone who may do everything within an owner."""
    return Caller(caller_id, owner.id, frozenset({Scope.ALL}))
