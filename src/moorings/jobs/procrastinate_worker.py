"""Runs jobs on Procrastinate, for who has it already or many processes: it carries them, our rows stay the only truth.

A due row is handed to Procrastinate; whichever worker gets it holds the row first, and does nothing where another holds
it or it is no longer due. So what Procrastinate loses is handed to it again, and what it brings twice is done once.
"""

import asyncio
import logging
import time
from collections.abc import Mapping
from contextlib import suppress

from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ProcrastinateException
from procrastinate.jobs import Status

from moorings.domain.job import JobKind
from moorings.errors import StoreFailed
from moorings.services.jobs import Jobs

SCHEMA = "procrastinate"
TASK = "moorings.job"
LOOK_SECONDS, STALLED_SECONDS = 1.0, 30.0
LAST_SECONDS, HANDED_SECONDS = 1.0, 1.0
HANDED_AT_ONCE = 200
CONNECTIONS = 8

log = logging.getLogger(__name__)


class ProcrastinateWorker:
    """Hands due jobs to Procrastinate and works on what it brings; its tables stand in a schema of their own."""

    def __init__(self, jobs: Jobs, url: str, look_seconds: float = LOOK_SECONDS) -> None:
        self._jobs, self._look = jobs, look_seconds
        self._app = App(connector=PsycopgConnector(
            conninfo=_libpq(url), min_size=1, max_size=CONNECTIONS, kwargs={"options": f"-c search_path={SCHEMA}"},
        ))  # fmt: skip
        self._task = self._app.task(name=TASK)(self._work)
        self._handed: dict[str, float] = {}
        self._room = {kind: asyncio.Semaphore(jobs.at_once(kind)) for kind in jobs.kinds}
        self._ending = False

    async def serve(self) -> None:
        """Until `end` is called; then jobs that do not end within a moment are given back."""
        async with self._app.open_async():
            await self._prepare()
            holding = asyncio.create_task(self._jobs.keep_holding())
            working = asyncio.create_task(self._app.run_worker_async(
                concurrency=sum(map(self._jobs.at_once, self._jobs.kinds)), install_signal_handlers=False,
                delete_jobs="always", fetch_job_polling_interval=self._look, shutdown_graceful_timeout=LAST_SECONDS,
            ))  # fmt: skip
            while not self._ending:
                if working.done():  # it ends by itself only when it fails, and the server shall not go on without
                    working.result()
                self._jobs.bell.clear()
                await self._hand_over()
                await self._rest()
            for task in (working, holding):
                task.cancel()
            await asyncio.gather(working, holding, return_exceptions=True)

    def end(self) -> None:
        """Hand over no more jobs, and work on none."""
        self._ending = True
        self._jobs.wake()

    async def _work(self, kind: str, job_id: str) -> None:
        """What Procrastinate calls."""
        self._handed.pop(f"{kind}/{job_id}", None)
        async with self._room[JobKind(kind)]:
            job = await self._jobs.take_one(JobKind(kind), job_id)
            if job is not None:
                await self._jobs.run(job)
        self._jobs.wake()  # it may be due again at once

    async def _hand_over(self) -> None:
        try:
            for kind in _due(await self._jobs.outlook()):
                for job_id in await self._jobs.waiting(kind, HANDED_AT_ONCE):
                    await self._hand(kind, job_id)
        except (StoreFailed, ProcrastinateException) as error:
            log.warning("jobs wait, for the store fails", extra={"problem": type(error).__name__})

    async def _hand(self, kind: JobKind, job_id: str) -> None:
        """Unless it was handed over a moment ago; Procrastinate itself refuses what still waits there."""
        name, now = f"{kind}/{job_id}", time.monotonic()
        if now - self._handed.get(name, -HANDED_SECONDS) < HANDED_SECONDS:
            return
        self._handed[name] = now
        with suppress(AlreadyEnqueued):
            await self._task.configure(queueing_lock=name).defer_async(kind=kind.value, job_id=job_id)

    async def _rest(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._look):
                await self._jobs.bell.wait()

    async def _prepare(self) -> None:
        """Its tables, unless they are there; and an end for what killed workers left behind."""
        connector, schema = self._app.connector, self._app.schema_manager
        with suppress(ProcrastinateException):  # of processes that start at once, one makes it
            await connector.execute_query_async(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        if not await self._app.check_connection_async():
            with suppress(ProcrastinateException):
                await schema.apply_schema_async()
        for job in await self._app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
            await self._app.job_manager.finish_job(job, Status.FAILED, delete_job=True)


def _due(outlook: Mapping[JobKind, float]) -> list[JobKind]:
    return [kind for kind, seconds in outlook.items() if seconds <= 0]


def _libpq(url: str) -> str:
    """The address as PostgreSQL's own library reads it."""
    return "postgresql://" + url.partition("://")[2]
