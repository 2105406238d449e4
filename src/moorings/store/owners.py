"""Owners in the database."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select
from sqlalchemy.exc import IntegrityError

from moorings.domain.audit import AuditEntry
from moorings.domain.owner import Owner
from moorings.errors import OwnerExists
from moorings.store import attestations, audit
from moorings.store.rows import moment, to_ms
from moorings.store.tables import owners

INSERT = insert(owners)
FIRST = select(owners).order_by(owners.c.created_at, owners.c.id).limit(1)
ALL = select(owners).order_by(owners.c.created_at, owners.c.id)
BY_NAME = select(owners).where((owners.c.name == bindparam("name")) | (owners.c.id == bindparam("name")))

BY_ID = select(owners).where(owners.c.id == bindparam("id"))


def add(connection: Connection, owner: Owner, entry: AuditEntry) -> None:
    """Insert an owner; raises `OwnerExists` when the name is taken."""
    try:
        connection.execute(INSERT, attestations.attested(connection, owners, _row(owner)))
    except IntegrityError:
        raise OwnerExists(f"An owner called {owner.name} exists already; choose another name.") from None
    audit.append(connection, entry)


def oldest(connection: Connection) -> Owner | None:
    """The oldest owner, believed or not: in its chain stands what concerns all."""
    row = connection.execute(FIRST).first()
    return None if row is None else Owner(row.id, row.name, moment(row.created_at))


def first(connection: Connection) -> Owner | None:
    """The oldest owner, None on a fresh database; raises `RowAltered` for one that we have not written so."""
    return _believed(connection, connection.execute(FIRST).first())


def every(connection: Connection) -> Sequence[Owner]:
    """All owners, for showing; the first one is the oldest."""
    return [Owner(row.id, row.name, moment(row.created_at)) for row in connection.execute(ALL)]


def find(connection: Connection, name_or_id: str) -> Owner | None:
    """By name or id; raises `RowAltered` for one that we have not written so."""
    return _believed(connection, connection.execute(BY_NAME, {"name": name_or_id}).first())


def by_id(connection: Connection, owner_id: str) -> Owner | None:
    """The same by id alone."""
    return _believed(connection, connection.execute(BY_ID, {"id": owner_id}).first())


def _believed(connection: Connection, row: Row[Any] | None) -> Owner | None:
    if row is None:
        return None
    attestations.check(connection, owners, row)
    return Owner(row.id, row.name, moment(row.created_at))


def _row(owner: Owner) -> dict[str, Any]:
    return {"id": owner.id, "name": owner.name, "created_at": to_ms(owner.created_at)}
