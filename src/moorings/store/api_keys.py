"""API keys in the database: hashes only."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from ipaddress import ip_network
from typing import Any

from sqlalchemy import Connection, Row, bindparam, case, func, insert, or_, select, update

from moorings.domain.api_key import ApiKey
from moorings.domain.audit import AuditEntry
from moorings.domain.caller import Scope
from moorings.store import audit, changes
from moorings.store.rows import from_ms, moment, to_json, to_ms
from moorings.store.tables import api_keys

INSERT = insert(api_keys)
BY_HASH = select(api_keys).where(api_keys.c.hash == bindparam("hash"), api_keys.c.revoked_at.is_(None))
OF_OWNER = (
    select(api_keys)
    .where(api_keys.c.owner == bindparam("owner"), api_keys.c.id > bindparam("after"))
    .order_by(api_keys.c.id)
    .limit(bindparam("limit"))
)
COUNT = select(func.count()).where(api_keys.c.owner == bindparam("owner"))
FIND = select(api_keys).where(api_keys.c.owner == bindparam("owner"), api_keys.c.id == bindparam("id"))
ANY = select(api_keys.c.id).where(api_keys.c.owner == bindparam("owner")).limit(1)
REVOKE = (
    update(api_keys)
    .where(
        api_keys.c.owner == bindparam("of_owner"), api_keys.c.id == bindparam("of_id"), api_keys.c.revoked_at.is_(None)
    )
    .values(revoked_at=bindparam("now"))
)
SHORTEN = (
    update(api_keys)
    .where(
        api_keys.c.owner == bindparam("of_owner"), api_keys.c.id == bindparam("of_id"), api_keys.c.revoked_at.is_(None),
        or_(api_keys.c.expires_at.is_(None), api_keys.c.expires_at > bindparam("now")),
        api_keys.c.replaced_by.is_(None),
    )
    .values(
        expires_at=case((api_keys.c.expires_at < bindparam("end"), api_keys.c.expires_at), else_=bindparam("end")),
        replaced_by=bindparam("new"),
    )
)  # fmt: skip
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
    connection.execute(INSERT, _row(key))
    audit.append(connection, entry)


def add_first(connection: Connection, key: ApiKey, entry: AuditEntry) -> bool:
    """Insert a key where its owner never had one; False where it had: of servers that start at once one does."""
    audit.hold(connection, key.owner)
    if connection.execute(ANY, {"owner": key.owner}).first() is not None:
        return False
    add(connection, key, entry)
    return True


def by_hash(connection: Connection, digest: bytes) -> ApiKey | None:
    """The key of this hash unless it was revoked."""
    row = connection.execute(BY_HASH, {"hash": digest}).first()
    return None if row is None else _key(row)


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
    if connection.execute(REVOKE, {"of_owner": owner, "of_id": key_id, "now": to_ms(now)}).rowcount == 0:
        return False
    changes.announce(connection, changes.ACCESS)
    audit.append(connection, entry)
    return True


def replace(
    connection: Connection, old: str, end: datetime, key: ApiKey, entries: Sequence[AuditEntry], now: datetime
) -> bool:
    """Insert a key, and let the one it replaces end by then.

    False when that has ended, was replaced before or is not this owner's.
    """
    place = {"of_owner": key.owner, "of_id": old, "end": to_ms(end), "now": to_ms(now), "new": key.id}
    if connection.execute(SHORTEN, place).rowcount == 0:
        return False
    changes.announce(connection, changes.ACCESS)  # who remembers the old key must learn of its end
    connection.execute(INSERT, _row(key))
    for entry in entries:
        audit.append(connection, entry)
    return True


def used(connection: Connection, uses: Mapping[str, datetime]) -> None:
    """When keys were last used; a later use that another process has written stays."""
    connection.execute(USED, [{"of_id": key, "at": to_ms(at)} for key, at in sorted(uses.items())])


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


def _key(row: Row[Any]) -> ApiKey:
    scopes = frozenset(Scope(name) for name in json.loads(row.scopes))
    environments = None if row.environments is None else frozenset(json.loads(row.environments))
    networks = None if row.networks is None else tuple(ip_network(text) for text in json.loads(row.networks))
    return ApiKey(
        row.id, row.owner, row.name, row.hash, row.preview, scopes, moment(row.created_at), environments, networks,
        from_ms(row.expires_at), from_ms(row.revoked_at), from_ms(row.last_used_at),
        row.replaced_by,
    )  # fmt: skip
