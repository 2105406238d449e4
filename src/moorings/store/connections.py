"""Credentials together with the installation they may belong to; what must change together does so here."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, bindparam, delete

from moorings.domain.audit import AuditEntry
from moorings.domain.credential import Credential, CredentialRef, Revision
from moorings.domain.environment import Environment
from moorings.errors import IntegrationNotFound
from moorings.store import audit, credentials, installations
from moorings.store.tables import credentials as table

ALL_ENTRIES = delete(table).where(
    table.c.owner == bindparam("of_owner"), table.c.integration_id == bindparam("of_record")
)


def save(connection: Connection, credential: Credential, entry: AuditEntry, *, installed: bool = False) -> None:
    """Put a credential; an installation that waited for it is connected."""
    credentials.put(connection, credential, entry)
    if installed:
        ref = credential.ref
        place = (ref.owner, ref.integration_id)
        if not installations.connect(
            connection, *place, credential.account, credential.verified_at, credential.saved_at
        ):
            raise IntegrationNotFound("The installation was removed while its credentials were checked.")


def forget(connection: Connection, ref: CredentialRef, tombstone: Revision, entry: AuditEntry) -> bool:
    """Delete one entry; False when there is none."""
    return credentials.remove(connection, ref, tombstone, entry)


def uninstall(
    connection: Connection, ref: CredentialRef, tombstones: Mapping[Environment, Revision], entry: AuditEntry
) -> bool:
    """Delete an installation with all its entries; False when there is none."""
    held: Any = credentials.held(connection, ref.owner, ref.integration_id)
    if not installations.remove(connection, ref.owner, ref.integration_id):
        return False
    connection.execute(ALL_ENTRIES, {"of_owner": ref.owner, "of_record": ref.integration_id})
    for environment in held:
        place = CredentialRef(ref.owner, ref.integration_id, environment)
        credentials.put_revision(connection, place, tombstones.get(environment, tombstones[None]))
    audit.append(connection, entry)
    return True
