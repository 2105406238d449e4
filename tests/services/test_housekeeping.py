"""Housekeeping deletes what has ended and nothing else, and survives a store that fails."""

import asyncio
from contextlib import suppress
from datetime import timedelta

import pytest

from moorings.domain.caller import Caller
from moorings.errors import StoreBusy
from moorings.services.housekeeping import Housekeeping
from moorings.services.idempotency import Answer
from moorings.store import keys as key_rows
from tests.services.arrivals import Arrivals
from tests.services.fakes import Failing
from tests.services.house import START, House, Process

pytestmark = pytest.mark.anyio


@pytest.fixture
async def caller(process: Process) -> Caller:
    return await process.admin()


async def test_what_has_ended_is_deleted_and_what_has_not_stays(house: House) -> None:
    process = house.process()
    caller = await process.admin()
    kept = await process.reserve(caller.owner, START + timedelta(hours=25))
    connected = await process.reserve(caller.owner, START + timedelta(hours=1))
    await process.reserve(caller.owner, START + timedelta(hours=1))
    await process.sql("UPDATE installations SET status = 'connected' WHERE id = :id", id=connected.id)
    await process.idempotency().once(caller, "an old key", b"call", _answer)
    house.clock.advance(hours=24)
    await process.idempotency().once(caller, "a young key", b"call", _answer)
    await Housekeeping(process.database, house.clock).once()
    installations = {row.id for row in await process.sql("SELECT id FROM installations")}
    assert installations == {kept.id, connected.id}
    assert [row.key for row in await process.sql("SELECT key FROM idempotency")] == [f"{caller.id} a young key"]


async def test_an_owner_key_under_which_nothing_stands_is_destroyed_and_no_other(house: House) -> None:
    process = house.process()
    free, bound = (await process.admin()).owner, (await process.admin()).owner
    await process.owner_keys().current(free)
    await process.save(bound, "firecrawl")
    for owner in (free, bound):
        _, fresh = process.vault.new_owner_key(owner, 2, house.clock())
        await process.database.write(key_rows.add, fresh)
    await Housekeeping(process.database, house.clock).once()
    found = await process.sql("SELECT owner, generation FROM owner_keys ORDER BY owner, generation")
    assert {(row.owner, row.generation) for row in found} == {(free, 2), (bound, 1), (bound, 2)}


@pytest.mark.parametrize(
    ("error", "told"), [(StoreBusy("Another program holds it."), "put off"), (ZeroDivisionError(), "met a defect")]
)
async def test_what_fails_puts_housekeeping_off_until_the_next_time(
    process: Process, caller: Caller, caplog: pytest.LogCaptureFixture, error: Exception, told: str
) -> None:
    await process.reserve(caller.owner, START)
    failing = Failing(process.database, error, times=2)
    task = asyncio.create_task(Housekeeping(failing, process.clock).forever(pause=0.001))
    async with asyncio.timeout(5):
        while await process.sql("SELECT 1 FROM installations"):  # noqa: ASYNC110 - a database sets no event
            await asyncio.sleep(0.001)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert failing.failed == 2
    assert told in caplog.text


async def test_it_ends_when_it_is_cancelled(process: Process) -> None:
    task = asyncio.create_task(Housekeeping(process.database, process.clock).forever())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def _answer() -> Answer:
    return Answer(200, b"{}")


async def test_events_are_forgotten_when_their_days_are_over(house: House) -> None:
    arrivals = Arrivals(house.process())
    installation = await arrivals.installation()
    await arrivals.arrive(installation, *("old" for _ in range(3)))
    house.clock.advance(hours=24 * 7)
    await arrivals.arrive(installation, "young")
    house.clock.advance(minutes=1)
    await Housekeeping(arrivals.process.database, house.clock, timedelta(days=7)).once()
    assert len(await arrivals.states(installation)) == 1
    assert await arrivals.deliver(installation) is None
    assert "young" in arrivals.receiver.got[-1].body
