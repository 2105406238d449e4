"""Gives a running server a new root key, and every record a new ciphertext if wished.

What is left to do stands in the database alone: after a kill the same command goes on where it was.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass

from moorings.domain.audit import AuditEntry, Kind, Notary
from moorings.domain.credential import StoredSecret
from moorings.domain.ids import Clock
from moorings.domain.owner_key import WrappedKey
from moorings.domain.root_key import Outcome, Progress
from moorings.domain.secret import Sealed
from moorings.errors import VaultFailed
from moorings.services.owner_keys import REMEMBERED_SECONDS
from moorings.services.owners import OPERATOR, Owners
from moorings.store import attestations, audit
from moorings.store import keys as rows
from moorings.store import reseal as reseal_rows
from moorings.store import sealed_values as values
from moorings.store.database import Database
from moorings.store.reseal import Resealed
from moorings.store.sealed_values import SealedValue
from moorings.vault.envelope import Context, Key
from moorings.vault.vault import Vault

BATCH = 500
PASSES = 40


@dataclass(frozen=True, slots=True)
class Rekey:
    """Re-wraps owner keys and reseals records, in batches, while the server serves."""

    vault: Vault
    database: Database
    owners: Owners
    notary: Notary
    now: Clock

    async def run(self, *, reseal: bool, progress: Progress) -> Outcome:
        """Make a new root key current, unless an earlier run was not finished, and bring everything under it."""
        outcome = await self._begin()
        await self._rewrap_all(outcome, progress)
        if reseal:
            await self._renew_all(outcome)
            for key in await self.database.read(rows.superseded):
                await self._empty(key, outcome, progress)
        await self._prove_all(outcome)
        await self._attest_all(outcome)
        await self.database.write(rows.settle, outcome.root_key_id, self.now())
        return outcome

    async def _begin(self) -> Outcome:
        self.vault.keyring.reload()
        current = self.vault.keyring.current.id
        unfinished = not await self.database.read(rows.settled, current)
        root = current if unfinished else self.vault.keyring.add()
        await self.database.write(rows.add_root, self.vault.check_value(root), self.now())
        owner = await self.owners.oldest()
        entry = AuditEntry(owner.id, self.now(), Kind.ROOT_KEY_CHANGED, OPERATOR, root)
        await self.database.write(audit.append, entry)
        return Outcome(root, unfinished)

    async def _rewrap_all(self, outcome: Outcome, progress: Progress) -> None:
        counts = await self.database.read(rows.owner_keys_by_root)
        total = sum(counts.values()) - counts.get(outcome.root_key_id, 0)
        after, done = "", 0
        while batch := await self.database.read(rows.not_under, outcome.root_key_id, after, BATCH):
            readable = [key for key in batch if self._opens(key, outcome)]
            pairs = [(key.root_key_id, self.vault.rewrap(key)) for key in readable]
            await self.database.write(rows.rewrap, pairs)
            outcome.rewrapped += len(readable)
            after, done = batch[-1].id, done + len(batch)
            progress("Re-wrapping owner keys", done, max(total, done))

    def _opens(self, key: WrappedKey, outcome: Outcome) -> bool:
        """Whether an owner key can be unwrapped; one whose root key is lost must not keep the others from a new one."""
        try:
            self.vault.unwrap(key)
        except VaultFailed as error:
            outcome.note(f"The owner key of {key.owner}: {error.message}")
            return False
        return True

    async def _prove_all(self, outcome: Outcome) -> None:
        """Prove the ends of all audit chains under the new root key, also of those that grow meanwhile."""
        for _ in range(PASSES):
            if await self._proved(outcome) == 0:
                return

    async def _proved(self, outcome: Outcome) -> int:
        """How many ends were proven anew; one that is not proven now never will be."""
        after, done = "", 0
        while batch := await self.database.read(audit.heads_not_under, outcome.root_key_id, after, BATCH):
            good = [head for head in batch if self.notary.proves(head)]
            for head in batch:
                if head not in good:
                    outcome.note(f"Where the audit of {head.owner} ends is not proven; run `moorings audit verify`.")
            pairs = [(head, self.notary.head(head.owner, head.sequence, head.hash)) for head in good]
            await self.database.write(audit.replace_heads, pairs)
            after, done = batch[-1].owner, done + len(good)
        return done

    async def _attest_all(self, outcome: Outcome) -> None:
        """Attest rows under the new root key. After the heads: whoever writes a row from then on knows that key."""
        skip = Counter[str]()
        while True:
            number, altered = await self.database.write(attestations.renew, outcome.root_key_id, skip.copy(), BATCH)
            for row in altered:
                outcome.note(f"The row {row.id} of {row.table} is not as Moorings wrote it; run `moorings doctor`.")
                skip[row.table] += 1
            if not number and not altered:
                return

    async def _renew_all(self, outcome: Outcome) -> None:
        """A new key for every owner whose present one is older than the root key; an earlier run may have made some."""
        after = ""
        while batch := await self.database.read(rows.current_before, outcome.root_key_id, after, BATCH):
            for key in batch:
                _, fresh = self.vault.new_owner_key(key.owner, key.generation + 1, self.now())
                await self.database.write(rows.add, fresh)
            after = batch[-1].id

    async def _empty(self, old: WrappedKey, outcome: Outcome, progress: Progress) -> None:
        """Reseal everything under an old owner key and destroy it.

        A server beside us may still seal under the old key it remembers; so we look again until nothing is left. When
        the key is gone, the database refuses what is sealed under it and that server takes the new one.
        """
        current = await self.database.read(rows.current, old.owner)
        if current is None or not (self._opens(old, outcome) and self._opens(current, outcome)):
            return
        keys = self.vault.unwrap(old), self.vault.unwrap(current)
        for _ in range(PASSES):
            unreadable = await self._pass(keys, outcome, progress)
            for kind in values.TABLES:
                unreadable += await self._pass_values(kind, keys, outcome, progress)
            if await self.database.write(rows.delete_unused, old.id):
                return
            left = await self.database.read(reseal_rows.count, old.id) + await self.database.read(values.count, old.id)
            if left <= unreadable and not await self._in_use(old):
                return
            await asyncio.sleep(REMEMBERED_SECONDS / 4)

    async def _in_use(self, old: WrappedKey) -> bool:
        """Whether a server may still seal under it: it has not been replaced for longer than servers remember."""
        current = await self.database.read(rows.current, old.owner)
        return current is not None and (self.now() - current.created_at).total_seconds() < 2 * REMEMBERED_SECONDS

    async def _pass(self, keys: tuple[Key, Key], outcome: Outcome, progress: Progress) -> int:
        """Reseal what stands under the old key now; how many records could not be opened."""
        old, _ = keys
        after, done, lost, total = reseal_rows.START, 0, 0, await self.database.read(reseal_rows.count, old.id)
        while batch := await self.database.read(reseal_rows.batch, old.id, after, BATCH):
            records = [record for stored in batch if (record := self._resealed(stored, keys, outcome))]
            await self.database.write(reseal_rows.replace, records)
            outcome.resealed += len(records)
            lost += len(batch) - len(records)
            done, after = done + len(batch), reseal_rows.place_of(batch[-1].ref)
            progress("Sealing records anew", done, max(total, done))
        return lost

    async def _pass_values(self, kind: str, keys: tuple[Key, Key], outcome: Outcome, progress: Progress) -> int:
        """The same for sealed values that are no credentials."""
        after, done, lost = "", 0, 0
        while batch := await self.database.read(values.batch, kind, keys[0].id, after, BATCH):
            pairs = [(value, sealed) for value in batch if (sealed := self._resealed_value(value, keys, outcome))]
            await self.database.write(values.replace, kind, pairs)
            outcome.resealed += len(pairs)
            lost += len(batch) - len(pairs)
            after, done = batch[-1].id, done + len(batch)
            progress(f"Sealing each {kind} anew", done, done)
        return lost

    def _resealed_value(self, value: SealedValue, keys: tuple[Key, Key], outcome: Outcome) -> Sealed | None:
        old, new = keys
        context = Context(value.kind, value.owner, value.id, bound_to=value.bound_to)
        try:
            return self.vault.seal_bytes(new, context, self.vault.open_bytes(old, context, value.sealed))
        except VaultFailed as error:
            outcome.note(error.message)
            return None

    def _resealed(self, stored: StoredSecret, keys: tuple[Key, Key], outcome: Outcome) -> Resealed | None:
        old, new = keys
        try:
            fields = self.vault.open(old, stored, stored.integration)
        except VaultFailed as error:
            outcome.note(error.message)
            return None
        sealed = self.vault.seal(new, stored.ref, stored.integration, fields, stored.revision_id)
        return Resealed(stored.ref, sealed, self.vault.stamp(new, stored.ref, stored.revision_id))
