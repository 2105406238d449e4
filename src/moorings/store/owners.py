"""Owners in the database."""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, insert, select
from sqlalchemy.exc import IntegrityError

from moorings.domain.audit import AuditEntry
from moorings.domain.owner import Owner
from moorings.errors import OwnerExists
from moorings.store import audit
from moorings.store.rows import moment, to_ms
from moorings.store.tables import owners

INSERT = insert(owners)
FIRST = select(owners).order_by(owners.c.created_at, owners.c.id).limit(1)
ALL = select(owners).order_by(owners.c.created_at, owners.c.id)
BY_NAME = select(owners).where((owners.c.name == bindparam("name")) | (owners.c.id == bindparam("name")))


def add(connection: Connection, owner: Owner, entry: AuditEntry) -> None:
    """Insert an owner; raises `OwnerExists` when the name is taken."""
    try:
        connection.execute(INSERT, {"id": owner.id, "name": owner.name, "created_at": to_ms(owner.created_at)})
    except IntegrityError:
        raise OwnerExists(f"An owner called {owner.name} exists already; choose another name.") from None
    audit.append(connection, entry)


def first(connection: Connection) -> Owner | None:
    """The oldest owner, None on a fresh database."""
    row = connection.execute(FIRST).first()
    return None if row is None else Owner(row.id, row.name, moment(row.created_at))


def every(connection: Connection) -> Sequence[Owner]:
    """All owners; the first one is the oldest."""
    return [Owner(row.id, row.name, moment(row.created_at)) for row in connection.execute(ALL)]


def find(connection: Connection, name_or_id: str) -> Owner | None:
    """By name or id."""
    row = connection.execute(BY_NAME, {"name": name_or_id}).first()
    return None if row is None else Owner(row.id, row.name, moment(row.created_at))
