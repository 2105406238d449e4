"""When each API key was last used, noted in memory with every call and written down once a minute."""

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime

from moorings.errors import StoreFailed
from moorings.store import api_keys as rows
from moorings.store.database import Database

PAUSE_SECONDS = 60.0

log = logging.getLogger(__name__)


class KeyUses:
    """A kill loses the uses of a minute at most; each of them stands in the audit as well, where it did something."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._unwritten: dict[str, datetime] = {}

    def note(self, key_id: str, at: datetime) -> None:
        """A call has come with this key."""
        self._unwritten[key_id] = at

    @property
    def unwritten(self) -> Mapping[str, datetime]:
        """What this process has seen since it last wrote."""
        return self._unwritten

    async def write(self) -> None:
        """Write down what was noted; what the store cannot take is kept for the next time."""
        if not self._unwritten:
            return
        noted, self._unwritten = self._unwritten, {}
        try:
            await self._database.write(rows.used, noted)
        except StoreFailed:
            self._unwritten = {**noted, **self._unwritten}
            log.warning("the last uses of API keys could not be written down; it is tried again in a minute")

    async def forever(self, pause: float = PAUSE_SECONDS) -> None:
        """Every minute, until cancelled."""
        while True:
            await asyncio.sleep(pause)
            await self.write()
