"""Denied calls are written down: who tried what, and why it was not allowed."""

import logging
from dataclasses import dataclass

from moorings.domain.audit import AuditEntry, Kind
from moorings.domain.caller import Caller
from moorings.domain.ids import Clock
from moorings.errors import Forbidden, StoreFailed
from moorings.store import audit as rows
from moorings.store.database import Database

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Denials:
    """Keeps the audit of what was refused."""

    database: Database
    now: Clock

    async def record(self, caller: Caller, call: str, error: Forbidden) -> None:
        """Write a denied call down; where the store fails the refusal stands all the same, and the log tells it."""
        entry = AuditEntry(
            caller.owner, self.now(), Kind.CALL_DENIED, caller.id, call, outcome=error.code, origin=caller.origin
        )
        try:
            await self.database.write(rows.append, entry)
        except StoreFailed:
            log.exception("a denied call could not be written to the audit", extra={"call": call, "actor": caller.id})
