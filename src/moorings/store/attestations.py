"""Rows that decide who may do what, or where something goes: each bears the notary's word that we wrote it.

Whoever writes past us has no root key and can make none. A row's attestation covers all of its columns but those that
are named here, so that one which is added later is covered too.
"""

import json
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, Table, Update, and_, bindparam, or_, select, update

from moorings.domain.attestation import AlteredRow, Attestation
from moorings.errors import RowAltered
from moorings.store import audit, keys
from moorings.store.tables import (
    api_keys,
    authorisations,
    bots,
    identities,
    installations,
    managed_requests,
    owners,
)

BEARING = ("attested_by", "attestation")

FREE: Mapping[str, frozenset[str]] = {
    "owners": frozenset(),
    "identities": frozenset(),
    "api_keys": frozenset({"last_used_at"}),  # written down once a minute; nothing is decided by it
    # What is shown, and how things stand; an address that is switched on again is still the owner's own.
    "installations": frozenset(
        {
            "name",
            "status",
            "account_id",
            "account_label",
            "created_at",
            "updated_at",
            "verified_at",
            "expires_at",
            "problem",
            "forward_problem",
            "forward_failing_since",
        }
    ),
    "bots": frozenset(),
    "managed_requests": frozenset(),
    "authorisations": frozenset(),
}
"""By table, the columns that decide nothing."""

TABLES: Mapping[str, Table] = {
    table.name: table for table in (owners, identities, api_keys, installations, bots, managed_requests, authorisations)
}
COVERED: Mapping[str, tuple[str, ...]] = {
    name: tuple(column.name for column in table.c if column.name not in (*BEARING, *FREE[name]))
    for name, table in TABLES.items()
}

log = logging.getLogger(__name__)


def attested(connection: Connection, table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as it is to be written: with the notary's word for it."""
    owner = row["owner"] if "owner" in table.c else row["id"]
    # In turn with a rotation, which proves this owner's head under a newer root key and looks at rows only then: who
    # comes before it is seen by it, and who comes after learns of the newer key by the head.
    audit.hold(connection, owner)
    head = audit.head_of(connection, owner)
    made = audit.notary_of(connection).attest(claim_of(table, row), head.root_key_id if head else None)
    return {**row, "attested_by": made.root_key_id, "attestation": made.mac}


def confirmed(connection: Connection, table: Table, row: Mapping[str, Any]) -> bool:
    """Whether a row is as we wrote it."""
    if row["attestation"] is None or row["attested_by"] is None:
        return False
    made = Attestation(row["attested_by"], bytes(row["attestation"]))
    return audit.notary_of(connection).confirms(claim_of(table, row), made)


def check(connection: Connection, table: Table, row: Row[Any]) -> None:
    """Raise `RowAltered` unless a row of this table is as we wrote it."""
    said = plain(row)
    if not confirmed(connection, table, said):
        found = _altered(table, said)
        raise RowAltered(found.table, found.id, found.root_key_id, said.get("owner"))


def plain(row: Row[Any]) -> dict[str, Any]:
    """A row's values by their columns."""
    return dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's name for it


def sound(connection: Connection, table: Table, rows: Iterable[Row[Any]]) -> Iterator[Row[Any]]:
    """Those that are as we wrote them; the others hold up nobody, and the log names them."""
    for row in rows:
        try:
            check(connection, table, row)
        except RowAltered as error:
            log.error(error.message)  # noqa: TRY400 - no defect that wants a trace
        else:
            yield row


def claim_of(table: Table, row: Mapping[str, Any]) -> bytes:
    """What a row says, in one form on both databases."""
    said = {name: _plain(row[name]) for name in COVERED[table.name]}
    return json.dumps([table.name, said], sort_keys=True).encode()


def altered(connection: Connection) -> Sequence[AlteredRow]:
    """Every row that is not as we wrote it."""
    return [
        _altered(table, row)
        for table in TABLES.values() for row in _rows(connection, select(table))
        if not confirmed(connection, table, row)
    ]  # fmt: skip


def attest_all(connection: Connection) -> int:
    """Let the rows that are not as we wrote them count from now on, as they stand; how many they were."""
    number = 0
    for table in TABLES.values():
        for row in _rows(connection, select(table)):
            if not confirmed(connection, table, row):
                number += _replace(connection, table, row, attested(connection, table, row))
    return number


def renew(
    connection: Connection, root_key_id: str, skip: Mapping[str, int], limit: int
) -> tuple[int, Sequence[AlteredRow]]:
    """Attest the next rows of each table that an older root key vouches for under the current one; how many they were.

    Those that are not as we wrote them, or that we cannot vouch for anew, are returned, to be skipped by the next call.
    """
    number, lost, older = 0, list[AlteredRow](), keys.older_roots(connection, root_key_id)
    for name, table in TABLES.items():
        values = {"roots": older, "skip": skip.get(name, 0), "limit": limit}
        for row in _rows(connection, _ELSEWHERE[name], values):
            fresh = attested(connection, table, row)
            if confirmed(connection, table, row) and fresh["attested_by"] not in older:
                number += _replace(connection, table, row, fresh)
            else:
                lost.append(_altered(table, row))
    return number, lost


def elsewhere(connection: Connection, root_key_id: str) -> int:
    """How many rows no or an older root key vouches for."""
    values = {"roots": keys.older_roots(connection, root_key_id), "skip": 0, "limit": 1_000}
    return sum(len(_rows(connection, statement, values)) for statement in _ELSEWHERE.values())


def _elsewhere(table: Table) -> Select[Any]:
    other = or_(table.c.attested_by.is_(None), table.c.attested_by.in_(bindparam("roots", expanding=True)))
    return select(table).where(other).order_by(*table.primary_key).limit(bindparam("limit")).offset(bindparam("skip"))


def _renew(table: Table) -> Update:
    place = and_(*(column == bindparam(f"of_{column.name}") for column in table.primary_key))
    was = or_(
        table.c.attestation == bindparam("was"),
        and_(table.c.attestation.is_(None), bindparam("was", type_=table.c.attestation.type).is_(None)),
    )
    return update(table).where(place, was).values({name: bindparam(f"to_{name}") for name in BEARING})


_ELSEWHERE = {name: _elsewhere(table) for name, table in TABLES.items()}
_RENEW = {name: _renew(table) for name, table in TABLES.items()}


def _replace(connection: Connection, table: Table, row: Mapping[str, Any], fresh: Mapping[str, Any]) -> int:
    """Put another attestation; how many rows that were, for one that was changed meanwhile is left alone."""
    place = {f"of_{column.name}": row[column.name] for column in table.primary_key}
    values = {"was": row["attestation"], **{f"to_{name}": fresh[name] for name in BEARING}}
    return connection.execute(_RENEW[table.name], {**place, **values}).rowcount


def _rows(connection: Connection, statement: Any, values: Mapping[str, Any] | None = None) -> Sequence[Any]:
    return connection.execute(statement, values or {}).mappings().all()


def _altered(table: Table, row: Mapping[str, Any]) -> AlteredRow:
    place = "/".join(str(_plain(row[column.name])) for column in table.primary_key)
    return AlteredRow(table.name, place, row["attested_by"])


def _plain(value: Any) -> Any:
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else value
