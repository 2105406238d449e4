"""API keys in the database: hashes only."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from ipaddress import ip_network
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, literal_column, or_, select, text, update

from moorings.domain.api_key import ApiKey
from moorings.domain.audit import AuditEntry
from moorings.domain.caller import Network, Scope
from moorings.store import attestations, audit, changes, room
from moorings.store.odd_rows import Form, made_by
from moorings.store.rows import from_ms, moment, to_json, to_ms
from moorings.store.tables import KEY_REVOKED, api_keys
from moorings.store.tables import audit as audit_table

FOREVER = 2**62


def _scopes(text: str) -> frozenset[Scope]:
    return frozenset(Scope(name) for name in json.loads(text))


def _names(text: str) -> frozenset[str]:
    return frozenset(str(name) for name in json.loads(text))


def _networks(text: str) -> tuple[Network, ...]:
    return tuple(ip_network(each) for each in json.loads(text))


FORM = Form(
    api_keys.c,
    {
        "scopes": made_by(_scopes, "[]"),
        "environments": made_by(_names, "[]"),
        "networks": made_by(_networks, "[]"),
    },
)  # fmt: skip
INSERT = insert(api_keys)
BY_HASH = select(api_keys).where(
    api_keys.c.hash == bindparam("hash"),
    api_keys.c.revoked_at.is_(None),
    ~select(literal_column("1"))
    .where(
        audit_table.c.owner == api_keys.c.owner,
        audit_table.c.kind == text(f"'{KEY_REVOKED}'"),
        audit_table.c.subject == api_keys.c.id,
    )
    .exists(),
)
OF_OWNER = (
    select(api_keys)
    .where(api_keys.c.owner == bindparam("owner"), api_keys.c.id > bindparam("after"))
    .order_by(api_keys.c.id)
    .limit(bindparam("limit"))
)
COUNT = select(func.count()).where(api_keys.c.owner == bindparam("owner"))
FIND = select(api_keys).where(api_keys.c.owner == bindparam("owner"), api_keys.c.id == bindparam("id"))
ANY = select(api_keys.c.id).where(api_keys.c.owner == bindparam("owner")).limit(1)
ENDING = ("expires_at", "revoked_at", "replaced_by", *attestations.BEARING)
END = update(api_keys).where(api_keys.c.id == bindparam("of_id")).values({name: bindparam(name) for name in ENDING})
USED = (
    update(api_keys)
    .where(
        api_keys.c.id == bindparam("of_id"),
        or_(api_keys.c.last_used_at.is_(None), api_keys.c.last_used_at < bindparam("at")),
    )
    .values(last_used_at=bindparam("at"))
)


def add(connection: Connection, key: ApiKey, entry: AuditEntry) -> None:
    """Insert a key."""
    with room.bounded(connection, key.owner):
        connection.execute(INSERT, attestations.attested(connection, api_keys, _row(key)))
    audit.append(connection, entry)


def add_first(connection: Connection, key: ApiKey, entry: AuditEntry) -> bool:
    """Insert a key where its owner never had one; False where it had: of servers that start at once one does."""
    audit.hold(connection, key.owner)
    if connection.execute(ANY, {"owner": key.owner}).first() is not None:
        return False
    add(connection, key, entry)
    return True


def by_hash(connection: Connection, digest: bytes) -> ApiKey | None:
    """The key of this hash unless it was revoked or cannot be read; raises `RowAltered` for what we never wrote so."""
    row = connection.execute(BY_HASH, {"hash": digest}).first()
    if row is None:
        return None
    attestations.check(connection, api_keys, row)
    key = _key(row)
    return None if key.problem else key


def of_owner(connection: Connection, owner: str, after: str = "", limit: int = 1_000_000) -> Sequence[ApiKey]:
    """So many keys of an owner behind an id, revoked ones included, oldest first."""
    rows = connection.execute(OF_OWNER, {"owner": owner, "after": after, "limit": limit})
    return [_key(row) for row in rows]


def count(connection: Connection, owner: str) -> int:
    """How many keys an owner has ever had."""
    return connection.execute(COUNT, {"owner": owner}).scalar_one()


def find(connection: Connection, owner: str, key_id: str) -> ApiKey | None:
    """One key of an owner, revoked ones included."""
    row = connection.execute(FIND, {"owner": owner, "id": key_id}).first()
    return None if row is None else _key(row)


def revoke(connection: Connection, owner: str, key_id: str, now: datetime, entry: AuditEntry) -> bool:
    """Revoke one and tell the other processes; False when this owner has no such active key."""
    audit.hold(connection, owner)
    row = connection.execute(FIND, {"owner": owner, "id": key_id}).first()
    if row is None or row.revoked_at is not None:
        return False
    _end(connection, row, revoked_at=to_ms(now))
    changes.announce(connection, changes.ACCESS)
    audit.append(connection, entry)
    return True


def replace(
    connection: Connection, old: str, end: datetime, key: ApiKey, entries: Sequence[AuditEntry], now: datetime
) -> bool:
    """Insert a key, and let the one it replaces end by then.

    False when that has ended, was replaced before or is not this owner's. Raises `RowAltered` where it is not as we
    wrote it: what it may do would become the new one's.
    """
    audit.hold(connection, key.owner)
    row = connection.execute(FIND, {"owner": key.owner, "id": old}).first()
    if row is None or _key(row).ended(now) or row.replaced_by is not None:
        return False
    attestations.check(connection, api_keys, row)
    _end(connection, row, expires_at=min(to_ms(end) or 0, row.expires_at or FOREVER), replaced_by=key.id)
    changes.announce(connection, changes.ACCESS)  # who remembers the old key must learn of its end
    # Not bounded: an owner that holds as much as it may can still replace a key that somebody may have seen.
    connection.execute(INSERT, attestations.attested(connection, api_keys, _row(key)))
    for entry in entries:
        audit.append(connection, entry)
    return True


def used(connection: Connection, uses: Mapping[str, datetime]) -> None:
    """When keys were last used; a later use that another process has written stays."""
    connection.execute(USED, [{"of_id": key, "at": to_ms(at)} for key, at in sorted(uses.items())])


def _end(connection: Connection, row: Row[Any], **end: Any) -> None:
    ended = attestations.attested(connection, api_keys, {**attestations.plain(row), **end})
    connection.execute(END, {"of_id": row.id, **{name: ended[name] for name in ENDING}})


def _row(key: ApiKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "owner": key.owner,
        "name": key.name,
        "hash": key.hash,
        "preview": key.preview,
        "scopes": to_json(sorted(key.scopes)),
        "environments": None if key.environments is None else to_json(sorted(key.environments)),
        "networks": None if key.networks is None else to_json([str(network) for network in key.networks]),
        "created_at": to_ms(key.created_at),
        "expires_at": to_ms(key.expires_at),
        "revoked_at": to_ms(key.revoked_at),
        "last_used_at": to_ms(key.last_used_at),
        "replaced_by": key.replaced_by,
    }


def _key(row: Any) -> ApiKey:
    row, problem = FORM.read(row)
    scopes = _scopes(row.scopes)
    environments = None if row.environments is None else _names(row.environments)
    networks = None if row.networks is None else _networks(row.networks)
    return ApiKey(
        row.id, row.owner, problem or row.name, row.hash, row.preview, scopes, moment(row.created_at), environments,
        networks, from_ms(row.expires_at), from_ms(row.revoked_at), from_ms(row.last_used_at), row.replaced_by, problem,
    )  # fmt: skip
