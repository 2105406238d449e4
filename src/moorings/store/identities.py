"""Which owner an organisation or user of a session issuer is."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select

from moorings.domain.audit import AuditEntry
from moorings.domain.owner import Owner
from moorings.domain.session import Identity
from moorings.store import audit, changes, owners
from moorings.store.rows import moment, to_ms, upsert
from moorings.store.tables import identities
from moorings.store.tables import owners as owner_table

FIND = (
    select(owner_table)
    .select_from(identities.join(owner_table, owner_table.c.id == identities.c.owner))
    .where(identities.c.issuer == bindparam("issuer"), identities.c.subject == bindparam("subject"))
)
INSERT = insert(identities)
PUT = upsert(identities)


def find(connection: Connection, identity: Identity) -> Owner | None:
    """The owner, None for an identity that was never seen."""
    row = connection.execute(FIND, {"issuer": identity.issuer, "subject": identity.subject}).first()
    return None if row is None else Owner(row.id, row.name, moment(row.created_at))


def add(connection: Connection, identity: Identity, owner: Owner, entry: AuditEntry) -> None:
    """A new owner for an identity; a clash means that another call was first."""
    owners.add(connection, owner, entry)
    connection.execute(INSERT, _row(identity, owner.id, owner.created_at))


def link(connection: Connection, identity: Identity, owner: str, now: datetime, entry: AuditEntry) -> None:
    """Let an identity mean this owner from now on, and let every process forget what it meant."""
    connection.execute(PUT, _row(identity, owner, now))
    changes.announce(connection, changes.ACCESS)
    audit.append(connection, entry)


def _row(identity: Identity, owner: str, now: datetime) -> dict[str, object]:
    return {"issuer": identity.issuer, "subject": identity.subject, "owner": owner, "created_at": to_ms(now)}
