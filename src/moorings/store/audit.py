"""The audit chain; entries are only ever appended, in the transaction of what they tell, and its end is proven there.

Who proves it is named when the database is opened (`notary_of`), for every write of every table ends here.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, text

from moorings.domain.attestation import Attestation
from moorings.domain.audit import GENESIS, AuditEntry, Head, Notary, chained
from moorings.store.rows import to_ms, upsert
from moorings.store.statement import first, run
from moorings.store.tables import audit, audit_heads

LAST = (
    select(audit.c.sequence, audit.c.hash)
    .where(audit.c.owner == bindparam("owner"))
    .order_by(audit.c.sequence.desc())
    .limit(1)
)
INSERT = insert(audit)
HEAD_COLUMNS = tuple(column.name for column in audit_heads.c)
HEAD = select(audit_heads).where(audit_heads.c.owner == bindparam("owner"))
PUT_HEAD = upsert(audit_heads)
HEADS_NOT_UNDER = (
    select(audit_heads)
    .where(audit_heads.c.root_key_id != bindparam("root"), audit_heads.c.owner > bindparam("after"))
    .order_by(audit_heads.c.owner)
    .limit(bindparam("limit"))
)
NOTARY = "moorings_notary"
# PostgreSQL writes side by side: whoever appends to an owner's chain holds it until the transaction ends.
LOCK = text("SELECT pg_advisory_xact_lock(hashtext(:owner))")


class _Nobody:
    """Where no notary is named: ends are written and not proven, and every row is believed."""

    def head(self, owner: str, sequence: int, digest: bytes) -> Head:
        return Head(owner, sequence, digest, "", b"")

    def proves(self, head: Head) -> bool:  # noqa: ARG002 - the contract's signature
        return True

    def attest(self, claim: bytes, beside: str | None) -> Attestation:  # noqa: ARG002
        return Attestation("", b"")

    def confirms(self, claim: bytes, attestation: Attestation) -> bool:  # noqa: ARG002
        return True


NOBODY = _Nobody()


def hold(connection: Connection, owner: str) -> None:
    """Let nobody else write for this owner until the transaction ends; on SQLite nobody writes beside us anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(LOCK, {"owner": owner})


def append(connection: Connection, entry: AuditEntry) -> None:
    """Add an entry behind the owner's last one."""
    hold(connection, entry.owner)
    notary = notary_of(connection)
    sequence, before = _end(connection, entry.owner, notary)
    digest = chained(before, sequence, entry)
    run(connection, INSERT, _row(entry, sequence, digest))
    put_head(connection, notary.head(entry.owner, sequence, digest))


def notary_of(connection: Connection) -> Notary:
    """Who proves the ends of chains in this database."""
    notary: Notary = connection.get_execution_options().get(NOTARY, NOBODY)
    return notary


def head_of(connection: Connection, owner: str) -> Head | None:
    """Where the owner's chain ends as proven, None where nothing says so."""
    row = first(connection, HEAD, {"owner": owner})
    return None if row is None else _head(row)


def put_head(connection: Connection, head: Head) -> None:
    """Let the chain end there."""
    run(connection, PUT_HEAD, {name: getattr(head, name) for name in HEAD_COLUMNS})


def heads_not_under(connection: Connection, root_key_id: str, after: str, limit: int) -> Sequence[Head]:
    """Ends that another root key proves, in the order of their owners."""
    rows = connection.execute(HEADS_NOT_UNDER, {"root": root_key_id, "after": after, "limit": limit})
    return [_head(row) for row in rows]


def replace_heads(connection: Connection, pairs: Sequence[tuple[Head, Head]]) -> None:
    """Put the second in place of the first; a chain that has grown meanwhile is left alone."""
    for before, after in pairs:
        hold(connection, before.owner)
        if head_of(connection, before.owner) == before:
            put_head(connection, after)


def _end(connection: Connection, owner: str, notary: Notary) -> tuple[int, bytes]:
    """The number of the next entry and the hash before it.

    Whoever removes the head, or cuts the chain and writes a head of their own, would have the next entry prove that.
    Therefore a chain whose end is not proven goes on behind a gap, which stays and which the verifier names.
    """
    head = head_of(connection, owner)
    if head is not None and notary.proves(head):
        return head.sequence + 1, head.hash
    last = first(connection, LAST, {"owner": owner})
    if last is None:
        return (1 if head is None else 2), GENESIS
    return last.sequence + 2, last.hash


def _head(row: Any) -> Head:
    return Head(row.owner, row.sequence, bytes(row.hash), row.root_key_id, bytes(row.proof))


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
