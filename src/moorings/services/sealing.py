"""Seals credentials under their owner's present key before the store sees them, and opens what is stored."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from moorings.domain.credential import (
    HIDDEN,
    Credential,
    CredentialRef,
    Preview,
    Revision,
    Status,
    StoredSecret,
    Verification,
)
from moorings.domain.ids import Clock, new_id
from moorings.domain.integration import Integration
from moorings.domain.secret import SecretFields
from moorings.errors import Clash, VaultFailed
from moorings.services.check_plan import NEVER, CheckPlan
from moorings.services.owner_keys import OwnerKeys
from moorings.store import credentials as rows
from moorings.store.database import Database
from moorings.vault.envelope import Key
from moorings.vault.vault import Vault

REVISION = "rev"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Opened:
    """A stored credential with its fields in the open."""

    stored: StoredSecret
    fields: SecretFields


@dataclass(frozen=True, slots=True)
class Sealing:
    """The way in and out of the vault for everything that is kept as a credential."""

    vault: Vault
    owner_keys: OwnerKeys
    database: Database
    now: Clock
    plan: CheckPlan = NEVER

    async def keep(
        self, integration: Integration, ref: CredentialRef, fields: SecretFields, verification: Verification | None,
        write: Callable[[Credential], Awaitable[T]], expires_at: datetime | None = None,
    ) -> T:  # fmt: skip
        """What `write` makes of the sealed credential; it may be asked twice, for a re-key beside us."""
        try:
            return await write(await self._sealed(integration, ref, fields, verification, expires_at))
        except Clash:
            # The owner key we sealed under was replaced and destroyed by a re-key beside us: take the new one.
            self.owner_keys.forget(ref.owner)
            return await write(await self._sealed(integration, ref, fields, verification, expires_at))

    async def open(self, ref: CredentialRef, integration: str) -> Opened | None:
        """The fields of what is stored there, for this integration's hosts alone; None when nothing is."""
        try:
            return await self._open(ref, integration)
        except VaultFailed:  # a re-key beside us may have sealed the record anew between our two reads
            return await self._open(ref, integration)

    async def tombstone(self, *refs: CredentialRef) -> list[Revision]:
        """The revisions that outlive what is deleted there, so that a copy put back is noticed."""
        revision = new_id(REVISION, self.now())
        keys = {ref.owner: await self.owner_keys.current(ref.owner) for ref in refs}
        return [self.vault.stamp(keys[ref.owner], ref, revision) for ref in refs]

    async def _open(self, ref: CredentialRef, integration: str) -> Opened | None:
        stored = await self.database.read(rows.secret, ref)
        if stored is None:
            return None
        key = await self.owner_keys.by_id(ref.owner, stored.sealed.owner_key_id)
        return Opened(stored, self.vault.open(key, stored, integration))

    async def _sealed(
        self, integration: Integration, ref: CredentialRef, fields: SecretFields, verification: Verification | None,
        expires_at: datetime | None,
    ) -> Credential:  # fmt: skip
        key: Key = await self.owner_keys.current(ref.owner)
        now = self.now()
        revision = new_id(REVISION, now)
        return Credential(
            ref=ref,
            integration=integration.id,
            sealed=self.vault.seal(key, ref, integration.id, fields, revision),
            revision=self.vault.stamp(key, ref, revision),
            previews=_previews(integration, fields),
            status=Status.VALID if verification else Status.UNVERIFIED,
            account=verification.account if verification else None,
            verified_at=now if verification else None,
            saved_at=now,
            expires_at=expires_at,
            check_due_at=self.plan.after(),
        )


def _previews(integration: Integration, fields: SecretFields) -> dict[str, Preview]:
    """What may be shown of each field; what the manifest does not declare is our own affair, its name included."""
    prefixes = {field.name: field.prefix for field in integration.fields}
    return {name: fields[name].preview(prefixes[name]) if name in prefixes else HIDDEN for name in fields}
