"""Gives a running server a new root key, and every record a new ciphertext if wished.

What is left to do stands in the database alone: after a kill the same command goes on where it was.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from moorings.domain.audit import AuditEntry, Kind
from moorings.domain.credential import StoredSecret
from moorings.domain.ids import Clock
from moorings.domain.owner_key import WrappedKey
from moorings.errors import VaultFailed
from moorings.services.owners import OPERATOR, Owners
from moorings.store import audit
from moorings.store import keys as rows
from moorings.store import reseal as reseal_rows
from moorings.store.database import Database
from moorings.store.reseal import Resealed
from moorings.vault.envelope import Key
from moorings.vault.vault import Vault

BATCH = 500
PASSES = 20

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""


@dataclass(slots=True)
class Outcome:
    """What a re-key did."""

    root_key_id: str
    resumed: bool
    rewrapped: int = 0
    resealed: int = 0
    unreadable: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Rekey:
    """Re-wraps owner keys and reseals records, in batches, while the server serves."""

    vault: Vault
    database: Database
    owners: Owners
    now: Clock

    async def run(self, *, reseal: bool, progress: Progress) -> Outcome:
        """Make a new root key current, unless an earlier run was not finished, and bring everything under it."""
        outcome = await self._begin(reseal=reseal)
        await self._rewrap_all(outcome, progress, renew=reseal)
        if reseal:
            for key in await self.database.read(rows.superseded):
                await self._empty(key, outcome, progress)
        return outcome

    async def _begin(self, *, reseal: bool) -> Outcome:
        self.vault.keyring.reload()
        unfinished = await self._unfinished(reseal=reseal)
        root = self.vault.keyring.current.id if unfinished else self.vault.keyring.add()
        await self.database.write(rows.add_root, self.vault.check_value(root), self.now())
        owner, _ = await self.owners.first()
        entry = AuditEntry(owner.id, self.now(), Kind.ROOT_KEY_CHANGED, OPERATOR, root)
        await self.database.write(audit.append, entry)
        return Outcome(root, unfinished)

    async def _unfinished(self, *, reseal: bool) -> bool:
        current = self.vault.keyring.current.id
        if await self.database.read(rows.not_under, current, 1):
            return True
        superseded = await self.database.read(rows.superseded) if reseal else []
        return any([await self.database.read(reseal_rows.count, key.id) for key in superseded])

    async def _rewrap_all(self, outcome: Outcome, progress: Progress, *, renew: bool) -> None:
        counts = await self.database.read(rows.owner_keys_by_root)
        total = sum(counts.values()) - counts.get(outcome.root_key_id, 0)
        while batch := await self.database.read(rows.not_under, outcome.root_key_id, BATCH):
            fresh = await self._renewed(batch) if renew else []
            pairs = [(key.root_key_id, self.vault.rewrap(key)) for key in batch]
            await self.database.write(rows.rewrap, pairs, fresh)
            outcome.rewrapped += len(batch)
            progress("Re-wrapping owner keys", outcome.rewrapped, max(total, outcome.rewrapped))

    async def _renewed(self, batch: Sequence[WrappedKey]) -> list[WrappedKey]:
        """The next generation for each owner whose present key is in the batch."""
        fresh = []
        for key in batch:
            current = await self.database.read(rows.current, key.owner)
            if current is not None and current.id == key.id:
                fresh.append(self.vault.new_owner_key(key.owner, key.generation + 1, self.now())[1])
        return fresh

    async def _empty(self, old: WrappedKey, outcome: Outcome, progress: Progress) -> None:
        """Reseal everything under an old owner key and destroy it.

        A server beside us may still seal under the old key it remembers; so we look again until nothing is left. When
        the key is gone, the database refuses what is sealed under it and that server takes the new one.
        """
        current = await self.database.read(rows.current, old.owner)
        if current is None:
            return
        keys = self.vault.unwrap(old), self.vault.unwrap(current)
        for _ in range(PASSES):
            await self._pass(keys, outcome, progress)
            if await self.database.write(rows.delete_unused, old.id):
                return
            if await self.database.read(reseal_rows.count, old.id) <= len(outcome.unreadable):
                return

    async def _pass(self, keys: tuple[Key, Key], outcome: Outcome, progress: Progress) -> None:
        old, _ = keys
        after, done, total = reseal_rows.START, 0, await self.database.read(reseal_rows.count, old.id)
        while batch := await self.database.read(reseal_rows.batch, old.id, after, BATCH):
            records = [record for stored in batch if (record := self._resealed(stored, keys, outcome))]
            await self.database.write(reseal_rows.replace, records)
            outcome.resealed += len(records)
            done, after = done + len(batch), reseal_rows.place_of(batch[-1].ref)
            progress("Sealing records anew", done, max(total, done))

    def _resealed(self, stored: StoredSecret, keys: tuple[Key, Key], outcome: Outcome) -> Resealed | None:
        old, new = keys
        try:
            fields = self.vault.open(old, stored)
        except VaultFailed as error:
            if error.message not in outcome.unreadable:
                outcome.unreadable.append(error.message)
            return None
        sealed = self.vault.seal(new, stored.ref, fields, stored.revision_id)
        return Resealed(stored.ref, sealed, self.vault.stamp(new, stored.ref, stored.revision_id))
