"""The audit trail: read in pages, and verified from its beginning to its proven end."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from moorings.domain.audit import AuditWish, ChainReport, Notary, Recorded, Walk
from moorings.domain.caller import Caller, Scope
from moorings.domain.environment import Environments
from moorings.domain.owner import Owner
from moorings.errors import ChainBroken
from moorings.services.owners import Owners
from moorings.store import trail as rows
from moorings.store.database import Database
from moorings.store.trail import NEWEST

BATCH = 1_000
SCANNED = 5_000
"""How many entries one page looks at: a filter that fits few would otherwise read the whole chain while others wait."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some entries, the newest first, and the number before which the older ones stand; None at the beginning."""

    entries: Sequence[Recorded]
    before: int | None


@dataclass(frozen=True, slots=True)
class Trail:
    """What was written down."""

    database: Database
    environments: Environments
    owners: Owners
    notary: Notary
    batch: int = BATCH
    scanned: int = SCANNED

    async def page(self, caller: Caller, wish: AuditWish, before: int | None, limit: int) -> Page:
        """What the caller may see of its owner's entries: a bound key only those of its environments."""
        caller.require(Scope.AUDIT)
        self.environments.check(wish.environment)
        caller.require_read(wish.environment)
        seen = replace(wish, seen=caller.environments, asking=caller.id)
        return Page(*await self.database.read(rows.page, caller.owner, seen, before or NEWEST, limit, self.scanned))

    async def verify(self, owner_name: str | None, expected: tuple[int, bytes] | None = None) -> Sequence[ChainReport]:
        """Walk the chains of one owner, or of all.

        `expected` is an entry's number and hash from an earlier look at one owner, the first where none is named.
        """
        if owner_name is not None or expected is not None:
            return [await self._verify(*_named(await self.owners.find(owner_name)), expected)]
        owners = await self.owners.every()
        known = {owner.id for owner in owners}
        gone = [name for name in await self.database.read(rows.owners) if name not in known]
        return [await self._verify(*_named(owner), None) for owner in owners] + [
            await self._left(name) for name in gone
        ]

    async def _left(self, owner: str) -> ChainReport:
        """The chain of an owner who is there no longer: nothing of ours deletes one."""
        report = await self._verify(owner, owner, None)
        left = "This owner's own row is gone, or is not as it was written; the entries are left."
        return replace(report, problem=left if report.problem is None else f"{left} {report.problem}")

    async def _verify(self, owner: str, name: str, expected: tuple[int, bytes] | None) -> ChainReport:
        walk = Walk()
        try:
            await self._walk(owner, walk, expected)
        except ChainBroken as broken:
            return ChainReport(owner, name, walk.sequence, walk.hash, broken.message, broken.sequence)
        return ChainReport(owner, name, walk.sequence, walk.hash)

    async def _walk(self, owner: str, walk: Walk, expected: tuple[int, bytes] | None) -> None:
        while True:
            # Entries and head of one moment: the chain may grow beside us.
            found, head = await self.database.read(rows.forward, owner, walk.sequence, self.batch)
            for recorded in found:
                walk.step(recorded)
                if expected and recorded.sequence == expected[0] and recorded.hash != expected[1]:
                    raise ChainBroken(f"Entry {recorded.sequence} is not the one of the earlier look.", expected[0])
            if len(found) < self.batch:
                walk.end(head, self.notary)
                break
            await asyncio.sleep(0)  # let calls pass between two batches
        if expected and walk.sequence < expected[0]:
            raise ChainBroken(f"Entry {expected[0]} of the earlier look is missing.", walk.sequence + 1)


def _named(owner: Owner) -> tuple[str, str]:
    return owner.id, owner.name
