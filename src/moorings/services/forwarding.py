"""Where an installation's events are passed on to, and the secret that signs them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from moorings.domain.audit import AuditEntry, Kind
from moorings.domain.caller import Caller, Scope
from moorings.domain.ids import Clock
from moorings.domain.installation import Installation
from moorings.domain.secret import Secret
from moorings.errors import AddressRefused, Detail, InvalidRequest
from moorings.providers.receiver import Receiver
from moorings.services.connections import Connections
from moorings.services.forward_secrets import ForwardSecrets
from moorings.store import forwarding as rows
from moorings.store.database import Database


@dataclass(frozen=True, slots=True)
class Change:
    """What shall be different of an installation; `anew` is whether the address was named, if only to take it away."""

    name: str | None
    forward_url: str | None
    anew: bool


@dataclass(frozen=True, slots=True)
class Renewed:
    """A secret that is shown this once, and until when the one before signs beside it."""

    installation: Installation
    secret: Secret
    previous_until: datetime | None


@dataclass(frozen=True, slots=True)
class Forwarding:
    """Addresses and signing secrets of installations."""

    connections: Connections
    receiver: Receiver
    secrets: ForwardSecrets
    database: Database
    now: Clock

    def check(self, url: str | None) -> None:
        """Raise `AddressRefused` for an address that can never be sent to."""
        try:
            if url is not None:
                self.receiver.check(url)
        except AddressRefused as error:
            raise AddressRefused(error.message, [Detail("forwardUrl", error.message)]) from None

    async def change(self, caller: Caller, integration_id: str, change: Change) -> Installation:
        """Rename an installation or let its events go elsewhere; an address that was switched off is used again."""
        found = await self._installation(caller, integration_id)
        self.check(change.forward_url)
        entry = self._entry(caller, Kind.INSTALLATION_CHANGED, found)
        wish = (change.name or found.name, change.forward_url, self.now(), entry)
        await self.database.write(rows.change, caller.owner, found.id, *wish, anew=change.anew)
        return await self._installation(caller, integration_id)

    async def renew_secret(self, caller: Caller, integration_id: str, grace: timedelta) -> Renewed:
        """A new signing secret; one that was shown before goes on signing for the grace time."""
        found = await self._installation(caller, integration_id)
        entry = self._entry(caller, Kind.FORWARD_KEY_RENEWED, found)
        signing = await self.secrets.renew(caller.owner, found.id, self.now() + grace, entry)
        return Renewed(found, signing.secret, signing.until)

    async def _installation(self, caller: Caller, integration_id: str) -> Installation:
        caller.require(Scope.WRITE)
        connection = await self.connections.find(caller.owner, integration_id)
        if connection.installation is None:
            raise InvalidRequest("This takes the id of an installation (intg_...), not of the catalogue.")
        caller.require_write(connection.installation.environment)
        return connection.installation

    def _entry(self, caller: Caller, kind: Kind, installation: Installation) -> AuditEntry:
        return AuditEntry(
            caller.owner, self.now(), kind, caller.id, installation.id, installation.environment, origin=caller.origin
        )
