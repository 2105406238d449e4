"""Owners, and the first one, who comes into being with the server."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from moorings.domain.audit import AuditEntry, Kind
from moorings.domain.caller import Caller, Scope
from moorings.domain.ids import OWNER, Clock, new_id
from moorings.domain.owner import Owner
from moorings.errors import InvalidRequest, NotFound, OwnerExists
from moorings.store import owners as rows
from moorings.store.database import Database

_NAME = re.compile(r"[^\x00-\x1f\x7f]{1,200}")
FIRST = "default"
OPERATOR = "operator"
"""The actor of what is done on the machine itself."""


@dataclass(frozen=True, slots=True)
class Owners:
    """Makes and lists owners; only whoever operates the machine may."""

    database: Database
    now: Clock

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


def administrator(owner: Owner, caller_id: str = OPERATOR) -> Caller:
    """Someone who may do everything within an owner."""
    return Caller(caller_id, owner.id, frozenset({Scope.ALL}))
