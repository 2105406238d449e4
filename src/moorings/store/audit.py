"""The audit chain; entries are only ever appended, in the transaction of what they tell."""

from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, text

from moorings.domain.audit import GENESIS, AuditEntry, chained
from moorings.store.rows import to_ms
from moorings.store.statement import first, run
from moorings.store.tables import audit

LAST = (
    select(audit.c.sequence, audit.c.hash)
    .where(audit.c.owner == bindparam("owner"))
    .order_by(audit.c.sequence.desc())
    .limit(1)
)
INSERT = insert(audit)
# PostgreSQL writes side by side: whoever appends to an owner's chain holds it until the transaction ends.
LOCK = text("SELECT pg_advisory_xact_lock(hashtext(:owner))")


def hold(connection: Connection, owner: str) -> None:
    """Let nobody else write for this owner until the transaction ends; on SQLite nobody writes beside us anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(LOCK, {"owner": owner})


def append(connection: Connection, entry: AuditEntry) -> None:
    """Add an entry behind the owner's last one."""
    hold(connection, entry.owner)
    last = first(connection, LAST, {"owner": entry.owner})
    sequence, before = (last.sequence + 1, last.hash) if last else (1, GENESIS)
    run(connection, INSERT, _row(entry, sequence, chained(before, sequence, entry)))


def _row(entry: AuditEntry, sequence: int, digest: bytes) -> dict[str, Any]:
    return {
        "owner": entry.owner,
        "sequence": sequence,
        "at": to_ms(entry.at),
        "kind": entry.kind,
        "actor": entry.actor,
        "subject": entry.subject,
        "environment": entry.environment,
        "outcome": entry.outcome,
        "address": entry.origin.address,
        "request_id": entry.origin.request_id,
        "revision": entry.revision,
        "hash": digest,
    }
