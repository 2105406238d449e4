"""The embedded worker: looks for due jobs within the serving process and runs them side by side."""

import asyncio
import logging
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress

from moorings.domain.job import Job, JobKind
from moorings.errors import StoreFailed
from moorings.services.jobs import Jobs

LOOK_SECONDS = 1.0
"""How long a job that another process has made due may wait before it is seen."""

LATE_SECONDS, TOLD_EVERY_SECONDS = 60.0, 60.0
LAST_SECONDS = 1.0
"""How long jobs may go on when the server stops, before they are given back."""

log = logging.getLogger(__name__)


class JobLoop:
    """Every kind has room of its own, so that slow jobs of one never hold up those of another."""

    def __init__(self, jobs: Jobs, look_seconds: float = LOOK_SECONDS) -> None:
        self._jobs, self._look = jobs, look_seconds
        self._running: dict[asyncio.Task[None], JobKind] = {}
        self._told_at = -TOLD_EVERY_SECONDS
        self._failed_at: float | None = None
        self._ending = False

    async def serve(self) -> None:
        """Until `end` is called; then jobs that do not end within a moment are given back."""
        holding = asyncio.create_task(self._jobs.keep_holding())
        while not self._ending:
            self._jobs.bell.clear()
            await self._rest(await self._round())
        await self._stop()
        holding.cancel()
        await asyncio.gather(holding, return_exceptions=True)

    def end(self) -> None:
        """Take no more jobs. Not by cancelling: between a job's claim and its start it would be lost for a while."""
        self._ending = True
        self._jobs.wake()

    async def _round(self) -> float:
        """Take what is due and can be run; how many seconds may pass until the next look."""
        try:
            outlook = await self._jobs.outlook()
            self._tell_if_late(outlook)
            taken = [job for kind in self._due(outlook) for job in await self._jobs.take(kind, self._room(kind))]
        except StoreFailed as error:
            self._tell_of_failure(error)
            return self._look
        except Exception:
            log.exception("looking for jobs met a defect")
            return self._look
        self._tell_of_recovery()
        for job in taken:
            self._start(job)
        return 0.0 if taken else self._until_next(outlook.values())

    def _due(self, outlook: Mapping[JobKind, float]) -> list[JobKind]:
        return [kind for kind, seconds in outlook.items() if seconds <= 0 and self._room(kind) > 0]

    def _room(self, kind: JobKind) -> int:
        return self._jobs.at_once(kind) - sum(each is kind for each in self._running.values())

    def _start(self, job: Job) -> None:
        task = asyncio.create_task(self._jobs.run(job))
        self._running[task] = job.kind
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        del self._running[task]
        self._jobs.wake()  # there is room for another

    def _until_next(self, waits: Iterable[float]) -> float:
        return min((seconds for seconds in waits if seconds > 0), default=self._look)

    async def _rest(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(min(seconds, self._look)):
                await self._jobs.bell.wait()

    def _tell_of_failure(self, error: StoreFailed) -> None:
        """Once a minute: a log that says it each second fills the disk that may be what is full."""
        if self._failed_at is None or time.monotonic() - self._failed_at >= TOLD_EVERY_SECONDS:
            self._failed_at = time.monotonic()
            log.warning("jobs wait, for the store fails", extra={"code": error.code, "database": self._jobs.place})

    def _tell_of_recovery(self) -> None:
        if self._failed_at is not None:
            self._failed_at = None
            log.warning("the store works again, and jobs go on", extra={"database": self._jobs.place})

    def _tell_if_late(self, outlook: Mapping[JobKind, float]) -> None:
        late = {kind.value: round(-seconds) for kind, seconds in outlook.items() if seconds < -LATE_SECONDS}
        if late and time.monotonic() - self._told_at >= TOLD_EVERY_SECONDS:
            self._told_at = time.monotonic()
            log.warning("jobs are late: this server cannot keep up, or was down", extra={"seconds_by_kind": late})

    async def _stop(self) -> None:
        running = list(self._running)
        if running:
            await asyncio.wait(running, timeout=LAST_SECONDS)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
