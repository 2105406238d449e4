"""The use of a credential, written down in one transaction: when, for what, and whether it still works."""

from sqlalchemy import Connection, and_, bindparam, or_, update

from moorings.domain.audit import AuditEntry
from moorings.domain.check import FAILING_AFTER
from moorings.domain.credential import CredentialRef, Status
from moorings.store import audit
from moorings.store.rows import environment_to_text, to_ms
from moorings.store.statement import run
from moorings.store.tables import credentials

REMEMBERED_MS = 60_000
"""How exact the time of the last use is: what is kept of an owner would otherwise change with every call."""

_SAME_WRITING = and_(
    credentials.c.owner == bindparam("in_owner"),
    credentials.c.integration_id == bindparam("in_integration"),
    credentials.c.environment == bindparam("in_environment"),
    credentials.c.revision == bindparam("in_revision"),
)
TOUCH = (
    update(credentials)
    .where(
        _SAME_WRITING,
        or_(credentials.c.last_used_at.is_(None), credentials.c.last_used_at <= bindparam("before")),
    )
    .values(last_used_at=bindparam("at"), last_used_by=bindparam("by"))
)
SET_STATUS = (
    update(credentials)
    .where(_SAME_WRITING, or_(credentials.c.status == bindparam("was"), credentials.c.failures > 0))
    .values(status=bindparam("becomes"), verified_at=bindparam("at"), failures=0, reason=None)
)
BURY = (
    update(credentials)
    .where(_SAME_WRITING)
    .values(status=Status.INVALID, failures=FAILING_AFTER, reason="The provider refused it when a tool was run.")
)


def record(connection: Connection, ref: CredentialRef, entry: AuditEntry, *, dead: bool, proven: bool) -> None:
    """Append the entry and note the use; `dead` and `proven` are what the provider's answer says of the credential.

    What was saved anew meanwhile is left alone: the entry's revision names the writing that was used.
    """
    place = _place(ref, entry)
    at = to_ms(entry.at) or 0
    run(connection, TOUCH, {**place, "at": at, "before": at - REMEMBERED_MS, "by": entry.actor})
    if dead:
        run(connection, BURY, place)
    elif proven:
        run(connection, SET_STATUS, {**place, "was": Status.INVALID, "becomes": Status.VALID, "at": at})
    audit.append(connection, entry)


def _place(ref: CredentialRef, entry: AuditEntry) -> dict[str, str | None]:
    return {
        "in_owner": ref.owner,
        "in_integration": ref.integration_id,
        "in_environment": environment_to_text(ref.environment),
        "in_revision": entry.revision,
    }
