"""Where an installation's events are passed on to, and the sealed secret that signs them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, text, update

from moorings.domain.audit import AuditEntry
from moorings.domain.event import job_id
from moorings.domain.job import JobKind
from moorings.domain.secret import Sealed
from moorings.store import attestations, audit, jobs
from moorings.store.installations import ONE
from moorings.store.rows import to_ms
from moorings.store.tables import WAITING, events, forward_secrets, installations

SECRET = select(forward_secrets).where(forward_secrets.c.id == bindparam("id"))
ADD = text(
    "INSERT INTO forward_secrets (id, owner, sealed, owner_key_id) "
    "SELECT installations.id, installations.owner, :sealed, :owner_key_id FROM installations "
    "WHERE installations.id = :id ON CONFLICT (id) DO NOTHING"
)
SHOW = text(
    "INSERT INTO forward_secrets (id, owner, sealed, owner_key_id, shown_at) "
    "SELECT installations.id, installations.owner, :sealed, :owner_key_id, :shown_at FROM installations "
    "WHERE installations.id = :id ON CONFLICT (id) DO UPDATE SET "
    "sealed = excluded.sealed, owner_key_id = excluded.owner_key_id, shown_at = excluded.shown_at "
    "WHERE forward_secrets.sealed = :before"
)
CHANGE = (
    update(installations)
    .where(installations.c.owner == bindparam("of_owner"), installations.c.id == bindparam("of_id"))
    .values(
        name=bindparam("is_called"), forward_url=bindparam("goes_to"), updated_at=bindparam("at"),
        forward_problem=None, forward_failing_since=None, attested_by=bindparam("by"), attestation=bindparam("mac"),
    )
)  # fmt: skip
RENAME = (
    update(installations)
    .where(installations.c.owner == bindparam("of_owner"), installations.c.id == bindparam("of_id"))
    .values(name=bindparam("is_called"), updated_at=bindparam("at"))
)


_WAITING = (events.c.installation_id == bindparam("of_installation"), events.c.state == text(f"'{WAITING}'"))
CONVERSATIONS = select(events.c.conversation).where(*_WAITING).distinct()
TRY_NOW = update(events).where(*_WAITING, events.c.due_at > bindparam("now")).values(due_at=bindparam("now"))


@dataclass(frozen=True, slots=True)
class KeptSecret:
    """A sealed signing secret, and whether its user has ever been shown it."""

    sealed: Sealed
    shown: bool


def secret(connection: Connection, installation_id: str) -> KeptSecret | None:
    """The secret of an installation; None before anything was passed on."""
    row = connection.execute(SECRET, {"id": installation_id}).first()
    return None if row is None else KeptSecret(Sealed(row.sealed, row.owner_key_id), row.shown_at is not None)


def add_secret(connection: Connection, installation_id: str, sealed: Sealed) -> Sealed | None:
    """Keep a first secret; what stands there, perhaps another process's, and None when the installation is gone."""
    connection.execute(ADD, {"id": installation_id, "sealed": sealed.data, "owner_key_id": sealed.owner_key_id})
    kept = secret(connection, installation_id)
    return kept.sealed if kept else None


def show_secret(
    connection: Connection, installation_id: str, sealed: Sealed, before: KeptSecret | None, now: datetime,
    entry: AuditEntry,
) -> bool:  # fmt: skip
    """Put a new secret that its user is shown now; False when another stands there than the one `before`."""
    place = {"id": installation_id, "sealed": sealed.data, "owner_key_id": sealed.owner_key_id}
    values = {**place, "shown_at": to_ms(now), "before": before.sealed.data if before else None}
    if connection.execute(SHOW, values).rowcount == 0:
        return False
    audit.append(connection, entry)
    return True


def change(
    connection: Connection, owner: str, installation_id: str, name: str, forward_url: str | None, now: datetime,
    entry: AuditEntry, *, anew: bool,
) -> None:  # fmt: skip
    """Give an installation another name; with `anew` also an address, which starts with a clean record."""
    values = {"of_owner": owner, "of_id": installation_id, "is_called": name, "at": to_ms(now)}
    row = connection.execute(ONE, {"owner": owner, "id": installation_id}).first()
    if anew and row is not None:
        fresh = {**attestations.plain(row), "forward_url": forward_url}
        made = attestations.attested(connection, installations, fresh)
        word = {"by": made["attested_by"], "mac": made["attestation"]}
        connection.execute(CHANGE, {**values, "goes_to": forward_url, **word})
        _try_now(connection, installation_id, now)
    else:
        connection.execute(RENAME, values)
    audit.append(connection, entry)


def _try_now(connection: Connection, installation_id: str, now: datetime) -> None:
    """What waits for its next try was refused by another address, or by this one before it was put right."""
    place = {"of_installation": installation_id}
    connection.execute(TRY_NOW, {**place, "now": to_ms(now)})
    for conversation in connection.execute(CONVERSATIONS, place).scalars().all():
        jobs.wish(connection, JobKind.DELIVER, job_id(installation_id, conversation), now)
