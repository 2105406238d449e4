"""Denied calls are written down: who tried what, and why it was not allowed.

The audit is never pruned, and whoever holds a narrow key could fill a disk with refusals. So each caller has an entry
for each kind of refusal once a minute, so many of them, and what comes beyond is counted.
"""

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from moorings.domain.audit import AuditEntry, Kind
from moorings.domain.caller import Caller
from moorings.domain.ids import Clock
from moorings.errors import Forbidden, StoreFailed
from moorings.store import audit as rows
from moorings.store.database import Database

MINUTE = timedelta(minutes=1)
A_MINUTE = 30
"""How many refusals of one caller are written down in a minute."""
KNOWN = 10_000

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Minute:
    """What one caller was refused since it began."""

    began: datetime
    told: set[tuple[str, str]] = field(default_factory=set)
    further: int = 0


class Denials:
    """Keeps the audit of what was refused; each process counts for itself."""

    def __init__(self, database: Database, now: Clock) -> None:
        self._database, self._now = database, now
        self._minutes: dict[tuple[str, str], _Minute] = {}

    async def record(self, caller: Caller, call: str, error: Forbidden) -> None:
        """Write a denied call down; where the store fails the refusal stands all the same, and the log tells it."""
        minute, before = self._minute_of(caller)
        if before is not None and before.further:
            await self._write(caller, f"{before.further} further calls", "counted")
        if (call, error.code) in minute.told or len(minute.told) >= A_MINUTE:
            minute.further += 1
            return
        minute.told.add((call, error.code))
        await self._write(caller, call, error.code)

    def _minute_of(self, caller: Caller) -> tuple[_Minute, _Minute | None]:
        """The caller's present minute, and the one that has just ended."""
        who, now = (caller.owner, caller.id), self._now()
        known = self._minutes.get(who)
        if known is not None and now < known.began + MINUTE:
            return known, None
        if known is None and len(self._minutes) >= KNOWN:
            del self._minutes[next(iter(self._minutes))]
        self._minutes[who] = _Minute(now)
        return self._minutes[who], known

    async def _write(self, caller: Caller, call: str, outcome: str) -> None:
        entry = AuditEntry(
            caller.owner, self._now(), Kind.CALL_DENIED, caller.id, call, outcome=outcome, origin=caller.origin
        )
        try:
            await self._database.write(rows.append, entry)
        except StoreFailed:
            log.exception("a denied call could not be written to the audit", extra={"call": call, "actor": caller.id})
