"""Deleted credentials on their way to being revoked; gone with the provider's word, or when it is given up."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, or_, select, update

from moorings.domain.audit import AuditEntry
from moorings.domain.credential import CredentialRef, Revision
from moorings.domain.environment import Environment
from moorings.domain.job import JobKind
from moorings.domain.revocation import Outcome, PendingRevocation, Revoking
from moorings.domain.secret import Sealed
from moorings.errors import CredentialsNotFound
from moorings.store import audit, connections, credentials, jobs
from moorings.store.rows import environment_from_text, environment_to_text, moment, to_json, to_ms
from moorings.store.statement import every
from moorings.store.tables import credentials as credential_table
from moorings.store.tables import installations, revocations

INSERT = insert(revocations)
FIND = select(revocations).where(revocations.c.id == bindparam("id"))
OF_OWNER = select(revocations).where(revocations.c.owner == bindparam("owner")).order_by(revocations.c.id)
TELL = update(revocations).where(revocations.c.id == bindparam("of_id")).values(problem=bindparam("told"))
DELETE = delete(revocations).where(revocations.c.id == bindparam("of_id"))
PLACES = select(credential_table.c.integration_id, credential_table.c.environment).where(
    credential_table.c.owner == bindparam("owner"),
    or_(
        credential_table.c.integration_id == bindparam("integration"),
        credential_table.c.integration_id.in_(
            select(installations.c.id).where(
                installations.c.owner == bindparam("owner"), installations.c.type == bindparam("integration")
            )
        ),
    ),
)


def forget(
    connection: Connection, ref: CredentialRef, tombstone: Revision, deleted: AuditEntry, outcome: Outcome
) -> bool:
    """Delete a credential and note what its provider said; what it has not confirmed is tried on. False for none."""
    if not credentials.remove(connection, ref, tombstone, deleted):
        return False
    _note(connection, outcome)
    return True


def uninstall(
    connection: Connection, ref: CredentialRef, standing: Mapping[Environment, str] | None,
    tombstones: Mapping[Environment, Revision], removed: AuditEntry, outcomes: Sequence[Outcome],
) -> bool:  # fmt: skip
    """Delete an installation with all its entries, and note what its provider said of each.

    False, and nothing is written, where its writings are others than the `standing` ones, which the provider was told
    of. Raises `CredentialsNotFound` when there is none.
    """
    audit.hold(connection, ref.owner)  # nobody writes for this owner between our look and our change
    if standing is not None and credentials.writings(connection, ref.owner, ref.integration_id) != standing:
        return False
    if not connections.uninstall(connection, ref, tombstones, removed):
        raise CredentialsNotFound("This installation was removed meanwhile.")
    for outcome in outcomes:
        _note(connection, outcome)
    return True


def find(connection: Connection, pending_id: str) -> PendingRevocation | None:
    """One of them; None when it has ended."""
    row = connection.execute(FIND, {"id": pending_id}).first()
    return None if row is None else _pending(row)


def of_owner(connection: Connection, owner: str) -> tuple[Revoking, ...]:
    """What may be shown of an owner's."""
    return tuple(
        Revoking(
            row.id, row.integration, row.integration_id, environment_from_text(row.environment), moment(row.since),
            row.problem,
        )
        for row in every(connection, OF_OWNER, {"owner": owner})
    )  # fmt: skip


def tell(connection: Connection, pending_id: str, problem: str) -> None:
    """Note why it did not go."""
    connection.execute(TELL, {"of_id": pending_id, "told": problem})


def end(connection: Connection, pending_id: str, entry: AuditEntry) -> None:
    """Delete the bytes, and write down how it ended."""
    if connection.execute(DELETE, {"of_id": pending_id}).rowcount:
        audit.append(connection, entry)


def places(connection: Connection, owner: str, integration: str) -> list[CredentialRef]:
    """Everywhere that an owner holds credentials of an integration, its installations included."""
    rows = connection.execute(PLACES, {"owner": owner, "integration": integration})
    return [CredentialRef(owner, row.integration_id, environment_from_text(row.environment)) for row in rows]


def _note(connection: Connection, outcome: Outcome) -> None:
    audit.append(connection, outcome.entry)
    if outcome.pending is not None:
        connection.execute(INSERT, _row(outcome.pending))
        jobs.wish(connection, JobKind.REVOKE, outcome.pending.id, outcome.pending.since)


def _row(pending: PendingRevocation) -> dict[str, Any]:
    return {
        "id": pending.id,
        "owner": pending.ref.owner,
        "integration": pending.integration,
        "integration_id": pending.ref.integration_id,
        "environment": environment_to_text(pending.ref.environment),
        "sealed": pending.sealed.data,
        "owner_key_id": pending.sealed.owner_key_id,
        "field_names": to_json(pending.field_names),
        "revision": pending.revision.id,
        "stamp": pending.revision.stamp,
        "since": to_ms(pending.since),
        "actor": pending.actor,
        "problem": pending.problem,
        "bot": pending.bot,
    }


def _pending(row: Row[Any]) -> PendingRevocation:
    ref = CredentialRef(row.owner, row.integration_id, environment_from_text(row.environment))
    return PendingRevocation(
        row.id, row.integration, ref, Sealed(bytes(row.sealed), row.owner_key_id), tuple(json.loads(row.field_names)),
        Revision(row.revision, bytes(row.stamp)), moment(row.since), row.actor, row.problem,
        row.bot,
    )  # fmt: skip
