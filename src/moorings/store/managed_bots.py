"""Requests for managed bots in the database; what decides whose a bot is happens in one transaction at a time."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, or_, select, text, update

from moorings.domain.audit import AuditEntry
from moorings.domain.bot import InstalledBot
from moorings.domain.credential import Credential
from moorings.domain.installation import Installation
from moorings.domain.job import JobKind, Wish
from moorings.domain.managed_bot import LATE_FOR, OPEN_FOR, ManagedRequest, NewBot, RequestStatus, answered_by
from moorings.errors import RequestClosed
from moorings.store import attestations, audit, connections, jobs
from moorings.store.rows import environment_from_text, environment_to_text, moment, to_ms
from moorings.store.tables import managed_requests as table

CHANGING = ("status", "updated_at", "bot_id", "actual_username", "actual_name", "installation_id", "error")
INSERT = insert(table)
ONE = select(table).where(table.c.owner == bindparam("owner"), table.c.id == bindparam("id"))
ANYONE_S = select(table).where(table.c.id == bindparam("id"))
OF_BOT = select(table).where(table.c.bot_id == bindparam("bot_id"))
# Whoever bears a suggested name, however old that is; and whatever was open lately.
CANDIDATES = select(table).where(
    or_(table.c.suggested_username == bindparam("username"), table.c.expires_at > bindparam("since"))
)
REPLACE = (
    update(table)
    .where(table.c.id == bindparam("of_id"), table.c.status == bindparam("was"), table.c.updated_at == bindparam("at"))
    .values(
        {
            name: bindparam(name)
            for name in (*CHANGING, *attestations.BEARING)
        }
    )
)  # fmt: skip
SEE = text("INSERT INTO seen_bots (bot_id, seen_at) VALUES (:bot_id, :seen_at) ON CONFLICT (bot_id) DO NOTHING")
FORGET = delete(table).where(table.c.updated_at < bindparam("before"), table.c.expires_at < bindparam("before"))
# PostgreSQL writes side by side: two bots that arrive at once must not both be the answer to one request.
LOCK = text("SELECT pg_advisory_xact_lock(7029640412)")


def add(connection: Connection, request: ManagedRequest, entry: AuditEntry) -> None:
    """Insert a request."""
    connection.execute(INSERT, attestations.attested(connection, table, _row(request)))
    audit.append(connection, entry)


def find(connection: Connection, owner: str, request_id: str) -> ManagedRequest | None:
    """One of this owner, None when there is none, or none that we have written so."""
    return _first(connection, connection.execute(ONE, {"owner": owner, "id": request_id}))


def by_id(connection: Connection, request_id: str) -> ManagedRequest | None:
    """The same of any owner."""
    return _first(connection, connection.execute(ANYONE_S, {"id": request_id}))


def change(
    connection: Connection, before: ManagedRequest, after: ManagedRequest, entry: AuditEntry,
    wishes: Sequence[Wish] = (),
) -> bool:  # fmt: skip
    """Let a request be what it has become; False, and nothing is written, when somebody else has changed it."""
    row = attestations.attested(connection, table, _row(after))
    place = {"of_id": before.id, "was": before.status, "at": to_ms(before.updated_at)}
    values = {name: row[name] for name in (*CHANGING, *attestations.BEARING)}
    if connection.execute(REPLACE, {**place, **values}).rowcount == 0:
        return False
    jobs.wish_all(connection, wishes)
    audit.append(connection, entry)
    return True


def arrive(
    connection: Connection, bot: NewBot, now: datetime, entry: Callable[[ManagedRequest], AuditEntry]
) -> ManagedRequest | None:
    """Let a bot that is seen for the first time answer the request that it can only be meant for, and have it bound."""
    if connection.dialect.name == "postgresql":
        connection.execute(LOCK)
    if connection.execute(SEE, {"bot_id": bot.id, "seen_at": to_ms(now)}).rowcount == 0:
        return _first(connection, connection.execute(OF_BOT, {"bot_id": bot.id}))
    since = to_ms(now - OPEN_FOR - LATE_FOR)
    rows = connection.execute(CANDIDATES, {"username": bot.username.lower(), "since": since})
    known = {row.id: _request(row) for row in attestations.sound(connection, table, rows)}
    answered = answered_by(bot, known.values(), now)
    if answered is None:
        return None
    binds = answered.status is RequestStatus.BINDING
    change(
        connection, known[answered.id], answered, entry(answered),
        [Wish(JobKind.BIND, answered.id, now)] if binds else [],
    )  # fmt: skip
    return answered


def bind(
    connection: Connection, installation: Installation, bot: InstalledBot, credential: Credential, entry: AuditEntry,
    *, reserved: bool, wishes: Sequence[Wish], before: ManagedRequest, completed: ManagedRequest, noted: AuditEntry,
) -> None:  # fmt: skip
    """Put the installation that a request has become, together with the end of the request; see `install`."""
    connections.install(connection, installation, bot, credential, entry, reserved=reserved, wishes=wishes)
    if not change(connection, before, completed, noted):
        raise RequestClosed("The request has ended meanwhile.")


def forget(connection: Connection, before: datetime) -> int:
    """Delete requests that ended before this time, and say how many."""
    return connection.execute(FORGET, {"before": to_ms(before)}).rowcount


def _first(connection: Connection, found: Any) -> ManagedRequest | None:
    row = next(attestations.sound(connection, table, found.all()), None)
    return None if row is None else _request(row)


def _row(request: ManagedRequest) -> dict[str, Any]:
    return {
        "id": request.id,
        "owner": request.owner,
        "actor": request.actor,
        "status": request.status,
        "suggested_username": request.suggested_username,
        "suggested_name": request.suggested_name,
        "environment": environment_to_text(request.environment),
        "forward_url": request.forward_url,
        "reserved": request.reserved,
        "created_at": to_ms(request.created_at),
        "expires_at": to_ms(request.expires_at),
        "updated_at": to_ms(request.updated_at),
        "bot_id": request.bot_id,
        "actual_username": request.actual_username,
        "actual_name": request.actual_name,
        "installation_id": request.installation_id,
        "error": request.error,
    }


def _request(row: Row[Any]) -> ManagedRequest:
    return ManagedRequest(
        row.id, row.owner, row.actor, RequestStatus(row.status), row.suggested_username, row.suggested_name,
        environment_from_text(row.environment), row.forward_url, row.reserved, moment(row.created_at),
        moment(row.expires_at), moment(row.updated_at), row.bot_id, row.actual_username, row.actual_name,
        row.installation_id, row.error,
    )  # fmt: skip
