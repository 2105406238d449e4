"""A denied call is written down; where that cannot be, it stays denied and the log tells it."""

import pytest

from moorings.domain.caller import Caller, Origin, Scope
from moorings.errors import EnvironmentForbidden, MissingScope, StoreBusy, StoreCorrupt, StoreFailed, StoreFull
from moorings.services.denials import A_MINUTE, Denials
from tests.services.fakes import Failing
from tests.services.house import House, Process

pytestmark = pytest.mark.anyio

CALL = "POST /v1/integrations/firecrawl/credentials"
DENIAL = MissingScope("This key lacks a scope.")


async def test_who_tried_what_from_where_and_why_not_stands_in_the_audit(house: House) -> None:
    process = house.process()
    owner = (await process.admin()).owner
    caller = Caller("key_1", owner, frozenset({Scope.READ}), origin=Origin("203.0.113.7", "req_1"))
    await Denials(process.database, house.clock).record(caller, CALL, DENIAL)
    await Denials(process.database, house.clock).record(caller, CALL, EnvironmentForbidden("Not this one."))
    found = await process.sql("SELECT * FROM audit WHERE kind = 'call.denied' ORDER BY sequence")
    assert [entry.outcome for entry in found] == ["MISSING_SCOPE", "ENVIRONMENT_FORBIDDEN"]
    entry = found[0]
    assert (entry.actor, entry.subject, entry.address, entry.request_id) == ("key_1", CALL, "203.0.113.7", "req_1")


@pytest.mark.parametrize("error", [StoreFull, StoreBusy, StoreCorrupt, StoreFailed])
async def test_where_the_store_fails_the_log_tells_it(
    process: Process, caplog: pytest.LogCaptureFixture, error: type[StoreFailed]
) -> None:
    caller = await process.admin()
    await Denials(Failing(process.database, error("It fails.")), process.clock).record(caller, CALL, DENIAL)
    [record] = [record for record in caplog.records if record.levelname == "ERROR"]
    assert vars(record)["call"] == CALL
    assert vars(record)["actor"] == caller.id
    assert await process.sql("SELECT 1 FROM audit WHERE kind = 'call.denied'") == []


async def test_the_same_refusal_is_written_down_once_a_minute_and_then_counted(process: Process) -> None:
    caller, denials = await process.admin(), Denials(process.database, process.clock)
    for _ in range(50):
        await denials.record(caller, CALL, DENIAL)
    assert await _told(process) == [(CALL, "MISSING_SCOPE")]
    process.clock.advance(minutes=1)
    await denials.record(caller, CALL, DENIAL)
    assert (await _told(process))[1:] == [("49 further calls", "counted"), (CALL, "MISSING_SCOPE")]


async def test_different_refusals_are_told_apart_up_to_a_number_and_those_of_others_too(process: Process) -> None:
    caller, other, denials = await process.admin(), await process.admin(), Denials(process.database, process.clock)
    for number in range(A_MINUTE + 20):
        await denials.record(caller, f"{CALL} {number}", DENIAL)
    assert len(await _told(process)) == A_MINUTE
    await denials.record(other, CALL, DENIAL)
    assert len(await _told(process)) == A_MINUTE + 1


async def _told(process: Process) -> list[tuple[str, str]]:
    rows = await process.sql("SELECT subject, outcome FROM audit WHERE kind = 'call.denied' ORDER BY at, sequence")
    return [tuple(row) for row in rows]
