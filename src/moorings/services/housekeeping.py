"""Deletes what has ended: unfinished reservations, old idempotent answers, owner keys that nothing is under."""

import asyncio
import logging
from dataclasses import dataclass

from moorings.domain.ids import Clock
from moorings.errors import StoreFailed
from moorings.store import idempotency, installations, keys
from moorings.store.database import Database

PAUSE_SECONDS = 600.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Housekeeping:
    """Nothing depends on its being on time: whatever has an end is also checked when it is read."""

    database: Database
    now: Clock

    async def once(self) -> None:
        """Delete what has ended by now."""
        await self.database.write(installations.forget_expired, self.now())
        await self.database.write(idempotency.forget_expired, self.now())
        for key in await self.database.read(keys.superseded):
            await self.database.write(keys.delete_unused, key.id)

    async def forever(self, pause: float = PAUSE_SECONDS) -> None:
        """Every ten minutes, until cancelled."""
        while True:
            await asyncio.sleep(pause)
            try:
                await self.once()
            except StoreFailed:
                log.warning("housekeeping was put off: the store could not do it")
