"""Due jobs: wished for, held by one worker at a time, and never lost between a wish and an end."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from moorings.domain.job import Job, JobKind
from moorings.store import jobs, tables
from moorings.store.database import Database
from moorings.store.jobs import Hold
from tests.store.conftest import Opened
from tests.store.samples import NOW, rows_of

pytestmark = pytest.mark.anyio

DELIVER, POLL = JobKind.DELIVER, JobKind.POLL
UNTIL = NOW + timedelta(seconds=30)
SECOND = timedelta(seconds=1)
HOLD = Hold("me", UNTIL)


async def wish(database: Database, job_id: str = "intg_1", due_at: datetime = NOW, kind: JobKind = DELIVER) -> None:
    await database.write(jobs.wish, kind, job_id, due_at)


async def claim(
    database: Database, now: datetime = NOW, limit: int = 10, until: datetime = UNTIL, by: str = "me"
) -> list[Job]:
    return await database.write(jobs.claim, DELIVER, now, Hold(by, until), limit)


async def held(database: Database) -> Job:
    await wish(database)
    [job] = await claim(database)
    return job


async def stored(database: Database) -> list[dict[str, Any]]:
    return await database.read(rows_of, tables.jobs)


async def test_a_job_is_claimed_when_it_is_due_and_not_before(database: Database) -> None:
    await wish(database, due_at=NOW + SECOND)
    assert await claim(database) == []
    assert await claim(database, NOW + SECOND) == [Job(DELIVER, "intg_1", 1, "me")]


async def test_of_two_wishes_the_sooner_stands(database: Database) -> None:
    for seconds in (5, 2, 9):
        await wish(database, due_at=NOW + seconds * SECOND)
    assert await database.read(jobs.outlook) == {DELIVER: NOW + 2 * SECOND}
    assert len(await stored(database)) == 1


async def test_kinds_and_ids_are_jobs_of_their_own(database: Database) -> None:
    await wish(database, "intg_1")
    await wish(database, "intg_2", NOW + SECOND)
    await wish(database, "intg_1", NOW - SECOND, POLL)
    assert await database.read(jobs.outlook) == {DELIVER: NOW, POLL: NOW - SECOND}
    assert [job.id for job in await claim(database)] == ["intg_1"]
    assert len(await stored(database)) == 3


async def test_the_longest_due_is_claimed_first_and_no_more_than_are_wanted(database: Database) -> None:
    for number in (3, 1, 2):
        await wish(database, f"intg_{number}", NOW - (9 - number) * SECOND)
    assert [job.id for job in await claim(database, limit=2)] == ["intg_1", "intg_2"]


async def test_a_held_job_is_not_claimed_again_until_its_hold_ends(database: Database) -> None:
    await held(database)
    assert await claim(database, UNTIL - SECOND) == []
    assert await database.read(jobs.outlook) == {DELIVER: UNTIL}
    assert await claim(database, UNTIL, by="another") == [Job(DELIVER, "intg_1", 2, "another")]


async def test_a_job_that_is_done_for_good_leaves_nothing(database: Database) -> None:
    await database.write(jobs.finish, await held(database), None)
    assert await stored(database) == []


async def test_a_job_that_is_done_for_now_is_due_again_when_it_says(database: Database) -> None:
    await database.write(jobs.finish, await held(database), NOW + SECOND)
    assert await claim(database) == []
    assert await claim(database, NOW + SECOND) == [Job(DELIVER, "intg_1", 1, "me")]


@pytest.mark.parametrize("next_due", [None, NOW + 9 * SECOND], ids=["never again", "later"])
async def test_a_wish_that_is_made_while_a_job_runs_is_not_lost(database: Database, next_due: datetime | None) -> None:
    job = await held(database)
    await wish(database, due_at=NOW + 3 * SECOND)
    assert await claim(database, NOW + 5 * SECOND) == []
    await database.write(jobs.finish, job, next_due)
    assert await database.read(jobs.outlook) == {DELIVER: NOW + 3 * SECOND}


async def test_what_the_job_wants_stands_where_the_wish_is_for_later(database: Database) -> None:
    job = await held(database)
    await wish(database, due_at=NOW + 9 * SECOND)
    await database.write(jobs.finish, job, NOW + 3 * SECOND)
    assert await database.read(jobs.outlook) == {DELIVER: NOW + 3 * SECOND}


async def test_failed_tries_are_counted_until_one_succeeds(database: Database) -> None:
    job = await held(database)
    for attempt in (1, 2, 3):
        assert job.attempts == attempt
        await database.write(jobs.put_off, job, NOW, job.attempts)
        [job] = await claim(database)
    await database.write(jobs.finish, job, NOW)
    assert [job.attempts for job in await claim(database)] == [1]


async def test_whoever_lost_the_hold_changes_nothing_any_more(database: Database) -> None:
    late = await held(database)
    [present] = await claim(database, UNTIL, until=UNTIL + 30 * SECOND, by="another")
    await database.write(jobs.finish, late, None)
    await database.write(jobs.put_off, late, NOW, 7)
    await database.write(jobs.renew, [late], NOW)
    assert await database.read(jobs.outlook) == {DELIVER: UNTIL + 30 * SECOND}
    await database.write(jobs.finish, present, None)
    assert await stored(database) == []


async def test_a_hold_that_is_renewed_goes_on(database: Database) -> None:
    job = await held(database)
    await database.write(jobs.renew, [job], UNTIL + SECOND)
    assert await claim(database, UNTIL) == []
    await database.write(jobs.finish, job, None)
    assert await stored(database) == []


async def test_a_dropped_job_is_gone_and_its_end_brings_it_not_back(database: Database) -> None:
    job = await held(database)
    await database.write(jobs.drop, DELIVER, "intg_1")
    await database.write(jobs.finish, job, NOW)
    assert await stored(database) == []


async def test_one_job_is_claimed_by_its_name_if_it_is_due_and_free(database: Database) -> None:
    await wish(database, due_at=NOW)
    assert await database.write(jobs.claim_one, DELIVER, "intg_2", NOW, HOLD) is None
    assert await database.write(jobs.claim_one, DELIVER, "intg_1", NOW - SECOND, HOLD) is None
    assert await database.write(jobs.claim_one, DELIVER, "intg_1", NOW, HOLD) == Job(DELIVER, "intg_1", 1, "me")
    assert await database.write(jobs.claim_one, DELIVER, "intg_1", NOW, HOLD) is None


async def test_a_wish_belongs_to_the_transaction_it_is_made_in(database: Database) -> None:
    def wish_and_fail(connection: Connection) -> None:
        jobs.wish(connection, DELIVER, "intg_1", NOW)
        raise LookupError

    with pytest.raises(LookupError):
        await database.write(wish_and_fail)
    assert await stored(database) == []


async def test_workers_that_claim_at_once_never_hold_the_same_job(database: Database, opened: Opened) -> None:
    for number in range(40):
        await wish(database, f"intg_{number:02}")
    found = await asyncio.gather(*(claim(each, limit=7) for each in (database, opened()) for _ in range(4)))
    ids = [job.id for jobs_held in found for job in jobs_held]
    assert len(ids) == len(set(ids)) >= 28


async def test_the_next_job_is_found_by_an_index_alone(sqlite: Database) -> None:
    """PostgreSQL plans by how much there is, and here is little."""

    def plans(connection: Connection) -> list[str]:
        texts = [str(statement.compile(dialect=connection.dialect)) for statement in (jobs.NEXT, jobs.DUE)]
        return [
            row.detail
            for sql, values in zip(texts, [("deliver",), ("deliver", 1, 9, 0)], strict=True)
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values)
        ]

    told = await sqlite.read(plans)
    assert told
    assert all("ix_jobs_next" in step for step in told), told
