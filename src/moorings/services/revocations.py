"""Delete that means delete: a provider is told to revoke what is deleted here, and told again until it confirms."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from moorings.domain.audit import AuditEntry, Kind
from moorings.domain.caller import NOWHERE, Caller
from moorings.domain.credential import CredentialRef
from moorings.domain.ids import new_id
from moorings.domain.integration import Integration
from moorings.domain.revocation import PendingRevocation
from moorings.domain.secret import SecretFields
from moorings.errors import CredentialsRejected, ProviderFailed, VaultFailed
from moorings.providers.contract import Revoker
from moorings.services.sealing import Opened, Sealing
from moorings.store import revocations as rows

REVOCATION = "rvk"
TRIED_FOR = timedelta(days=7)
"""After this the bytes go all the same; the audit says that the provider never confirmed."""


@dataclass(frozen=True, slots=True)
class Told:
    """What came of telling a provider: a word for the audit, a sentence for a person, and what is to be tried on."""

    outcome: str
    note: str
    pending: PendingRevocation | None = None


@dataclass(frozen=True, slots=True)
class Revocations:
    """Tells providers, now and later."""

    revokers: Mapping[str, Revoker]
    sealing: Sealing

    async def tell(self, caller: Caller, integration: Integration, ref: CredentialRef) -> Told | None:
        """Tell the provider that what stands there ends; None where it takes no such word, or nothing stands there."""
        revoker = self.revokers.get(integration.id)
        if revoker is None:
            return None
        try:
            opened = await self.sealing.open(ref, integration.id)
        except VaultFailed:
            return Told("unreadable", f"{integration.name} was not told: the credentials could not be opened.")
        if opened is None:
            return None
        other = await self._elsewhere(integration, ref, opened.fields)
        if other is not None:
            place = other.environment or "all environments"
            return Told("in use", f"They were not revoked at {integration.name}: {place} uses the same value.")
        return await self._told(caller, integration, ref, opened, revoker)

    async def due(self, pending_id: str) -> datetime | None:
        """Try once more; an outage is raised, so that the job comes again."""
        pending = await self.sealing.database.read(rows.find, pending_id)
        if pending is None:
            return None
        await self._end(pending, await self._again(pending))
        return None

    async def _told(
        self, caller: Caller, integration: Integration, ref: CredentialRef, opened: Opened, revoker: Revoker
    ) -> Told:
        try:
            await revoker.revoke(opened.fields)
        except CredentialsRejected:
            return Told("ok", f"{integration.name} no longer knew them.")
        except ProviderFailed as error:
            stored, now = opened.stored, self.sealing.now()
            if stored.current is None:
                return Told("failed", f"{integration.name} did not revoke them.")
            pending = PendingRevocation(
                new_id(REVOCATION, now), integration.id, ref, stored.sealed, stored.field_names, stored.current, now,
                caller.id, error.message,
            )  # fmt: skip
            note = f"{integration.name} has not confirmed that they are revoked; it is told again until it does."
            return Told("pending", note, pending)
        return Told("ok", f"{integration.name} has confirmed that they are revoked.")

    async def _elsewhere(
        self, integration: Integration, ref: CredentialRef, fields: SecretFields
    ) -> CredentialRef | None:
        """Another place of the owner's where a secret of these is used: to revoke it would end that one too."""
        secret = [field.name for field in integration.fields if field.secret and field.name in fields]
        for place in await self.sealing.database.read(rows.places, ref.owner, integration.id):
            if place != ref and await self._shares(place, integration.id, fields, secret):
                return place
        return None

    async def _shares(self, place: CredentialRef, integration: str, fields: SecretFields, names: list[str]) -> bool:
        try:
            opened = await self.sealing.open(place, integration)
        except VaultFailed:
            return True  # what cannot be known is not put at risk
        return opened is not None and any(opened.fields.get(name) == fields[name] for name in names)

    async def _saved_again(self, pending: PendingRevocation, fields: SecretFields) -> bool:
        """Whether the same stands here once more; whoever saved it since wants to use it."""
        places = await self.sealing.database.read(rows.places, pending.ref.owner, pending.integration)
        return any([await self._shares(place, pending.integration, fields, list(fields)) for place in places])

    async def _again(self, pending: PendingRevocation) -> str:
        """How it ended; raises `ProviderFailed` while it has not."""
        revoker = self.revokers.get(pending.integration)
        if revoker is None or self.sealing.now() - pending.since >= TRIED_FOR:
            return "given up"
        try:
            key = await self.sealing.owner_keys.by_id(pending.ref.owner, pending.sealed.owner_key_id)
            fields = self.sealing.vault.open(key, pending.stored, pending.integration)
            if await self._saved_again(pending, fields):
                return "in use"
            await revoker.revoke(fields)
        except VaultFailed:
            return "unreadable"
        except CredentialsRejected:
            return "ok"
        except ProviderFailed as error:
            await self.sealing.database.write(rows.tell, pending.id, error.message)
            raise
        return "ok"

    async def _end(self, pending: PendingRevocation, outcome: str) -> None:
        ref = pending.ref
        entry = AuditEntry(
            ref.owner, self.sealing.now(), Kind.CREDENTIALS_REVOKED, pending.actor, ref.integration_id, ref.environment,
            outcome, NOWHERE, pending.revision.id,
        )  # fmt: skip
        await self.sealing.database.write(rows.end, pending.id, entry)
