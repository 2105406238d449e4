"""What providers told, for whoever looks after it: listed, and sent once more."""

from collections.abc import Sequence
from dataclasses import dataclass

from moorings.domain.audit import AuditEntry, Kind
from moorings.domain.caller import Caller, Scope
from moorings.domain.environment import Environment
from moorings.domain.event import RETRIED_FOR, Event
from moorings.domain.ids import EVENT, Clock, is_id
from moorings.errors import EventNotFound, InvalidRequest, NotForwarded
from moorings.services.connections import Connection, Connections
from moorings.services.contents import Contents
from moorings.services.jobs import Jobs
from moorings.store import events as rows
from moorings.store import installations
from moorings.store.database import Database


@dataclass(frozen=True, slots=True)
class Page:
    """Some events, the newest first; `cursor` leads to those before them."""

    events: Sequence[Event]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Events:
    """The events of an installation, or of all of an integration that the caller may see."""

    connections: Connections
    contents: Contents
    database: Database
    jobs: Jobs
    now: Clock

    async def page(self, caller: Caller, integration_id: str, cursor: str | None, limit: int) -> Page:
        """The newest events, from the cursor on."""
        caller.require(Scope.READ)
        if cursor is not None and not is_id(cursor, EVENT):
            raise InvalidRequest("This is no cursor; take the one that the page before has given.")
        places = await self._places(caller, await self.connections.find(caller.owner, integration_id))
        found = await self.database.read(rows.page, caller.owner, list(places), cursor, limit + 1)
        events = [await self.contents.shown(stored) for stored in found[:limit]]
        return Page(events, found[limit - 1].id if len(found) > limit else None)

    async def redeliver(self, caller: Caller, integration_id: str, event_id: str) -> Event:
        """Send an event once more, however it ended; raises `NotForwarded` where there is no address to send it to."""
        caller.require(Scope.WRITE)
        event = await self._find(caller, integration_id, event_id)
        caller.require_write(event.stored.environment)
        stored, now = event.stored, self.now()
        installation = await self.database.read(installations.find, caller.owner, stored.installation_id)
        if installation is None or not installation.forwards:
            raise NotForwarded("The installation has no forward address that works; give it one, then try again.")
        entry = AuditEntry(
            caller.owner, now, Kind.EVENT_REDELIVERED, caller.id, f"{stored.installation_id}/{stored.id}",
            stored.environment, origin=caller.origin,
        )  # fmt: skip
        await self.database.write(rows.again, event_id, now, now + RETRIED_FOR, entry)
        self.jobs.wake()
        return await self._find(caller, integration_id, event_id)

    async def _find(self, caller: Caller, integration_id: str, event_id: str) -> Event:
        places = await self._places(caller, await self.connections.find(caller.owner, integration_id))
        known = is_id(event_id, EVENT)
        stored = await self.database.read(rows.find, caller.owner, event_id) if known else None
        if stored is None or stored.installation_id not in places:
            raise EventNotFound("There is no such event, or no longer; list the events to see what there is.")
        return await self.contents.open(stored)

    async def _places(self, caller: Caller, connection: Connection) -> dict[str, Environment]:
        """The installations that are meant, with the environments they serve."""
        if connection.installation is not None:
            caller.require_read(connection.installation.environment)
            return {connection.id: connection.installation.environment}
        found = await self.database.read(installations.of_owner, caller.owner)
        return {
            each.id: each.environment for each in found
            if each.type == connection.integration.id and caller.sees(each.environment)
        }  # fmt: skip
