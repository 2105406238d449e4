"""Authorisations in the database; each is taken once, and then it is gone."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert

from moorings.domain.audit import AuditEntry
from moorings.domain.authorisation import Authorisation
from moorings.store import attestations, audit
from moorings.store.rows import moment, to_ms
from moorings.store.tables import authorisations as table

INSERT = insert(table)
TAKE = delete(table).where(table.c.state_hash == bindparam("hash")).returning(table)
FORGET_EXPIRED = delete(table).where(table.c.expires_at <= bindparam("now"))


def add(connection: Connection, begun: Authorisation, entry: AuditEntry) -> None:
    """Insert one that begins."""
    row = {
        "state_hash": begun.state_hash, "owner": begun.owner, "actor": begun.actor,
        "installation_id": begun.installation_id, "redirect_url": begun.redirect_url,
        "expires_at": to_ms(begun.expires_at),
    }  # fmt: skip
    connection.execute(INSERT, attestations.attested(connection, table, row))
    audit.append(connection, entry)


def take(connection: Connection, state_hash: bytes, now: datetime) -> Authorisation | None:
    """Remove and return one; None when it was taken before, never was, is none of ours, or its time is over."""
    taken = connection.execute(TAKE, {"hash": state_hash}).all()
    row = next(attestations.sound(connection, table, taken), None)
    if row is None or moment(row.expires_at) <= now:
        return None
    return Authorisation(
        row.state_hash, row.owner, row.actor, row.installation_id, row.redirect_url, moment(row.expires_at)
    )


def abandon(
    connection: Connection, state_hash: bytes, now: datetime, entry: Callable[[Authorisation], AuditEntry]
) -> Authorisation | None:
    """Take one that comes to nothing, and write that down."""
    begun = take(connection, state_hash, now)
    if begun is not None:
        audit.append(connection, entry(begun))
    return begun


def forget_expired(connection: Connection, now: datetime) -> int:
    """Delete those that nobody has ended in time, and say how many."""
    return connection.execute(FORGET_EXPIRED, {"now": to_ms(now)}).rowcount
