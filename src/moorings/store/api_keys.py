"""API keys in the database: hashes only."""

import json
from collections.abc import Sequence
from datetime import datetime
from ipaddress import ip_network
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from moorings.domain.api_key import ApiKey
from moorings.domain.audit import AuditEntry
from moorings.domain.caller import Scope
from moorings.store import audit, changes
from moorings.store.rows import from_ms, moment, to_json, to_ms
from moorings.store.tables import api_keys

INSERT = insert(api_keys)
BY_HASH = select(api_keys).where(api_keys.c.hash == bindparam("hash"), api_keys.c.revoked_at.is_(None))
OF_OWNER = select(api_keys).where(api_keys.c.owner == bindparam("owner")).order_by(api_keys.c.id)
ANY = select(api_keys.c.id).where(api_keys.c.owner == bindparam("owner")).limit(1)
REVOKE = (
    update(api_keys)
    .where(
        api_keys.c.owner == bindparam("of_owner"), api_keys.c.id == bindparam("of_id"), api_keys.c.revoked_at.is_(None)
    )
    .values(revoked_at=bindparam("now"))
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


def of_owner(connection: Connection, owner: str) -> Sequence[ApiKey]:
    """All keys of an owner, revoked ones included, oldest first."""
    return [_key(row) for row in connection.execute(OF_OWNER, {"owner": owner})]


def revoke(connection: Connection, owner: str, key_id: str, now: datetime, entry: AuditEntry) -> bool:
    """Revoke one and tell the other processes; False when this owner has no such active key."""
    if connection.execute(REVOKE, {"of_owner": owner, "of_id": key_id, "now": to_ms(now)}).rowcount == 0:
        return False
    changes.announce(connection, changes.ACCESS)
    audit.append(connection, entry)
    return True


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
    }


def _key(row: Row[Any]) -> ApiKey:
    scopes = frozenset(Scope(name) for name in json.loads(row.scopes))
    environments = None if row.environments is None else frozenset(json.loads(row.environments))
    networks = None if row.networks is None else tuple(ip_network(text) for text in json.loads(row.networks))
    return ApiKey(
        row.id, row.owner, row.name, row.hash, row.preview, scopes, moment(row.created_at), environments, networks,
        from_ms(row.expires_at), from_ms(row.revoked_at),
    )  # fmt: skip
