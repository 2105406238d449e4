"""Due jobs in the database: the only place where it stands what is to be done.

`due_at` is when a job wants to run; null while one runs that nobody has wished for anew. `held_until` is the end of a
worker's hold on it, which the worker renews while it lives: one that was killed loses it then.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, case, delete, func, or_, select, text, update

from moorings.domain.job import Job, JobKind, Wish
from moorings.store.rows import moment, to_ms
from moorings.store.statement import every, first, run
from moorings.store.tables import jobs

WISH = text(
    "INSERT INTO jobs (kind, id, due_at, attempts) VALUES (:kind, :id, :due_at, 0) "
    "ON CONFLICT (kind, id) DO UPDATE SET due_at = "
    "CASE WHEN jobs.due_at <= excluded.due_at THEN jobs.due_at ELSE excluded.due_at END"
)
DROP = delete(jobs).where(jobs.c.kind == bindparam("of_kind"), jobs.c.id == bindparam("of_id"))
_NEXT = case((jobs.c.held_until.is_(None), jobs.c.due_at), else_=jobs.c.held_until)
_DUE = or_(and_(jobs.c.held_until.is_(None), jobs.c.due_at <= bindparam("now")), jobs.c.held_until <= bindparam("now"))
OUTLOOK = select(jobs.c.kind, func.min(_NEXT).label("at")).group_by(jobs.c.kind)
DUE = (
    select(jobs.c.kind, jobs.c.id)
    .where(jobs.c.kind == bindparam("of_kind"), _DUE)
    .order_by(_NEXT)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
DUE_ONE = (
    select(jobs.c.kind, jobs.c.id)
    .where(jobs.c.kind == bindparam("of_kind"), jobs.c.id == bindparam("of_id"), _DUE)
    .with_for_update(skip_locked=True)
)
HOLD = (
    update(jobs)
    .where(jobs.c.kind == bindparam("of_kind"), jobs.c.id == bindparam("of_id"))
    .values(due_at=None, held_until=bindparam("until"), holder=bindparam("by"), attempts=jobs.c.attempts + 1)
    .returning(jobs.c.attempts)
)
_HELD = and_(
    jobs.c.kind == bindparam("of_kind"), jobs.c.id == bindparam("of_id"), jobs.c.holder == bindparam("of_holder")
)
END = delete(jobs).where(_HELD, jobs.c.due_at.is_(None))
_SOONER = case((jobs.c.due_at <= bindparam("next"), jobs.c.due_at), else_=bindparam("next"))
AGAIN = update(jobs).where(_HELD).values(due_at=_SOONER, held_until=None, holder=None, attempts=bindparam("tries"))
LET_GO = update(jobs).where(_HELD).values(held_until=None, holder=None, attempts=0)
RENEW = update(jobs).where(_HELD).values(held_until=bindparam("until"))


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
    return {row.kind: moment(row.at) for row in every(connection, OUTLOOK, {})}


def claim(connection: Connection, kind: JobKind, now: datetime, hold: Hold, limit: int) -> list[Job]:
    """Hold so many due jobs of a kind, the longest due first; what another holds is passed over."""
    found = every(connection, DUE, {"of_kind": kind, "now": to_ms(now), "limit": limit})
    return [_hold(connection, kind, row.id, hold) for row in found]


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
