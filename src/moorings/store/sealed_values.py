"""Sealed values that are no credentials, for a re-key to find and replace: events, and what signs them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Table, bindparam, func, literal, select, update

from moorings.domain.secret import Sealed
from moorings.store.tables import events, forward_secrets

TABLES: Mapping[str, Table] = {"event": events, "forward secret": forward_secrets}
"""By the kind that their seals are bound to, together with owner and id."""

_BOUND_TO = {"event": events.c.installation_id, "forward secret": literal("")}
"""What else they are bound to; a forward secret's id is its installation's already."""

_BATCHES = {
    kind: select(table.c.owner, table.c.id, _BOUND_TO[kind].label("bound_to"), table.c.sealed, table.c.owner_key_id)
    .where(table.c.owner_key_id == bindparam("key_id"), table.c.id > bindparam("after"))
    .order_by(table.c.id)
    .limit(bindparam("limit"))
    for kind, table in TABLES.items()
}
_COUNTS = {
    kind: select(func.count()).select_from(table).where(table.c.owner_key_id == bindparam("key_id"))
    for kind, table in TABLES.items()
}
# A value that was sealed anew meanwhile keeps what it has.
_REPLACEMENTS = {
    kind: update(table)
    .where(table.c.id == bindparam("of_id"), table.c.sealed == bindparam("was"))
    .values(sealed=bindparam("becomes"), owner_key_id=bindparam("key_id"))
    for kind, table in TABLES.items()
}


@dataclass(frozen=True, slots=True)
class SealedValue:
    """One value, and what its seal is bound to."""

    kind: str
    owner: str
    id: str
    bound_to: str
    sealed: Sealed


def batch(connection: Connection, kind: str, key_id: str, after: str, limit: int) -> Sequence[SealedValue]:
    """The next values of a kind under an owner key, in the order of their ids."""
    rows = connection.execute(_BATCHES[kind], {"key_id": key_id, "after": after, "limit": limit})
    return [SealedValue(kind, row.owner, row.id, row.bound_to, Sealed(row.sealed, row.owner_key_id)) for row in rows]


def count(connection: Connection, key_id: str) -> int:
    """How many values stand under an owner key."""
    return sum(connection.execute(each, {"key_id": key_id}).scalar_one() for each in _COUNTS.values())


def replace(connection: Connection, kind: str, pairs: Sequence[tuple[SealedValue, Sealed]]) -> None:
    """Put the new ciphertexts."""
    values = [
        {"of_id": old.id, "was": old.sealed.data, "becomes": new.data, "key_id": new.owner_key_id} for old, new in pairs
    ]
    if values:
        connection.execute(_REPLACEMENTS[kind], values)
