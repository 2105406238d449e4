"""Due jobs in the database: the only place where it stands what is to be done.

`due_at` is when a job wants to run; null while one runs that nobody has wished for anew. `held_until` is the end of a
worker's hold on it, which the worker renews while it lives: one that was killed loses it then. `next_at` is the one of
the two that counts: an index over it finds the next job among a million without looking at the others.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, case, delete, func, select, text, update

from moorings.domain.job import Job, JobKind, Wish
from moorings.store.rows import moment, to_ms
from moorings.store.statement import every, first, run
from moorings.store.tables import jobs

_WISHED = "CASE WHEN jobs.due_at <= excluded.due_at THEN jobs.due_at ELSE excluded.due_at END"
WISH = text(
    "INSERT INTO jobs (kind, id, due_at, next_at, attempts) VALUES (:kind, :id, :due_at, :due_at, 0) "
    f"ON CONFLICT (kind, id) DO UPDATE SET due_at = {_WISHED}, next_at = COALESCE(jobs.held_until, {_WISHED})"
)
DROP = delete(jobs).where(jobs.c.kind == bindparam("of_kind"), jobs.c.id == bindparam("of_id"))
_DUE = jobs.c.next_at <= bindparam("now")
NEXT = select(func.min(jobs.c.next_at).label("at")).where(jobs.c.kind == bindparam("of_kind"))
WAITING = (
    select(jobs.c.kind, jobs.c.id)
    .where(jobs.c.kind == bindparam("of_kind"), _DUE)
    .order_by(jobs.c.next_at)
    .limit(bindparam("limit"))
)
DUE = WAITING.with_for_update(skip_locked=True)
DUE_ONE = (
    select(jobs.c.kind, jobs.c.id)
    .where(jobs.c.kind == bindparam("of_kind"), jobs.c.id == bindparam("of_id"), _DUE)
    .with_for_update(skip_locked=True)
)
HOLD = (
    update(jobs)
    .where(jobs.c.kind == bindparam("of_kind"), jobs.c.id == bindparam("of_id"))
    .values(
        due_at=None,
        held_until=bindparam("until"),
        next_at=bindparam("until"),
        holder=bindparam("by"),
        attempts=jobs.c.attempts + 1,
    )
    .returning(jobs.c.attempts)
)
_HELD = and_(
    jobs.c.kind == bindparam("of_kind"), jobs.c.id == bindparam("of_id"), jobs.c.holder == bindparam("of_holder")
)
END = delete(jobs).where(_HELD, jobs.c.due_at.is_(None))
_SOONER = case((jobs.c.due_at <= bindparam("next"), jobs.c.due_at), else_=bindparam("next"))
AGAIN = (
    update(jobs)
    .where(_HELD)
    .values(due_at=_SOONER, next_at=_SOONER, held_until=None, holder=None, attempts=bindparam("tries"))
)
LET_GO = update(jobs).where(_HELD).values(next_at=jobs.c.due_at, held_until=None, holder=None, attempts=0)
RENEW = update(jobs).where(_HELD).values(held_until=bindparam("until"), next_at=bindparam("until"))


@dataclass(frozen=True, slots=True)
class Hold:
    """A claim on jobs: by whom, under a name that is used once, and until when."""

    holder: str
    until: datetime


def wish(connection: Connection, kind: JobKind, job_id: str, due_at: datetime) -> None:
    """Let a job be done at this time or sooner; one that runs just now runs once more."""
    run(connection, WISH, {"kind": kind, "id": job_id, "due_at": to_ms(due_at)})


def wish_all(connection: Connection, wishes: Iterable[Wish]) -> None:
    """Let each of these jobs be done."""
    for wished in wishes:
        wish(connection, wished.kind, wished.id, wished.due_at)


def drop(connection: Connection, kind: JobKind, job_id: str) -> None:
    """Let a job be done no more; one that runs just now is not broken off."""
    connection.execute(DROP, {"of_kind": kind, "of_id": job_id})


def outlook(connection: Connection) -> Mapping[str, datetime]:
    """For each kind when the next job can be taken."""
    found = {kind: first(connection, NEXT, {"of_kind": kind}) for kind in JobKind}
    return {kind: moment(row.at) for kind, row in found.items() if row.at is not None}


def claim(connection: Connection, kind: JobKind, now: datetime, hold: Hold, limit: int) -> list[Job]:
    """Hold so many due jobs of a kind, the longest due first; what another holds is passed over."""
    found = every(connection, DUE, {"of_kind": kind, "now": to_ms(now), "limit": limit})
    return [_hold(connection, kind, row.id, hold) for row in found]


def waiting(connection: Connection, kind: JobKind, now: datetime, limit: int) -> list[str]:
    """So many due jobs of a kind by their ids, the longest due first."""
    return [row.id for row in every(connection, WAITING, {"of_kind": kind, "now": to_ms(now), "limit": limit})]


def claim_one(connection: Connection, kind: JobKind, job_id: str, now: datetime, hold: Hold) -> Job | None:
    """Hold this job; None when it is not due, or another holds it."""
    found = first(connection, DUE_ONE, {"of_kind": kind, "of_id": job_id, "now": to_ms(now)})
    return None if found is None else _hold(connection, kind, job_id, hold)


def finish(connection: Connection, job: Job, next_due: datetime | None) -> None:
    """The job is done and due again then, or never; a wish that was made meanwhile stands."""
    if next_due is not None:
        put_off(connection, job, next_due, attempts=0)
    elif run(connection, END, _held(job)) == 0:
        run(connection, LET_GO, _held(job))


def put_off(connection: Connection, job: Job, next_due: datetime, attempts: int) -> None:
    """Let go of a job that is due again then; `attempts` is how many tries have failed by now."""
    run(connection, AGAIN, {**_held(job), "next": to_ms(next_due), "tries": attempts})


def renew(connection: Connection, held: Sequence[Job], until: datetime) -> None:
    """Hold on to these jobs for longer; what another has taken up meanwhile stays with that one."""
    for job in held:
        run(connection, RENEW, {**_held(job), "until": to_ms(until)})


def _hold(connection: Connection, kind: JobKind, job_id: str, hold: Hold) -> Job:
    place = {"of_kind": kind, "of_id": job_id, "until": to_ms(hold.until), "by": hold.holder}
    return Job(kind, job_id, first(connection, HOLD, place).attempts, hold.holder)


def _held(job: Job) -> dict[str, Any]:
    return {"of_kind": job.kind, "of_id": job.id, "of_holder": job.holder}
