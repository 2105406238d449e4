"""Values that tests put into a database, and what they look at in its tables."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from typing import Any

from sqlalchemy import Connection, Table, select

from moorings.domain.api_key import ApiKey
from moorings.domain.audit import GENESIS, AuditEntry, Kind, chained
from moorings.domain.caller import Origin, Scope
from moorings.domain.credential import Account, Credential, CredentialRef, Revision, Status
from moorings.domain.environment import Environment
from moorings.domain.installation import Installation, InstallationStatus
from moorings.domain.owner import Owner
from moorings.domain.owner_key import CheckValue, WrappedKey
from moorings.domain.secret import Sealed
from moorings.store import keys, owners, tables
from moorings.store.database import Database
from moorings.store.idempotency import Kept

NOW = datetime(2026, 11, 23, 12, 0, 0, 123_000, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
ADA, BOB, CAROL = "org_ada", "org_bob", "org_carol"
KEY_OF = {ADA: "okey_ada", BOB: "okey_bob", CAROL: "okey_carol"}
ROOT = CheckValue("k1", b"\x01\x02\x03\x04")
LOADED = frozenset({"k1"})


async def settle(database: Database) -> None:
    """Two owners with a key each."""
    await database.write(keys.add_root, ROOT, NOW)
    for owner in (ADA, BOB):
        await database.write(owners.add, Owner(owner, owner.upper(), NOW), entry(owner, Kind.OWNER_CREATED))
        await database.write(keys.add, wrapped(owner))


def entry(owner: str = ADA, kind: Kind = Kind.CREDENTIALS_SAVED, **changed: Any) -> AuditEntry:
    """Something that happened."""
    full = AuditEntry(
        owner, NOW, kind, "key_1", "firecrawl", "production", "ok", Origin("127.0.0.1", "req_1"), "rev_1"
    )  # fmt: skip
    return replace(full, **changed)


def wrapped(owner: str = ADA, key_id: str | None = None, **changed: Any) -> WrappedKey:
    """An owner key under k1."""
    return replace(WrappedKey(key_id or KEY_OF[owner], owner, 1, "k1", b"wrapped \x00\xff", NOW), **changed)


def credential(
    owner: str = ADA, integration_id: str = "firecrawl", environment: Environment = "production",
    revision: str = "rev_1", **changed: Any,
) -> Credential:  # fmt: skip
    """A credential under the owner's key."""
    full = Credential(
        CredentialRef(owner, integration_id, environment),
        integration_id,
        Sealed(f"sealed {revision} \x00\xff".encode("latin-1"), KEY_OF[owner]),
        Revision(revision, f"stamp of {revision}".encode()),
        {"apiKey": "fc-…9a2c", "region": None},
        Status.VALID,
        Account("acc_1", "Ada’s team"),
        NOW,
        NOW,
    )
    return replace(full, **changed)


def installation(installation_id: str = "intg_1", owner: str = ADA, **changed: Any) -> Installation:
    """A reserved installation."""
    full = Installation(
        installation_id, owner, "slack", "Our Slack", "staging", InstallationStatus.PENDING, "https://example.com/x",
        NOW, NOW, expires_at=NOW + timedelta(hours=24),
    )  # fmt: skip
    return replace(full, **changed)


def api_key(key_id: str = "key_1", owner: str = ADA, **changed: Any) -> ApiKey:
    """A key bound to everything a key can be bound to."""
    full = ApiKey(
        key_id, owner, "the reader", key_id.encode().ljust(32, b"\x00"), "mrg_…wxyz",
        frozenset({Scope.READ, Scope.AUDIT}), NOW, frozenset({"staging", "production"}),
        (ip_network("10.0.0.0/8"), ip_network("2001:db8::/32")), LATER,
    )  # fmt: skip
    return replace(full, **changed)


def kept(owner: str = ADA, key: str = "a-key", **changed: Any) -> Kept:
    """A call under an idempotency key, still running."""
    full = Kept(owner, key, bytes(range(32)), KEY_OF[owner], NOW, NOW + timedelta(minutes=1))
    return replace(full, **changed)


def same_sealed(one: Sealed, other: Sealed) -> bool:
    """Whether two sealed values are the same bytes under the same key."""
    return (one.data, one.owner_key_id) == (other.data, other.owner_key_id)


def rows_of(connection: Connection, table: Table) -> list[dict[str, Any]]:
    """All rows of a table, in the order of its primary key."""
    found = connection.execute(select(table).order_by(*table.primary_key))
    return [{name: _plain(value) for name, value in row.items()} for row in found.mappings()]


def everything(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables."""
    return {table.name: rows_of(connection, table) for table in tables.metadata.sorted_tables}


async def audit_of(database: Database, owner: str = ADA) -> list[dict[str, Any]]:
    """An owner's entries in their order."""
    return [row for row in await database.read(rows_of, tables.audit) if row["owner"] == owner]


def broken_link(rows: list[dict[str, Any]]) -> int | None:
    """The first sequence number that does not follow from the one before; None for a whole chain."""
    before = GENESIS
    for place, row in enumerate(rows, start=1):
        if row["sequence"] != place or row["hash"] != chained(before, place, _entry_of(row)):
            return place
        before = row["hash"]
    return None


def _entry_of(row: dict[str, Any]) -> AuditEntry:
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=row["at"])
    return AuditEntry(
        row["owner"], at, Kind(row["kind"]), row["actor"], row["subject"], row["environment"], row["outcome"],
        Origin(row["address"], row["request_id"]), row["revision"],
    )  # fmt: skip


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value
