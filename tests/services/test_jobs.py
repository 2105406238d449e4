"""What every way of running jobs keeps: once, at their time, again when they fail, and by one worker at a time."""

import asyncio
import logging
import shutil
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from moorings.domain.job import Job, Limits
from moorings.errors import ProviderFailed, StoreFailed, StoreFull
from moorings.jobs.procrastinate_worker import ProcrastinateWorker
from moorings.services import jobs as module
from moorings.services.job_loop import JobLoop
from moorings.services.jobs import Jobs
from moorings.store import jobs as rows
from moorings.store.jobs import Hold
from tests.services.fakes import Failing, Unreadable
from tests.services.house import House, Process
from tests.services.worker import (
    KIND,
    LIMITS,
    LOOK,
    OTHER,
    Recorder,
    clock,
    embedded,
    until,
    until_done,
    waiting,
    wish,
    working,
)

pytestmark = pytest.mark.anyio


@dataclass(frozen=True, slots=True)
class Works:
    """A house, and what works on its jobs."""

    house: House
    on_procrastinate: bool

    def __call__(self, jobs: Jobs) -> AbstractAsyncContextManager[None]:
        if self.on_procrastinate and self.house.url:
            return working(ProcrastinateWorker(jobs, self.house.url, LOOK))
        return embedded(jobs)


@pytest.fixture(params=["sqlite", "postgresql", "procrastinate"])
def works(request: pytest.FixtureRequest, prepared: Path, tmp_path: Path) -> Iterator[Works]:
    """Every way of running jobs."""
    url = None if request.param == "sqlite" else request.getfixturevalue("databases").migrated()
    house = House(url, Path(shutil.copytree(prepared, tmp_path / "data")))
    yield Works(house, request.param == "procrastinate")
    house.close()


def jobs_of(process: Process, handler: Recorder, chance: float = 1.0) -> Jobs:
    jobs = Jobs(process.database, clock, LIMITS, lambda: chance)
    jobs.on(KIND, handler)
    return jobs


async def test_a_due_job_is_done_once(works: Works) -> None:
    process, recorder = works.house.process(), Recorder()
    await wish(process.database, "intg_1", "intg_2")
    async with works(jobs_of(process, recorder)):
        await until_done(process.database)
        await asyncio.sleep(0.1)
    assert recorder.done == {"intg_1": 1, "intg_2": 1}


async def test_a_job_waits_for_its_time(works: Works) -> None:
    process, recorder, begun = works.house.process(), Recorder(), clock()
    await wish(process.database, "intg_1", after=0.3)
    async with works(jobs_of(process, recorder)):
        await until_done(process.database)
    assert timedelta(seconds=0.29) <= recorder.times[0] - begun < timedelta(seconds=2)


async def test_a_job_that_says_when_is_done_again_then(works: Works) -> None:
    async def twice(_: str) -> datetime | None:
        return clock() + timedelta(seconds=0.2) if len(recorder.times) == 1 else None

    process, recorder = works.house.process(), Recorder(twice)
    await wish(process.database, "intg_1")
    async with works(jobs_of(process, recorder)):
        await until_done(process.database)
    assert recorder.times[1] - recorder.times[0] >= timedelta(seconds=0.19)


async def test_a_job_that_fails_is_tried_again_after_a_pause_that_grows(
    works: Works, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail_twice(_: str) -> None:
        if len(recorder.times) < 3:
            raise ProviderFailed("It is down.")

    process, recorder = works.house.process(), Recorder(fail_twice)
    await wish(process.database, "intg_1")
    async with works(jobs_of(process, recorder)):
        await until_done(process.database)
    first, second = recorder.times[1] - recorder.times[0], recorder.times[2] - recorder.times[1]
    assert first >= timedelta(seconds=0.45)  # a second less a random half; a busy machine may take longer
    assert second >= timedelta(seconds=0.9)
    told = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert [(vars(record)["attempt"], vars(record)["problem"], record.exc_info) for record in told] == [
        (1, "PROVIDER_ERROR", None), (2, "PROVIDER_ERROR", None),
    ]  # fmt: skip


def test_pauses_double_to_a_bound_and_are_shortened_at_random_so_that_not_all_come_at_once() -> None:
    pauses = [_pause(attempt, chance) for attempt in (1, 2, 5, 40) for chance in (0.0, 1.0)]
    assert pauses == [1, 0.5, 2, 1, 16, 8, module.LONGEST_PAUSE, module.LONGEST_PAUSE / 2]


def _pause(attempt: int, chance: float) -> float:
    frozen = clock()
    jobs = Jobs(Failing(None, StoreFailed("")), lambda: frozen, {}, lambda: chance)  # type: ignore[arg-type]
    job = Job(KIND, "intg_1", attempt, "me")
    return (jobs._put_off(job, ProviderFailed("It is down.")) - frozen).total_seconds()


async def test_a_defect_of_a_handler_is_told_with_its_trace_and_the_others_go_on(
    works: Works, caplog: pytest.LogCaptureFixture
) -> None:
    async def break_one(job_id: str) -> None:
        if job_id == "intg_1":
            raise ZeroDivisionError

    process, recorder = works.house.process(), Recorder(break_one)
    await wish(process.database, "intg_1", "intg_2")
    async with works(jobs_of(process, recorder)):
        await until(lambda: recorder.done["intg_2"] == 1 and bool(caplog.records))
    [told] = caplog.records
    assert told.exc_info
    assert vars(told)["of"] == "intg_1"


async def test_a_job_that_hangs_is_ended_and_tried_again(works: Works, caplog: pytest.LogCaptureFixture) -> None:
    async def hang_once(_: str) -> None:
        if len(recorder.times) == 1:
            await asyncio.sleep(60)

    process, recorder = works.house.process(), Recorder(hang_once)
    await wish(process.database, "intg_1")
    async with works(jobs_of(process, recorder)):
        await until_done(process.database)
    assert recorder.times[1] - recorder.times[0] >= timedelta(seconds=0.3)
    assert vars(caplog.records[0])["problem"] == "took too long"


async def test_a_job_whose_worker_was_killed_is_taken_up_when_the_hold_ends(works: Works) -> None:
    process, recorder = works.house.process(), Recorder()
    await wish(process.database, "intg_1")
    until_then = clock() + timedelta(seconds=0.3)
    assert await process.database.write(rows.claim, KIND, clock(), Hold("killed", until_then), 1)
    async with works(jobs_of(process, recorder)):
        await until_done(process.database)
    assert recorder.times[0] >= until_then - timedelta(milliseconds=1)


async def test_a_job_that_takes_longer_than_a_hold_is_not_taken_up_by_another(works: Works) -> None:
    async def work(_: str) -> None:
        await asyncio.sleep(1.0)

    here, there, recorder = works.house.process(), works.house.process(), Recorder(work)
    await wish(here.database, "intg_1", kind=OTHER)
    workers = [Jobs(each.database, clock, LIMITS, hold=timedelta(seconds=0.4)) for each in (here, there)]
    for worker in workers:
        worker.on(OTHER, recorder)
    async with works(workers[0]), works(workers[1]):
        await until_done(here.database)
    assert recorder.done == {"intg_1": 1}


async def test_a_wish_made_while_the_job_runs_is_done_after_it(works: Works) -> None:
    async def wish_once(job_id: str) -> None:
        if len(recorder.times) == 1:
            await wish(process.database, job_id)
            await asyncio.sleep(0.05)

    process, recorder = works.house.process(), Recorder(wish_once)
    await wish(process.database, "intg_1")
    async with works(jobs_of(process, recorder)):
        await until_done(process.database)
    assert recorder.done == {"intg_1": 2}
    assert recorder.most == 1


async def test_workers_of_two_processes_share_the_jobs_and_never_do_one_twice(works: Works) -> None:
    async def work(_: str) -> None:
        await asyncio.sleep(0.01)

    here, there, ids = works.house.process(), works.house.process(), [f"intg_{number}" for number in range(30)]
    one, other = Recorder(work), Recorder(work)
    await wish(here.database, *ids)
    async with works(jobs_of(here, one)), works(jobs_of(there, other)):
        await until_done(here.database)
    assert one.done + other.done == dict.fromkeys(ids, 1)
    assert one.done
    assert other.done


async def test_a_kind_takes_no_more_than_its_room_and_leaves_that_of_others(process: Process) -> None:
    async def work(_: str) -> None:
        await asyncio.sleep(0.05)

    async def wait(_: str) -> None:
        await asyncio.sleep(0.5)

    quick, slow = Recorder(work), Recorder(wait)
    jobs = jobs_of(process, quick)
    jobs.on(OTHER, slow)
    await wish(process.database, *(f"intg_{number}" for number in range(4)), kind=OTHER)
    await wish(process.database, *(f"intg_{number}" for number in range(6)))
    async with embedded(jobs):
        await until(lambda: quick.done.total() == 6)
        assert slow.done.total() == 2
        await until_done(process.database)
    assert (quick.most, slow.most) == (3, 2)


async def test_a_wake_brings_a_job_forward_at_once(process: Process) -> None:
    recorder = Recorder()
    jobs = jobs_of(process, recorder)
    loop = JobLoop(jobs, look_seconds=30)
    task = asyncio.create_task(loop.serve())
    await asyncio.sleep(0.05)
    await wish(process.database, "intg_1")
    jobs.wake()
    await until(lambda: recorder.done.total() == 1)
    loop.end()
    await task


async def test_a_store_that_fails_is_told_once_and_again_when_it_works(
    process: Process, caplog: pytest.LogCaptureFixture
) -> None:
    """Each second would fill the disk that may be what is full."""
    database = Unreadable(process.database, StoreFull("The disk is full."), times=8)
    jobs = Jobs(database, clock)
    jobs.on(KIND, Recorder())
    loop = JobLoop(jobs, look_seconds=0.01)
    task = asyncio.create_task(loop.serve())
    await until(lambda: database.failed == 8)
    await until(lambda: "works again" in caplog.text)
    loop.end()
    await task
    assert [record.getMessage() for record in caplog.records if "store" in record.getMessage()] == [
        "jobs wait, for the store fails", "the store works again, and jobs go on",
    ]  # fmt: skip
    assert vars(caplog.records[0])["database"] == "nowhere"


async def test_a_full_kind_goes_on_as_soon_as_one_of_it_ends(process: Process) -> None:
    async def work(_: str) -> None:
        await asyncio.sleep(0.05)

    recorder = Recorder(work)
    jobs = Jobs(process.database, clock, {KIND: Limits(1, 5)})
    jobs.on(KIND, recorder)
    await wish(process.database, "intg_1", "intg_2", "intg_3")
    loop, begun = JobLoop(jobs, look_seconds=30), clock()
    task = asyncio.create_task(loop.serve())
    await until_done(process.database)
    loop.end()
    await task
    assert clock() - begun < timedelta(seconds=5)


async def test_jobs_that_run_when_the_server_stops_are_given_back_at_once(process: Process) -> None:
    async def hang(_: str) -> None:
        await asyncio.sleep(60)

    recorder = Recorder(hang)
    jobs = Jobs(process.database, clock, {KIND: Limits(1, 60)})
    jobs.on(KIND, recorder)
    await wish(process.database, "intg_1")
    async with embedded(jobs):
        await until(lambda: recorder.done.total() == 1)
    after = Recorder()
    async with embedded(jobs_of(process, after)):
        await until_done(process.database)
    assert after.done == {"intg_1": 1}


async def test_a_job_that_nobody_handles_here_is_left_for_others(process: Process) -> None:
    await wish(process.database, "intg_1", kind=OTHER)
    async with embedded(jobs_of(process, Recorder())):
        await asyncio.sleep(0.1)
    assert await waiting(process.database) == 1
    assert await jobs_of(process, Recorder()).take_one(OTHER, "intg_1") is None


async def test_a_store_that_fails_ends_no_worker(process: Process, caplog: pytest.LogCaptureFixture) -> None:
    recorder = Recorder()
    jobs = Jobs(Failing(process.database, StoreFailed("The disk is full."), times=2), clock, LIMITS)
    jobs.on(KIND, recorder)
    await wish(process.database, "intg_1")
    async with embedded(jobs):
        await until_done(process.database)
    assert recorder.done == {"intg_1": 1}
    assert "jobs wait" in caplog.text


@pytest.mark.parametrize(
    ("error", "told"), [(StoreFailed("It is gone."), "could not be"), (KeyError(), "met a defect")]
)
async def test_what_fails_does_not_end_the_holding_on_to_jobs(
    process: Process, caplog: pytest.LogCaptureFixture, error: Exception, told: str
) -> None:
    failing = Failing(process.database, error, times=2)
    jobs = Jobs(failing, clock, LIMITS, hold=timedelta(seconds=0.03))
    jobs._held.add(Job(KIND, "intg_1", 1, "nobody"))
    holding = asyncio.create_task(jobs.keep_holding())
    await asyncio.sleep(0.2)
    assert not holding.done()
    holding.cancel()
    assert failing.failed == 2
    assert told in caplog.text


async def test_jobs_that_are_long_due_are_told_once(process: Process, caplog: pytest.LogCaptureFixture) -> None:
    await wish(process.database, "intg_1", after=-90)
    async with embedded(jobs_of(process, Recorder())):
        await until_done(process.database)
    [record] = caplog.records
    assert "jobs are late" in record.getMessage()
    assert "JobKind" not in str(vars(record)["seconds_by_kind"]), "an operator reads words"
