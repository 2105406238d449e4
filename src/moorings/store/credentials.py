"""Credentials in the database; only ciphertext goes in, and listing leaves it where it is."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, select

from moorings.domain.audit import AuditEntry
from moorings.domain.credential import (
    Account,
    Credential,
    CredentialRef,
    CredentialState,
    Revision,
    Status,
    StoredSecret,
)
from moorings.domain.environment import Environment
from moorings.domain.job import JobKind
from moorings.domain.secret import Sealed
from moorings.store import audit, jobs, room
from moorings.store.odd_rows import Form, among
from moorings.store.rows import (
    environment_from_text,
    environment_to_text,
    from_ms,
    moment,
    names_of,
    previews_of,
    to_json,
    to_ms,
    upsert,
)
from moorings.store.statement import every, first, run
from moorings.store.tables import credentials, owner_keys, revisions

_PLACE = and_(
    credentials.c.owner == bindparam("owner"),
    credentials.c.integration_id == bindparam("integration_id"),
    credentials.c.environment == bindparam("environment"),
)
PUT = upsert(credentials, kept=("created_at", "last_used_at", "last_used_by"))
PUT_REVISION = upsert(revisions)
DELETE = delete(credentials).where(_PLACE)
SHOWN = [
    column
    for column in credentials.c
    if column.name not in ("sealed", "owner_key_id", "revision", "owner", "created_at")
]
EVERY = select(*SHOWN, owner_keys.c.root_key_id).select_from(
    credentials.join(owner_keys, owner_keys.c.id == credentials.c.owner_key_id)
)
STATES = EVERY.where(credentials.c.owner == bindparam("owner"))
SECRET = (
    select(
        credentials.c.integration, credentials.c.sealed, credentials.c.owner_key_id, credentials.c.previews,
        credentials.c.revision,
        revisions.c.revision.label("current_id"), revisions.c.stamp,
    )
    .select_from(
        credentials.outerjoin(
            revisions,
            and_(
                revisions.c.owner == credentials.c.owner,
                revisions.c.record == credentials.c.integration_id,
                revisions.c.environment == credentials.c.environment,
            ),
        )
    )
    .where(_PLACE)
)  # fmt: skip
FORM = Form((*SHOWN, owner_keys.c.root_key_id), {"status": among(Status, Status.UNREADABLE)})
HELD = select(credentials.c.environment, credentials.c.revision).where(
    credentials.c.owner == bindparam("owner"), credentials.c.integration_id == bindparam("integration_id")
)


def put(connection: Connection, credential: Credential, entry: AuditEntry) -> None:
    """Insert or replace one credential, its revision and its audit entry."""
    with room.bounded(connection, credential.ref.owner):
        run(connection, PUT, _row(credential))
    put_revision(connection, credential.ref, credential.revision)
    if credential.check_due_at is not None:
        jobs.wish(connection, JobKind.CHECK, job_of(credential.ref), credential.check_due_at)
    audit.append(connection, entry)


def job_of(ref: CredentialRef) -> str:
    """What the job that checks a credential is called."""
    return f"{ref.owner}/{ref.integration_id}/{environment_to_text(ref.environment)}"


def ref_of(job_id: str) -> CredentialRef:
    """The credential that a job checks."""
    owner, integration_id, environment = job_id.split("/")
    return CredentialRef(owner, integration_id, environment_from_text(environment))


def put_revision(connection: Connection, ref: CredentialRef, revision: Revision) -> None:
    """Record which writing of a place is the latest."""
    place = {"owner": ref.owner, "record": ref.integration_id, "environment": environment_to_text(ref.environment)}
    run(connection, PUT_REVISION, {**place, "revision": revision.id, "stamp": revision.stamp})


def remove(connection: Connection, ref: CredentialRef, tombstone: Revision, entry: AuditEntry) -> bool:
    """Delete one credential's bytes; False, and nothing is written, when there is none."""
    if not clear(connection, ref, tombstone):
        return False
    audit.append(connection, entry)
    return True


def clear(connection: Connection, ref: CredentialRef, tombstone: Revision) -> bool:
    """The same without an entry, for what is told by another one."""
    if run(connection, DELETE, _place(ref)) == 0:
        return False
    put_revision(connection, ref, tombstone)
    return True


def states(connection: Connection, owner: str, loaded: frozenset[str]) -> tuple[CredentialState, ...]:
    """Everything an owner holds, without ciphertext; unreadable is what no loaded root key can open."""
    return tuple(_state(row, loaded) for row in every(connection, STATES, {"owner": owner}))


def held(connection: Connection, owner: str, integration_id: str) -> Sequence[str | None]:
    """The environments in which an owner holds credentials of an integration or installation."""
    rows = connection.execute(HELD, {"owner": owner, "integration_id": integration_id})
    return [environment_from_text(row.environment) for row in rows]


def writings(connection: Connection, owner: str, integration_id: str) -> Mapping[Environment, str]:
    """Which writing of an integration or installation stands in which environment."""
    rows = connection.execute(HELD, {"owner": owner, "integration_id": integration_id})
    return {environment_from_text(row.environment): row.revision for row in rows}


def secret(connection: Connection, ref: CredentialRef) -> StoredSecret | None:
    """What is needed to open one credential, None when there is none."""
    row = first(connection, SECRET, _place(ref))
    if row is None:
        return None
    current = Revision(row.current_id, row.stamp) if row.current_id else None
    sealed, names = Sealed(row.sealed, row.owner_key_id), names_of(row.previews)
    return StoredSecret(ref, row.integration, sealed, names, row.revision, current)


def _place(ref: CredentialRef) -> dict[str, str]:
    return {
        "owner": ref.owner,
        "integration_id": ref.integration_id,
        "environment": environment_to_text(ref.environment),
    }


def _row(credential: Credential) -> dict[str, Any]:
    account = credential.account or Account(None, None)
    saved_at = to_ms(credential.saved_at)
    return {
        **_place(credential.ref),
        "sealed": credential.sealed.data,
        "owner_key_id": credential.sealed.owner_key_id,
        "revision": credential.revision.id,
        "previews": to_json(credential.previews),
        "status": credential.status,
        "account_id": account.id,
        "account_label": account.label,
        "verified_at": to_ms(credential.verified_at),
        "last_used_at": None,
        "last_used_by": None,
        "expires_at": to_ms(credential.expires_at),
        "created_at": saved_at,
        "updated_at": saved_at,
        "reason": None,
        "failures": 0,
        "integration": credential.integration,
    }


def _state(row: Any, loaded: frozenset[str]) -> CredentialState:
    row, problem = FORM.read(row)
    account = Account(row.account_id, row.account_label) if row.account_id or row.account_label else None
    previews = previews_of(row.previews)
    readable = problem is None and previews is not None and row.root_key_id in loaded
    return CredentialState(
        row.integration_id, environment_from_text(row.environment), previews or {},
        Status(row.status) if readable else Status.UNREADABLE, account, from_ms(row.verified_at),
        from_ms(row.last_used_at), from_ms(row.expires_at), moment(row.updated_at), problem or row.reason, row.failures,
        row.last_used_by, row.integration,
    )  # fmt: skip
