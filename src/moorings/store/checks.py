"""What came of checking a stored credential, written down with its audit entry in one transaction."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, and_, bindparam, or_, select, update

from moorings.domain.audit import AuditEntry
from moorings.domain.check import FAILING_AFTER, Failing, Verdict
from moorings.domain.credential import CredentialRef, Status
from moorings.store import audit, vector_configs
from moorings.store.rows import environment_from_text, environment_to_text, to_ms
from moorings.store.tables import credentials

FAILING_AT_MOST = 1_000
"""How many are told; whoever has more has another problem."""

_SAME_WRITING = and_(
    credentials.c.owner == bindparam("in_owner"),
    credentials.c.integration_id == bindparam("in_integration"),
    credentials.c.environment == bindparam("in_environment"),
    credentials.c.revision == bindparam("in_revision"),
)
STANDS = select(credentials.c.status, credentials.c.failures).where(_SAME_WRITING)
GOOD = (
    update(credentials)
    .where(_SAME_WRITING)
    .values(status=Status.VALID, verified_at=bindparam("at"), reason=None, failures=0)
)
BAD = (
    update(credentials)
    .where(_SAME_WRITING)
    .values(status=bindparam("becomes"), reason=bindparam("why"), failures=bindparam("times"))
)
FAILING = (
    select(credentials.c.owner, credentials.c.integration_id, credentials.c.environment, credentials.c.reason)
    .where(or_(credentials.c.failures >= FAILING_AFTER, credentials.c.status == Status.INVALID))
    .order_by(credentials.c.owner, credentials.c.integration_id, credentials.c.environment)
    .limit(FAILING_AT_MOST)
)


def record(
    connection: Connection, ref: CredentialRef, entry: AuditEntry, verdict: Verdict, facts: Mapping[str, Any] | None
) -> int:
    """Append the entry and note the verdict; how many checks have failed in a row.

    A credential that was saved anew meanwhile is left alone: the entry's revision names the writing that was checked.
    """
    audit.append(connection, entry)
    place = _place(ref, entry)
    stands = connection.execute(STANDS, place).first()
    if stands is None:
        return 0
    if facts is not None:
        vector_configs.keep_facts(connection, ref.owner, ref.integration_id, facts)
    if verdict.good:
        connection.execute(GOOD, {**place, "at": to_ms(entry.at)})
        return 0
    times: int = max(stands.failures + 1, FAILING_AFTER if verdict.final else 0)
    dead = verdict.rejected and times >= FAILING_AFTER
    becomes = Status.INVALID if dead else stands.status
    connection.execute(BAD, {**place, "becomes": becomes, "why": verdict.reason, "times": times})
    return times


def failing(connection: Connection) -> Sequence[Failing]:
    """Every stored credential that does not work, of all owners."""
    rows = connection.execute(FAILING)
    return [Failing(row.owner, row.integration_id, environment_from_text(row.environment), row.reason) for row in rows]


def _place(ref: CredentialRef, entry: AuditEntry) -> dict[str, str | None]:
    return {
        "in_owner": ref.owner,
        "in_integration": ref.integration_id,
        "in_environment": environment_to_text(ref.environment),
        "in_revision": entry.revision,
    }
