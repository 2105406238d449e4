"""Records under keys that a re-key leaves behind, in batches, and their replacement without losing a newer writing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, text

from moorings.domain.credential import CredentialRef, Revision, StoredSecret
from moorings.domain.secret import Sealed
from moorings.store.rows import environment_from_text, environment_to_text, names_of
from moorings.store.tables import credentials

Place = tuple[str, str, str]
START: Place = ("", "", "")

_COLUMNS = (
    "SELECT c.owner, c.integration_id, c.environment, c.integration, c.sealed, c.owner_key_id, c.previews, c.revision, "
    "r.revision AS current_id, r.stamp FROM credentials c LEFT JOIN revisions r "
    "ON r.owner = c.owner AND r.record = c.integration_id AND r.environment = c.environment "
)
BATCH = text(
    _COLUMNS + "WHERE c.owner_key_id = :key_id AND (c.owner, c.integration_id, c.environment) > (:o, :i, :e) "
    "ORDER BY c.owner, c.integration_id, c.environment LIMIT :limit"
)
REPLACE = text(
    "UPDATE credentials SET sealed = :sealed, owner_key_id = :key_id "
    "WHERE owner = :o AND integration_id = :i AND environment = :e AND revision = :revision"
)
RESTAMP = text(
    "UPDATE revisions SET stamp = :stamp WHERE owner = :o AND record = :i AND environment = :e AND revision = :revision"
)
COUNT = select(func.count()).select_from(credentials).where(credentials.c.owner_key_id == bindparam("key_id"))


@dataclass(frozen=True, slots=True)
class Resealed:
    """One record under its new key; the revision stays, for the content does."""

    ref: CredentialRef
    sealed: Sealed
    revision: Revision


def place_of(ref: CredentialRef) -> Place:
    """Where a record stands in the order of the batches."""
    return ref.owner, ref.integration_id, environment_to_text(ref.environment)


def batch(connection: Connection, key_id: str, after: Place, limit: int) -> Sequence[StoredSecret]:
    """The next records under an owner key."""
    owner, integration_id, environment = after
    rows = connection.execute(
        BATCH, {"key_id": key_id, "o": owner, "i": integration_id, "e": environment, "limit": limit}
    )
    return [_stored(row) for row in rows]


def count(connection: Connection, key_id: str) -> int:
    """How many records stand under an owner key."""
    return connection.execute(COUNT, {"key_id": key_id}).scalar() or 0


def replace(connection: Connection, records: Sequence[Resealed]) -> None:
    """Put the new ciphertexts; a record that was written again meanwhile keeps what it has."""
    rows = [_row(record) for record in records]
    if rows:
        connection.execute(REPLACE, rows)
        connection.execute(RESTAMP, rows)


def _stored(row: Any) -> StoredSecret:
    ref = CredentialRef(row.owner, row.integration_id, environment_from_text(row.environment))
    current = Revision(row.current_id, row.stamp) if row.current_id else None
    sealed, names = Sealed(row.sealed, row.owner_key_id), names_of(row.previews)
    return StoredSecret(ref, row.integration, sealed, names, row.revision, current)


def _row(record: Resealed) -> dict[str, Any]:
    owner, integration_id, environment = place_of(record.ref)
    return {
        "o": owner,
        "i": integration_id,
        "e": environment,
        "sealed": record.sealed.data,
        "key_id": record.sealed.owner_key_id,
        "revision": record.revision.id,
        "stamp": record.revision.stamp,
    }
