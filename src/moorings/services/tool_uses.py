"""Each use of a stored secret by a tool, written down: before it where it may change something, and after it."""

import logging
from dataclasses import dataclass
from typing import Final

from moorings.domain.audit import AuditEntry, Kind, done_by
from moorings.domain.caller import Caller
from moorings.domain.credential import Status, StoredSecret
from moorings.domain.environment import Environment
from moorings.domain.ids import Clock
from moorings.domain.tool import Tool
from moorings.errors import StoreFailed, UseNotRecorded
from moorings.services.connections import Connection
from moorings.services.resolution import Resolved
from moorings.store import audit, uses
from moorings.store.database import Database

OK, REFUSED, REJECTED = "ok", "refused", "rejected"
FAILED, NOT_SENT, CANCELLED = "failed", "not sent", "cancelled"

_WHAT_CAME: Final = {
    OK: "has done this",
    REFUSED: "has refused this",
    REJECTED: "no longer accepts the credentials",
    FAILED: "was asked for this and gave no answer that counts",
    NOT_SENT: "could not be asked for this, or for all of it",
    CANCELLED: "was asked for this, and nobody waited for the answer",
}

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Use:
    """One use of one stored credential."""

    caller: Caller
    connection: Connection
    tool: Tool
    asked: Environment
    resolved: Resolved
    stored: StoredSecret


@dataclass(frozen=True, slots=True)
class ToolUses:
    """Keeps the audit of tools.

    What may change something at a provider is not sent before its entry is on disk: a store that cannot write stops it
    while it is still true that nothing was changed. What only reads has one entry, afterwards, and costs one commit.
    """

    database: Database
    now: Clock

    async def begin(self, use: Use) -> None:
        """Write down what is about to be asked for, unless it only reads; raises `StoreFailed`."""
        if not use.tool.read_only:
            await self.database.write(audit.append, self._entry(use, Kind.TOOL_BEGUN, OK))

    async def end(self, use: Use, outcome: str) -> None:
        """Write down what came of it; raises `UseNotRecorded`, for the provider was asked all the same."""
        dead, proven = outcome == REJECTED, outcome == OK and use.resolved.status is Status.INVALID
        entry = self._entry(use, Kind.TOOL_EXECUTED, outcome)
        try:
            await self.database.write(uses.record, use.stored.ref, entry, dead=dead, proven=proven)
        except StoreFailed as error:
            told = {"call": entry.subject, "outcome": outcome, "code": error.code, "actor": entry.actor}
            log.exception("a tool was used and that could not be written to the audit", extra=told)
            raise UseNotRecorded(_told(use, outcome)) from error

    def _entry(self, use: Use, kind: Kind, outcome: str) -> AuditEntry:
        subject = f"{use.resolved.connection_id}/{use.tool.id}"
        return done_by(use.caller, self.now(), kind, subject, use.asked, use.stored.revision_id, outcome)


def _told(use: Use, outcome: str) -> str:
    company = use.connection.integration.name
    came = f"{company} {_WHAT_CAME[outcome]}"
    if use.tool.read_only:
        return f"{came}, but that could not be written to the audit. The tool only reads: it may be run again."
    return (
        f"{came}, but how it ended could not be written to the audit, which says only that it was begun. "
        f"Look at {company} before you run it again."
    )
