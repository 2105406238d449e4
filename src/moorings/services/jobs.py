"""Runs what falls due: a handler per kind of job, bound in time, tried again when it fails.

The rows of the database are the one truth. Who runs a job holds its row for a while; a process that is killed loses
its hold, and another takes the job up. So a handler may run twice and must not mind.
"""

import asyncio
import logging
import random
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta

from moorings.domain.ids import Clock
from moorings.domain.job import Job, JobKind, Limits
from moorings.domain.span import SILENCE, Fact, SpanKind, Tracer
from moorings.errors import MooringsError, StoreFailed
from moorings.store import jobs as rows
from moorings.store.database import Database
from moorings.store.jobs import Hold

Handler = Callable[[str], Awaitable[datetime | None]]
"""Does what is due for this id; when it is due again, or None. An exception is a try that failed."""

LIMITS: Mapping[JobKind, Limits] = {
    JobKind.DELIVER: Limits(256, 60.0), JobKind.POLL: Limits(1_000, 90.0), JobKind.CHECK: Limits(4, 120.0),
}  # fmt: skip
USUAL = Limits()
HOLD = timedelta(seconds=12)
"""How long a job of a killed process waits for another; a process that lives renews its holds well before."""

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 900.0
"""Seconds between tries: doubled with each that fails, up to the longest, less a random part of at most a half."""

log = logging.getLogger(__name__)


class Jobs:
    """The handlers, and the work on one job from its claim to its end."""

    def __init__(
        self, database: Database, now: Clock, limits: Mapping[JobKind, Limits] = LIMITS,
        chance: Callable[[], float] = random.random, hold: timedelta = HOLD, tracer: Tracer = SILENCE,
    ) -> None:  # fmt: skip
        self._database, self._now, self._limits, self._chance, self._long = database, now, limits, chance, hold
        self._tracer = tracer
        self._handlers: dict[JobKind, Handler] = {}
        self._held: set[Job] = set()
        self.bell = asyncio.Event()

    def on(self, kind: JobKind, handler: Handler) -> None:
        """Name who does the jobs of a kind."""
        self._handlers[kind] = handler

    def wake(self) -> None:
        """Something may be due at once: to be called after the commit that made it so."""
        self.bell.set()

    @property
    def place(self) -> str:
        """Where the rows are, for the log."""
        return self._database.place

    @property
    def kinds(self) -> Sequence[JobKind]:
        """What is done here."""
        return tuple(self._handlers)

    def at_once(self, kind: JobKind) -> int:
        """How many jobs of a kind this process runs at once."""
        return self._limits.get(kind, USUAL).at_once

    async def outlook(self) -> Mapping[JobKind, float]:
        """In how many seconds the next job of each kind can be taken; below zero for one that waits already."""
        now, found = self._now(), await self._database.read(rows.outlook)
        return {kind: (found[kind] - now).total_seconds() for kind in self._handlers if kind in found}

    async def waiting(self, kind: JobKind, limit: int) -> Sequence[str]:
        """So many due jobs of a kind by their ids, the longest due first; nobody holds them for that."""
        return await self._database.read(rows.waiting, kind, self._now(), limit)

    async def take(self, kind: JobKind, limit: int) -> list[Job]:
        """Hold so many due jobs of a kind; whoever takes one must `run` it."""
        return await self._database.write(rows.claim, kind, self._now(), self._hold(), limit)

    async def take_one(self, kind: JobKind, job_id: str) -> Job | None:
        """Hold this one, if it is due and nobody else does."""
        if kind not in self._handlers:
            return None
        return await self._database.write(rows.claim_one, kind, job_id, self._now(), self._hold())

    async def run(self, job: Job) -> None:
        """Let its handler do a job, and write down what comes of it; raises nothing but its own cancellation."""
        self._held.add(job)
        try:
            await self._run(job)
        finally:
            self._held.discard(job)

    async def keep_holding(self) -> None:
        """Renew the holds of the jobs that run here, until cancelled."""
        while True:
            await asyncio.sleep(self._long.total_seconds() / 3)
            try:
                if self._held:
                    await self._database.write(rows.renew, tuple(self._held), self._now() + self._long)
            except StoreFailed as error:
                log.warning("jobs could not be held on to", extra={"code": error.code})
            except Exception:  # who stops renewing lets every job run twice
                log.exception("holding on to jobs met a defect")

    async def _run(self, job: Job) -> None:
        try:
            async with asyncio.timeout(self._limits.get(job.kind, USUAL).seconds):
                next_due = await self._handled(job)
        except asyncio.CancelledError:  # the process stops: the next one shall not have to wait for our hold to end
            await asyncio.shield(self._settle(job, self._now(), failed=job.attempts - 1))
            raise
        except Exception as error:  # noqa: BLE001 - whatever a handler meets, the job must not be lost
            await self._settle(job, self._put_off(job, error), failed=job.attempts)
        else:
            await self._settle(job, next_due)

    async def _handled(self, job: Job) -> datetime | None:
        with self._tracer.span(SpanKind.JOB) as span:
            span.tell({Fact.JOB: job.kind, Fact.JOB_ID: job.id, Fact.ATTEMPT: job.attempts})
            return await self._handlers[job.kind](job.id)

    async def _settle(self, job: Job, next_due: datetime | None, failed: int = 0) -> None:
        try:
            if failed and next_due is not None:
                await self._database.write(rows.put_off, job, next_due, failed)
            else:
                await self._database.write(rows.finish, job, next_due)
        except StoreFailed as error:
            log.warning("a job's end was not written; it will run again", extra={**_named(job), "code": error.code})

    def _put_off(self, job: Job, error: Exception) -> datetime:
        pause = min(FIRST_PAUSE * 2 ** min(job.attempts - 1, 30), LONGEST_PAUSE) * (1 - self._chance() / 2)
        told = {**_named(job), "attempt": job.attempts, "again_in_seconds": round(pause, 1), "problem": _word(error)}
        # A trace only for what is a defect: a provider that is down is told in a line.
        trace = None if isinstance(error, MooringsError | TimeoutError) else error
        log.warning("a job failed and will be tried again", exc_info=trace, extra=told)
        return self._now() + timedelta(seconds=pause)

    def _hold(self) -> Hold:
        return Hold(secrets.token_hex(8), self._now() + self._long)


def _word(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "took too long"
    return error.code if isinstance(error, MooringsError) else type(error).__name__


def _named(job: Job) -> dict[str, str]:
    return {"job": job.kind, "of": job.id}
