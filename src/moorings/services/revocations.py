"""Delete that means delete: a provider is told to revoke what is deleted here, and told again until it confirms."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from weakref import WeakValueDictionary

from moorings.catalog.catalog import Catalog
from moorings.domain.audit import AuditEntry, Kind
from moorings.domain.bot import InstalledBot
from moorings.domain.caller import NOWHERE, Caller
from moorings.domain.credential import CredentialRef
from moorings.domain.ids import INSTALLATION, is_id, new_id
from moorings.domain.integration import Integration
from moorings.domain.revocation import PendingRevocation
from moorings.domain.secret import SecretFields
from moorings.errors import CredentialsRejected, InvalidRequest, ProviderFailed, VaultFailed
from moorings.providers.contract import Revoker
from moorings.services.sealing import Opened, Sealing
from moorings.store import bots as bot_rows
from moorings.store import revocations as rows

REVOCATION = "rvk"
TRIED_FOR = timedelta(days=7)
"""After this the bytes go all the same; the audit says that the provider never confirmed."""

NOBODY: Mapping[str, Revoker] = {}


@dataclass(frozen=True, slots=True)
class Leaving:
    """What is about to be deleted of one connection: some of its entries, and which bot it is, for one that is any."""

    caller: Caller
    integration: Integration
    refs: tuple[CredentialRef, ...]
    bot: InstalledBot | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What came of telling a provider: a word for the audit, a sentence for a person, and what is to be tried on."""

    outcome: str
    note: str
    pending: PendingRevocation | None = None


@dataclass(frozen=True, slots=True)
class Revocations:
    """Tells providers, now and later; `managed` are those of bots whose tokens we may replace."""

    revokers: Mapping[str, Revoker]
    sealing: Sealing
    catalog: Catalog
    managed: Mapping[str, Revoker] = field(default_factory=lambda: NOBODY)
    turns: "WeakValueDictionary[tuple[str, str], asyncio.Lock]" = field(default_factory=WeakValueDictionary)

    def turn(self, owner: str, integration_id: str) -> asyncio.Lock:
        """To be held from the question who else uses a secret until it is gone here.

        Of two places of one secret that are deleted at once each would else be spared for the other.
        """
        return self.turns.setdefault((owner, integration_id), asyncio.Lock())

    async def tell(self, leaving: Leaving) -> Mapping[CredentialRef, Told]:
        """Tell the provider that these end; without those of which it takes no such word, or where nothing stands."""
        told = await asyncio.gather(*(self._tell(leaving, ref) for ref in leaving.refs))
        return {ref: each for ref, each in zip(leaving.refs, told, strict=True) if each is not None}

    async def due(self, pending_id: str) -> datetime | None:
        """Try once more; an outage is raised, so that the job comes again."""
        pending = await self.sealing.database.read(rows.find, pending_id)
        if pending is None:
            return None
        await self._end(pending, await self._again(pending))
        return None

    async def _tell(self, leaving: Leaving, ref: CredentialRef) -> Told | None:
        integration, bot = leaving.integration, leaving.bot
        revoker = (self.managed if bot and bot.managed else self.revokers).get(integration.id)
        if revoker is None:
            return None
        try:
            opened = await self.sealing.open(ref, integration.id)
        except VaultFailed:
            return Told("unreadable", f"{integration.name} was not told: the credentials could not be opened.")
        if opened is None or not _ending(integration, opened.fields):
            return None
        user = await self._user(leaving, opened.fields)
        if user is not None:
            return Told("in use", f"They were not revoked at {integration.name}: {user}.")
        return await self._told(leaving, ref, opened, revoker)

    async def _told(self, leaving: Leaving, ref: CredentialRef, opened: Opened, revoker: Revoker) -> Told:
        name = leaving.integration.name
        try:
            await revoker.revoke(opened.fields)
        except CredentialsRejected:
            return Told("ok", f"{name} no longer knew them.")
        except ProviderFailed as error:
            pending = self._pending(leaving, ref, opened, error)
            if pending is None:
                return Told("failed", f"{name} did not revoke them.")
            return Told(
                "pending", f"{name} has not confirmed that they are revoked; it is told again until it does.", pending
            )
        except InvalidRequest as error:  # whatever was stored, it can be deleted
            return Told("failed", f"{name} could not be told to revoke them: {error.message}")
        return Told("ok", f"{name} has confirmed that they are revoked.")

    def _pending(
        self, leaving: Leaving, ref: CredentialRef, opened: Opened, error: ProviderFailed
    ) -> PendingRevocation | None:
        stored, now = opened.stored, self.sealing.now()
        if stored.current is None:
            return None
        return PendingRevocation(
            new_id(REVOCATION, now), leaving.integration.id, ref, stored.sealed, stored.field_names, stored.current,
            now, leaving.caller.id, error.message, leaving.bot.itself if leaving.bot else None,
        )  # fmt: skip

    async def _user(self, leaving: Leaving, fields: SecretFields) -> str | None:
        """What of the owner's would end with these: another place of the same secret, or of the same bot."""
        owner, integration, bot = leaving.caller.owner, leaving.integration, leaving.bot
        place = await self._elsewhere(owner, integration, fields, leaving.refs)
        if place is not None:
            return f"{_named(place)} uses the same value"
        twins = await self._installed(owner, integration.id, bot.itself) if bot else []
        twin = next((each for each in twins if bot and each != bot.installation_id), None)
        return f"{twin} is an installation of the same bot" if twin else None

    async def _elsewhere(
        self, owner: str, integration: Integration, fields: SecretFields, leaving: Sequence[CredentialRef] = ()
    ) -> CredentialRef | None:
        """Another place of the owner's where a secret of these is used: to revoke it would end that one too."""
        ending = _ending(integration, fields)
        for place in await self.sealing.database.read(rows.places, owner, integration.id):
            if place not in leaving and await self._shares(place, integration.id, fields, ending):
                return place
        return None

    async def _installed(self, owner: str, integration_id: str, bot: str) -> Sequence[str]:
        return await self.sealing.database.read(bot_rows.installed, owner, integration_id, bot)

    async def _shares(self, place: CredentialRef, integration: str, fields: SecretFields, names: list[str]) -> bool:
        try:
            opened = await self.sealing.open(place, integration)
        except VaultFailed:
            return True  # what cannot be known is not put at risk
        return opened is not None and any(opened.fields.get(name) == fields[name] for name in names)

    async def _back(self, pending: PendingRevocation, fields: SecretFields) -> bool:
        """Whether the same stands here once more; whoever has saved or installed it since wants to use it."""
        owner, integration_id = pending.ref.owner, pending.integration
        if await self._elsewhere(owner, self.catalog.get(integration_id), fields) is not None:
            return True
        return pending.bot is not None and bool(await self._installed(owner, integration_id, pending.bot))

    async def _again(self, pending: PendingRevocation) -> str:
        """How it ended; raises `ProviderFailed` while it has not."""
        revoker = self.revokers.get(pending.integration) or self.managed.get(pending.integration)
        if revoker is None or self.sealing.now() - pending.since >= TRIED_FOR:
            return "given up"
        try:
            key = await self.sealing.owner_keys.by_id(pending.ref.owner, pending.sealed.owner_key_id)
            fields = self.sealing.vault.open(key, pending.stored, pending.integration)
            if await self._back(pending, fields):
                return "in use"
            await revoker.revoke(fields)
        except VaultFailed:
            return "unreadable"
        except CredentialsRejected:
            return "ok"
        except InvalidRequest:
            return "failed"
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


def _ending(integration: Integration, fields: SecretFields) -> list[str]:
    """Which of these are worth nothing once they are revoked."""
    declared = integration.revoke.ends or [field.name for field in integration.fields if field.secret]
    return [name for name in declared if name in fields]


def _named(place: CredentialRef) -> str:
    environment = place.environment or "all environments"
    return f"{place.integration_id} ({environment})" if is_id(place.integration_id, INSTALLATION) else environment
