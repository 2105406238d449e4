"""Installations in the database."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from moorings.domain.audit import AuditEntry
from moorings.domain.credential import Account
from moorings.domain.installation import Installation, InstallationStatus
from moorings.store import attestations, audit, room
from moorings.store.odd_rows import Form, among
from moorings.store.rows import environment_from_text, environment_to_text, from_ms, moment, to_ms
from moorings.store.statement import every, first
from moorings.store.tables import installations

FORM = Form(installations.c, {"status": among(InstallationStatus, InstallationStatus.FAILING)})
INSERT = insert(installations)
ALL = select(installations).where(installations.c.owner == bindparam("owner")).order_by(installations.c.id)
ONE = select(installations).where(installations.c.owner == bindparam("owner"), installations.c.id == bindparam("id"))
BY_ID = select(installations).where(installations.c.id == bindparam("id"))
DELETE = delete(installations).where(
    installations.c.owner == bindparam("of_owner"), installations.c.id == bindparam("of_id")
)
CONNECT = (
    update(installations)
    .where(installations.c.owner == bindparam("of_owner"), installations.c.id == bindparam("of_id"))
    .values(
        status=InstallationStatus.CONNECTED,
        account_id=bindparam("account_id"), account_label=bindparam("account_label"),
        verified_at=bindparam("verified_at"), updated_at=bindparam("updated_at"), expires_at=None, problem=None,
    )
)  # fmt: skip
COMPLETE = (
    update(installations)
    .where(
        installations.c.owner == bindparam("of_owner"), installations.c.id == bindparam("of_id"),
        installations.c.status == InstallationStatus.PENDING, installations.c.expires_at > bindparam("now"),
    )
    .values(
        {
            column: bindparam(column.name)
            for column in installations.c
            if column.name not in ("id", "owner", "type", "created_at", "forward_failing_since")
        }
    )
)  # fmt: skip
FAIL = (
    update(installations)
    .where(installations.c.owner == bindparam("of_owner"), installations.c.id == bindparam("of_id"))
    .values(status=InstallationStatus.FAILING, problem=bindparam("why"), updated_at=bindparam("at"))
)
FORGET_EXPIRED = delete(installations).where(
    installations.c.status == InstallationStatus.PENDING, installations.c.expires_at <= bindparam("now")
)


def add(connection: Connection, installation: Installation, entry: AuditEntry) -> None:
    """Insert a reserved installation."""
    put(connection, installation)
    audit.append(connection, entry)


def put(connection: Connection, installation: Installation) -> None:
    """Insert an installation that was not reserved."""
    with room.bounded(connection, installation.owner):
        restore(connection, installation)


def restore(connection: Connection, installation: Installation) -> None:
    """Insert one that was there before this transaction, whatever may be held."""
    connection.execute(INSERT, attestations.attested(connection, installations, _row(installation)))


def complete(connection: Connection, installation: Installation, now: datetime) -> bool:
    """Let a pending one become this; False when it is pending no longer, or its time is over."""
    row = attestations.attested(connection, installations, _row(installation))
    place = {"of_owner": row.pop("owner"), "of_id": row.pop("id"), "now": to_ms(now)}
    values = {name: row[name] for name in row if name not in ("type", "created_at")}
    return connection.execute(COMPLETE, {**place, **values}).rowcount > 0


def fail(connection: Connection, owner: str, installation_id: str, why: str, now: datetime) -> bool:
    """Mark one as failing, with a sentence for a person; False when it is gone."""
    values = {"of_owner": owner, "of_id": installation_id, "why": why, "at": to_ms(now)}
    return connection.execute(FAIL, values).rowcount > 0


def of_owner(connection: Connection, owner: str) -> tuple[Installation, ...]:
    """All of an owner, oldest first; expired ones included."""
    return tuple(installation_of(row) for row in every(connection, ALL, {"owner": owner}))


def find(connection: Connection, owner: str, installation_id: str) -> Installation | None:
    """One of this owner, None when there is none."""
    row = first(connection, ONE, {"owner": owner, "id": installation_id})
    return None if row is None else installation_of(row)


def check(connection: Connection, owner: str, installation_id: str) -> None:
    """Raise `RowAltered` unless its row is as we wrote it: what it says is about to be taken over."""
    row = connection.execute(ONE, {"owner": owner, "id": installation_id}).first()
    if row is not None:
        attestations.check(connection, installations, row)


def by_id(connection: Connection, installation_id: str) -> Installation | None:
    """One of any owner, None when there is none."""
    row = connection.execute(BY_ID, {"id": installation_id}).first()
    return None if row is None else installation_of(row)


def connect(
    connection: Connection,
    owner: str,
    installation_id: str,
    account: Account | None,
    verified_at: datetime | None,
    now: datetime,
) -> bool:
    """Mark as connected: its credentials have arrived; False when it is gone."""
    account = account or Account(None, None)
    values = {"account_id": account.id, "account_label": account.label, "verified_at": to_ms(verified_at)}
    place = {"of_owner": owner, "of_id": installation_id}
    return connection.execute(CONNECT, {**place, **values, "updated_at": to_ms(now)}).rowcount > 0


def remove(connection: Connection, owner: str, installation_id: str) -> bool:
    """Delete one; False when there is none."""
    return connection.execute(DELETE, {"of_owner": owner, "of_id": installation_id}).rowcount > 0


def forget_expired(connection: Connection, now: datetime) -> int:
    """Delete the pending ones whose time is over, and say how many."""
    return connection.execute(FORGET_EXPIRED, {"now": to_ms(now)}).rowcount


def _row(installation: Installation) -> dict[str, Any]:
    account = installation.account or Account(None, None)
    return {
        "id": installation.id,
        "owner": installation.owner,
        "type": installation.type,
        "name": installation.name,
        "environment": environment_to_text(installation.environment),
        "status": installation.status,
        "forward_url": installation.forward_url,
        "account_id": account.id,
        "account_label": account.label,
        "created_at": to_ms(installation.created_at),
        "updated_at": to_ms(installation.updated_at),
        "verified_at": to_ms(installation.verified_at),
        "expires_at": to_ms(installation.expires_at),
        "problem": installation.problem,
        "forward_problem": installation.forward_problem,
    }


def installation_of(row: Any) -> Installation:
    """The installation of a row of the table."""
    row, problem = FORM.read(row)
    account = Account(row.account_id, row.account_label) if row.account_id or row.account_label else None
    status = InstallationStatus.FAILING if problem else _status(row)
    return Installation(
        row.id, row.owner, row.type, row.name, environment_from_text(row.environment), status, row.forward_url,
        moment(row.created_at), moment(row.updated_at), account, from_ms(row.verified_at), from_ms(row.expires_at),
        problem or row.problem, row.forward_problem,
    )  # fmt: skip


def _status(row: Any) -> InstallationStatus:
    """A connected one whose forward address was switched off is failing, though its provider is not to blame."""
    status = InstallationStatus(row.status)
    failing = row.forward_problem is not None and status is InstallationStatus.CONNECTED
    return InstallationStatus.FAILING if failing else status
