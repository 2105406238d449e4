"""Which owner an organisation or user of a session issuer is."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select

from moorings.domain.audit import AuditEntry
from moorings.domain.owner import Owner
from moorings.domain.session import Identity
from moorings.store import attestations, audit, changes, owners
from moorings.store.rows import to_ms, upsert
from moorings.store.tables import identities

FIND = select(identities).where(
    identities.c.issuer == bindparam("issuer"), identities.c.subject == bindparam("subject")
)
INSERT = insert(identities)
PUT = upsert(identities)


def find(connection: Connection, identity: Identity) -> Owner | None:
    """The owner, None for an identity that was never seen; raises `RowAltered` for what we have not written so."""
    row = connection.execute(FIND, {"issuer": identity.issuer, "subject": identity.name}).first()
    if row is None:
        return None
    attestations.check(connection, identities, row)
    return owners.by_id(connection, row.owner)


def add(connection: Connection, identity: Identity, owner: Owner, entry: AuditEntry) -> None:
    """A new owner for an identity; a clash means that another call was first."""
    owners.add(connection, owner, entry)
    row = _row(identity, owner.id, owner.created_at)
    connection.execute(INSERT, attestations.attested(connection, identities, row))


def link(connection: Connection, identity: Identity, owner: str, now: datetime, entry: AuditEntry) -> None:
    """Let an identity mean this owner from now on, and let every process forget what it meant."""
    connection.execute(PUT, attestations.attested(connection, identities, _row(identity, owner, now)))
    changes.announce(connection, changes.ACCESS)
    audit.append(connection, entry)


def _row(identity: Identity, owner: str, now: datetime) -> dict[str, object]:
    return {"issuer": identity.issuer, "subject": identity.name, "owner": owner, "created_at": to_ms(now)}
