"""Events in the database: each once, in the order of arrival, with the tries to pass it on."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, text, update

from moorings.domain.audit import AuditEntry
from moorings.domain.credential import Status
from moorings.domain.event import DeliveryState, StoredEvent, Try, job_id
from moorings.domain.installation import InstallationStatus
from moorings.domain.job import JobKind
from moorings.domain.secret import Sealed
from moorings.store import attestations, audit, jobs, room
from moorings.store.odd_rows import Form, among, made_by
from moorings.store.rows import environment_from_text, from_ms, moment, to_json, to_ms
from moorings.store.statement import first, run
from moorings.store.tables import WAITING, credentials, events, forward_secrets, installations

# An address that was switched off, or none: then the event is kept and goes nowhere.
ADD = text(
    "INSERT INTO events (id, owner, installation_id, name, type, conversation, sealed, owner_key_id, received_at, "
    "state, due_at, give_up_at, tries) SELECT :id, installations.owner, installations.id, :name, :type, "
    ":conversation, :sealed, :owner_key_id, :received_at, "
    "CASE WHEN forward_url IS NULL OR forward_problem IS NOT NULL THEN 'kept' ELSE 'waiting' END, "
    ":received_at, :give_up_at, '[]' FROM installations WHERE installations.id = :installation_id "
    "ON CONFLICT (installation_id, name) DO NOTHING RETURNING state"
)
_COLUMNS = [column for column in events.c if column.name not in ("name", "owner_key_id")]
_ENVIRONMENT = installations.c.environment
FORM = Form(
    (*_COLUMNS, events.c.owner_key_id, _ENVIRONMENT),
    {
        "state": among(DeliveryState, DeliveryState.FAILED),
        "tries": made_by(lambda text: [_try(*each) for each in json.loads(text)], "[]"),
    },
)
_OF_INSTALLATION = events.join(installations, installations.c.id == events.c.installation_id)
_FORWARDS = [
    column.label(f"to_{column.name}")
    for column in installations.c
    if column.name in (*attestations.COVERED["installations"], *attestations.BEARING)
]
HEAD = (
    select(
        *_COLUMNS, events.c.owner_key_id, _ENVIRONMENT, *_FORWARDS, installations.c.forward_problem,
        installations.c.forward_failing_since, forward_secrets.c.sealed.label("secret"),
        forward_secrets.c.owner_key_id.label("secret_key_id"),
    )
    .select_from(_OF_INSTALLATION.outerjoin(forward_secrets, forward_secrets.c.id == installations.c.id))
    .where(
        events.c.installation_id == bindparam("installation_id"), events.c.conversation == bindparam("conversation"),
        events.c.state == text(f"'{WAITING}'"),
    )
    .order_by(events.c.sequence)
    .limit(1)
)  # fmt: skip
EVERY = select(*_COLUMNS, events.c.owner_key_id, _ENVIRONMENT).select_from(_OF_INSTALLATION)
PAGE = (
    EVERY.where(
        events.c.owner == bindparam("owner"),
        events.c.installation_id.in_(bindparam("installations", expanding=True)),
        events.c.sequence < bindparam("before"),
    )
    .order_by(events.c.sequence.desc())
    .limit(bindparam("limit"))
)
ONE = EVERY.where(events.c.owner == bindparam("owner"), events.c.id == bindparam("id"))
TRIED = (
    update(events)
    .where(events.c.id == bindparam("of_id"), events.c.state == text(f"'{WAITING}'"))
    .values(state=bindparam("becomes"), due_at=bindparam("next"), tries=bindparam("told"))
)
KEEP = (
    update(events)
    .where(
        events.c.installation_id == bindparam("of_installation"), events.c.conversation == bindparam("of_conversation"),
        events.c.state == text(f"'{WAITING}'"),
    )
    .values(state=DeliveryState.KEPT)
)  # fmt: skip
AGAIN = (
    update(events)
    .where(events.c.id == bindparam("of_id"))
    .values(state=DeliveryState.WAITING, due_at=bindparam("next"), give_up_at=bindparam("end"))
    .returning(events.c.installation_id, events.c.conversation)
)
_FORGOTTEN = select(events.c.sequence).where(events.c.received_at < bindparam("before")).limit(bindparam("limit"))
FORGET = delete(events).where(events.c.sequence.in_(_FORGOTTEN.scalar_subquery()))
_INSTALLATION = installations.c.id == bindparam("of_id")
WORKS = update(installations).where(_INSTALLATION).values(forward_failing_since=None)
FAILS = (
    update(installations)
    .where(_INSTALLATION, installations.c.forward_failing_since.is_(None))
    .values(forward_failing_since=bindparam("since"))
)
SWITCH_OFF = (
    update(installations)
    .where(_INSTALLATION, installations.c.forward_url == bindparam("of_url"))
    .values(forward_problem=bindparam("why"), updated_at=bindparam("at"))
)
REVOKED = (
    update(installations)
    .where(_INSTALLATION)
    .values(status=InstallationStatus.FAILING, problem=bindparam("why"), updated_at=bindparam("at"))
)
BURY = (
    update(credentials)
    .where(credentials.c.owner == bindparam("of_owner"), credentials.c.integration_id == bindparam("of_id"))
    .values(status=Status.INVALID)
)
NEVER = 2**62


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event that has just come, sealed, with the entry that goes into the audit; `revoked` says why, if it is so."""

    id: str
    owner: str
    installation_id: str
    name: str
    type: str
    conversation: str
    sealed: Sealed
    received_at: datetime
    give_up_at: datetime
    entry: AuditEntry
    revoked: str | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """The next event of a conversation and where it goes; no `url` where it goes nowhere.

    `altered` is an address that we have not written so: it is to be used no more.
    """

    event: StoredEvent
    url: str | None
    failing_since: datetime | None
    secret: Sealed | None
    altered: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a try has made of an event; `off` says why its address shall be used no more."""

    state: DeliveryState
    due_at: datetime
    tried: Try
    entry: AuditEntry
    off: str | None = None


def add(connection: Connection, given: Sequence[NewEvent]) -> int:
    """Keep what is new and let it be delivered; how many that were, for repeats are passed over."""
    return sum(_add(connection, event) for event in given)


def head(connection: Connection, installation_id: str, conversation: str) -> Head | None:
    """The oldest event of a conversation that waits to be delivered."""
    row = first(connection, HEAD, {"installation_id": installation_id, "conversation": conversation})
    if row is None:
        return None
    secret = Sealed(row.secret, row.secret_key_id) if row.secret is not None else None
    url = row.to_forward_url if row.forward_problem is None else None
    forwards = {column.name.removeprefix("to_"): getattr(row, column.name) for column in _FORWARDS}
    altered = url if url is not None and not attestations.confirmed(connection, installations, forwards) else None
    return Head(_stored(row), None if altered else url, from_ms(row.forward_failing_since), secret, altered)


def tried(connection: Connection, found: Head, outcome: Outcome) -> None:
    """Write a try down: what it means for the event, and for its address."""
    event, told = found.event, to_json([_plain(each) for each in (*found.event.tries, outcome.tried)])
    run(connection, TRIED, {"of_id": event.id, "becomes": outcome.state, "next": to_ms(outcome.due_at), "told": told})
    place = {"of_id": event.installation_id}
    if outcome.state is DeliveryState.DELIVERED:
        if found.failing_since is not None:
            connection.execute(WORKS, place)
    else:
        connection.execute(FAILS, {**place, "since": to_ms(outcome.tried.at)})
    if outcome.off is not None:
        connection.execute(
            SWITCH_OFF, {**place, "of_url": found.url, "why": outcome.off, "at": to_ms(outcome.tried.at)}
        )
    audit.append(connection, outcome.entry)


def keep(connection: Connection, installation_id: str, conversation: str) -> None:
    """Let what waits in a conversation go nowhere."""
    connection.execute(KEEP, {"of_installation": installation_id, "of_conversation": conversation})


def distrust(connection: Connection, found: Head, why: str, entry: AuditEntry) -> None:
    """Use an address no more that we have not written so; what waits for it in this conversation is kept."""
    event = found.event
    place = {"of_id": event.installation_id, "of_url": found.altered}
    if connection.execute(SWITCH_OFF, {**place, "why": why, "at": to_ms(entry.at)}).rowcount:
        audit.append(connection, entry)


def page(
    connection: Connection, owner: str, installation_ids: Sequence[str], before: str | None, limit: int
) -> list[StoredEvent]:
    """The newest events of these installations, older than the one of the id `before`."""
    place = {"owner": owner, "installations": list(installation_ids), "before": NEVER, "limit": limit}
    if before is not None:
        cursor = connection.execute(ONE, {"owner": owner, "id": before}).first()
        if cursor is None:  # it was forgotten, and with it everything that is older
            return []
        place["before"] = cursor.sequence
    return [_stored(row) for row in connection.execute(PAGE, place)]


def find(connection: Connection, owner: str, event_id: str) -> StoredEvent | None:
    """One event of this owner."""
    row = connection.execute(ONE, {"owner": owner, "id": event_id}).first()
    return None if row is None else _stored(row)


def again(connection: Connection, event_id: str, now: datetime, give_up_at: datetime, entry: AuditEntry) -> None:
    """Let an event be delivered once more, however it ended."""
    row = connection.execute(AGAIN, {"of_id": event_id, "next": to_ms(now), "end": to_ms(give_up_at)}).first()
    if row is not None:
        jobs.wish(connection, JobKind.DELIVER, job_id(row.installation_id, row.conversation), now)
        audit.append(connection, entry)


def forget_before(connection: Connection, before: datetime, limit: int) -> int:
    """Delete so many events that are older, and say how many they were."""
    return connection.execute(FORGET, {"before": to_ms(before), "limit": limit}).rowcount


def _add(connection: Connection, event: NewEvent) -> bool:
    with room.bounded(connection, event.owner):
        row = first(connection, ADD, _row(event))
    if row is None:
        return False
    if row.state == DeliveryState.WAITING:
        job = job_id(event.installation_id, event.conversation)
        jobs.wish(connection, JobKind.DELIVER, job, event.received_at)
    if event.revoked is not None:
        place = {"of_id": event.installation_id}
        connection.execute(REVOKED, {**place, "why": event.revoked, "at": to_ms(event.received_at)})
        connection.execute(BURY, {**place, "of_owner": event.owner})
    audit.append(connection, event.entry)
    return True


def _row(event: NewEvent) -> dict[str, Any]:
    return {
        "id": event.id,
        "installation_id": event.installation_id,
        "name": event.name,
        "type": event.type,
        "conversation": event.conversation,
        "sealed": event.sealed.data,
        "owner_key_id": event.sealed.owner_key_id,
        "received_at": to_ms(event.received_at),
        "give_up_at": to_ms(event.give_up_at),
    }


def _stored(row: Any) -> StoredEvent:
    row, _ = FORM.read(row)
    return StoredEvent(
        row.id, row.owner, row.installation_id, environment_from_text(row.environment), row.type,
        Sealed(row.sealed, row.owner_key_id), moment(row.received_at), DeliveryState(row.state), moment(row.due_at),
        moment(row.give_up_at), tuple(_try(*each) for each in json.loads(row.tries)),
    )  # fmt: skip


def _try(at: int, status: int | None, duration_ms: int, error: str | None) -> Try:
    return Try(moment(at), status, duration_ms, error)


def _plain(each: Try) -> list[Any]:
    return [to_ms(each.at), each.status, each.duration_ms, each.error]
