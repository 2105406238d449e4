"""Deletes what has ended: unfinished reservations, old answers and events, owner keys that nothing is under."""

import asyncio
import logging
from dataclasses import dataclass
from datetime import timedelta

from moorings.domain.ids import Clock
from moorings.errors import StoreFailed
from moorings.store import authorisations, connections, events, idempotency, keys, managed_bots
from moorings.store.database import Database

PAUSE_SECONDS = 600.0
EVENTS_AT_ONCE = 1_000
"""So many are deleted in one transaction: whoever else wants to write shall not wait long."""

REQUESTS_KEPT = timedelta(days=30)
"""How long one can look what became of a request for a managed bot."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Housekeeping:
    """Nothing depends on its being on time: whatever has an end is also checked when it is read."""

    database: Database
    now: Clock
    events_kept: timedelta = timedelta(days=30)

    async def once(self) -> None:
        """Delete what has ended by now."""
        await self.database.write(connections.forget_expired, self.now())
        await self.database.write(authorisations.forget_expired, self.now())
        await self.database.write(managed_bots.forget, self.now() - REQUESTS_KEPT)
        await self.database.write(idempotency.forget_expired, self.now())
        await self._forget_events()
        for key in await self.database.read(keys.superseded):
            await self.database.write(keys.delete_unused, key.id)

    async def _forget_events(self) -> None:
        before = self.now() - self.events_kept
        while await self.database.write(events.forget_before, before, EVENTS_AT_ONCE) == EVENTS_AT_ONCE:
            log.debug("old events were deleted, and there are more")

    async def forever(self, pause: float = PAUSE_SECONDS) -> None:
        """Every ten minutes, until cancelled."""
        while True:
            await asyncio.sleep(pause)
            try:
                await self.once()
            except StoreFailed:
                log.warning("housekeeping was put off: the store could not do it")
            except Exception:  # one defect shall not end it for as long as the process lives
                log.exception("housekeeping met a defect")
