"""A worker over a house, and a handler that remembers what it was asked to do."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Protocol

from moorings.domain.job import JobKind, Limits
from moorings.services.job_loop import JobLoop
from moorings.services.jobs import Jobs
from moorings.store import jobs as rows
from moorings.store.database import Database

KIND, OTHER = JobKind.DELIVER, JobKind.POLL
LIMITS = {KIND: Limits(at_once=3, seconds=0.3), OTHER: Limits(at_once=2, seconds=5)}
LOOK = 0.02
PATIENCE = 10.0


def clock() -> datetime:
    return datetime.now(UTC)


class Recorder:
    """Counts what was done; `act` says what a job does, `most` how many ran side by side."""

    def __init__(self, act: Callable[[str], Awaitable[datetime | None]] | None = None) -> None:
        self._act, self.done = act, Counter[str]()
        self.times: list[datetime] = []
        self.now = self.most = 0

    async def __call__(self, job_id: str) -> datetime | None:
        self.done[job_id] += 1
        self.times.append(clock())
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            return await self._act(job_id) if self._act else None
        finally:
            self.now -= 1


async def wish(database: Database, *ids: str, after: float = 0, kind: JobKind = KIND) -> None:
    for job_id in ids:
        await database.write(rows.wish, kind, job_id, clock() + timedelta(seconds=after))


async def until(condition: Callable[[], bool]) -> None:
    """Wait for it to become true."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - what is waited for sets no event
            await asyncio.sleep(0.005)


async def waiting(database: Database) -> int:
    """How many kinds have jobs that are not done for good."""
    return len(await database.read(rows.outlook))


async def until_done(database: Database) -> None:
    """Wait until no job is left."""
    async with asyncio.timeout(PATIENCE):
        while await waiting(database):  # noqa: ASYNC110 - rows set no event
            await asyncio.sleep(0.005)


class Worker(Protocol):
    async def serve(self) -> None: ...

    def end(self) -> None: ...


@asynccontextmanager
async def working(worker: Worker) -> AsyncIterator[None]:
    """A worker of a serving process, until the end of the `with`."""
    task = asyncio.create_task(worker.serve())
    try:
        yield
    finally:
        worker.end()
        await task


def embedded(jobs: Jobs) -> AbstractAsyncContextManager[None]:
    """The loop that a server runs by itself."""
    return working(JobLoop(jobs, LOOK))
