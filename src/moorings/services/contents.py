"""Seals what people wrote, and opens it for whoever it is passed on to."""

import logging
from dataclasses import dataclass

from moorings.domain.event import Event, InboundEvent, StoredEvent
from moorings.domain.installation import Installation
from moorings.domain.secret import Sealed
from moorings.errors import InvalidBody, VaultFailed
from moorings.services.owner_keys import OwnerKeys
from moorings.vault.envelope import Context
from moorings.vault.vault import Vault

KIND = "event"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Contents:
    """Events are sealed under their owner's key, bound to owner, event and the installation they came to."""

    vault: Vault
    owner_keys: OwnerKeys

    async def seal(self, installation: Installation, event_id: str, event: InboundEvent) -> Sealed:
        """The content for the store; raises `InvalidBody` for what JSON cannot say."""
        try:
            content = event.content()
        except (ValueError, RecursionError):
            raise InvalidBody("The event holds what JSON cannot say; it was not kept.") from None
        owner = installation.owner
        context = Context(KIND, owner, event_id, bound_to=installation.id)
        return self.vault.seal_bytes(await self.owner_keys.current(owner), context, content)

    async def prepare(self, stored: StoredEvent) -> None:
        """Have an event's key at hand; raises `VaultFailed` for what is wrong with that, and not with the event."""
        await self.owner_keys.by_id(stored.owner, stored.sealed.owner_key_id)

    async def open(self, stored: StoredEvent) -> Event:
        """The event in the open; raises `VaultFailed` when it does not open."""
        key = await self.owner_keys.by_id(stored.owner, stored.sealed.owner_key_id)
        context = Context(KIND, stored.owner, stored.id, bound_to=stored.installation_id)
        content = self.vault.open_bytes(key, context, stored.sealed)
        return Event.opened(stored, content)

    async def shown(self, stored: StoredEvent) -> Event:
        """The same for a listing, in which one that does not open must not hide the others."""
        try:
            return await self.open(stored)
        except VaultFailed as error:
            log.warning("an event cannot be opened", extra={"of": stored.id, "problem": error.message})
            return Event(stored, readable=False)
