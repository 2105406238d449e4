"""Takes in what providers send: verified, kept once, and answered only when it is on disk."""

import logging
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from moorings.domain.audit import AuditEntry, Kind
from moorings.domain.caller import NOWHERE, Origin
from moorings.domain.credential import CredentialRef
from moorings.domain.event import RETRIED_FOR, InboundEvent
from moorings.domain.ids import EVENT, INSTALLATION, Clock, is_id, new_id
from moorings.domain.installation import Installation
from moorings.domain.secret import Secret, SecretFields
from moorings.errors import Clash, NotFound, WebhookRefused
from moorings.providers.contract import Inbound
from moorings.services.contents import Contents
from moorings.services.jobs import Jobs
from moorings.services.remembered import Remembered
from moorings.services.sealing import Sealing
from moorings.store import events as rows
from moorings.store import hooks
from moorings.store.database import Database
from moorings.store.events import NewEvent
from moorings.store.hooks import Hook

KEPT = 1_024
"""How many installations' verification secrets stay in memory."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Inbox:
    """The way in of events, from webhooks and from polling alike; `listeners` know the providers' calls."""

    listeners: Mapping[str, Inbound]
    sealing: Sealing
    contents: Contents
    database: Database
    jobs: Jobs
    now: Clock
    opened: Remembered[tuple[str, CredentialRef], tuple[str, SecretFields]] = field(
        default_factory=lambda: Remembered(KEPT)
    )
    decoy: Secret = field(default_factory=lambda: Secret(secrets.token_hex(16)))

    async def receive(
        self, integration_id: str, installation_id: str, headers: Mapping[str, str], body: bytes, origin: Origin
    ) -> bytes:
        """Keep what a provider tells, and return what it wants to hear.

        Raises `WebhookRefused` for what it did not send, the same and after the same work for installations that do
        not exist, are another provider's or have no secret yet.
        """
        inbound = self.listeners.get(integration_id)
        if inbound is None:
            raise NotFound("No provider calls this address; the webhookUrl of an installation names the right one.")
        installation, fields = await self._known(integration_id, installation_id, inbound)
        try:
            inbound.verify(headers, body, fields, self.now())
        except WebhookRefused:
            _tell(integration_id, installation)
            raise
        if installation is None:  # nobody can sign with the decoy; but nothing shall depend on that
            raise WebhookRefused
        received = inbound.read(body)
        if received.events:
            await self.keep(installation, received.events, origin)
        return received.reply

    async def keep(self, installation: Installation, events: Sequence[InboundEvent], origin: Origin = NOWHERE) -> int:
        """Keep these events unless they are kept already; how many were new."""
        try:
            new = await self.database.write(rows.add, await self._sealed(installation, events, origin))
        except Clash:
            # The owner key we sealed under was replaced and destroyed by a re-key beside us: take the new one.
            self.contents.owner_keys.forget(installation.owner)
            new = await self.database.write(rows.add, await self._sealed(installation, events, origin))
        if new:
            self.jobs.wake()
        return new

    async def _known(
        self, integration_id: str, installation_id: str, inbound: Inbound
    ) -> tuple[Installation | None, SecretFields]:
        """The installation with the secrets that prove a call; a decoy for what is not there."""
        decoy = dict.fromkeys(inbound.fields & {"signingSecret", "webhookSecret"}, self.decoy)
        known = is_id(installation_id, INSTALLATION)
        hook = await self.database.read(hooks.find, integration_id, installation_id) if known else None
        if hook is None or hook.revision is None:
            return None, decoy
        return hook.installation, await self._fields(integration_id, hook, inbound) or decoy

    async def _fields(self, integration_id: str, hook: Hook, inbound: Inbound) -> SecretFields:
        """What is remembered of this place and this writing, else what the vault opens for this integration.

        By the writing alone, whoever writes to the database could let one installation answer to another's secret.
        """
        installation, revision = hook.installation, hook.revision
        ref = CredentialRef(installation.owner, installation.id, installation.environment)
        place = (integration_id, ref)
        known, fields = self.opened.get(place) or ("", {})
        if known == revision:
            return fields
        opened = await self.sealing.open(ref, integration_id)
        if opened is None:
            return {}
        fields = {name: secret for name, secret in opened.fields.items() if name in inbound.fields}
        return self.opened.put(place, (opened.stored.revision_id, fields))[1]

    async def _sealed(
        self, installation: Installation, events: Sequence[InboundEvent], origin: Origin
    ) -> list[NewEvent]:
        return [await self._new(installation, event, origin) for event in events]

    async def _new(self, installation: Installation, event: InboundEvent, origin: Origin) -> NewEvent:
        now, owner = self.now(), installation.owner
        event_id = new_id(EVENT, now)
        entry = AuditEntry(
            owner, now, Kind.EVENT_RECEIVED, installation.type, f"{installation.id}/{event_id}",
            installation.environment, origin=origin,
        )  # fmt: skip
        return NewEvent(
            id=event_id, installation_id=installation.id, owner=owner, name=event.key, type=event.kind,
            conversation=event.conversation, sealed=await self.contents.seal(installation, event_id, event),
            received_at=now, give_up_at=now + RETRIED_FOR, entry=entry,
            revoked=_REVOKED.format(installation.type.capitalize()) if event.revoked else None,
        )  # fmt: skip


_REVOKED = "{} has taken the access of this app away: it was uninstalled, or its tokens were revoked. Install it again."


def _tell(integration_id: str, installation: Installation | None) -> None:
    """For whoever sets a webhook up and wonders; an id that is not known is a stranger's text and is not said."""
    told = {"integration": integration_id, "installation": installation.id if installation else "unknown"}
    log.info("a webhook was refused", extra=told)
