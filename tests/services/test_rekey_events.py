"""A reseal gives events and their signing secrets new bytes too, and destroys what they were sealed under before."""

import pytest

from moorings.store import sealed_values
from tests.services.arrivals import Arrivals
from tests.services.house import House
from tests.services.test_rekey import Ticking, prepared, rotate

pytestmark = pytest.mark.anyio

VALUES = "SELECT id, sealed, owner_key_id FROM events UNION ALL SELECT id, sealed, owner_key_id FROM forward_secrets"


@pytest.fixture
async def arrivals(house: House) -> Arrivals:
    house.clock = Ticking()
    return Arrivals(await prepared(house.process()))


async def test_events_and_secrets_are_sealed_anew_and_go_on_as_before(arrivals: Arrivals) -> None:
    process, installation = arrivals.process, await arrivals.installation()
    await arrivals.arrive(installation, "first", "second")
    await arrivals.deliver(installation)
    await arrivals.arrive(installation, "waiting")
    before = {row.id: (bytes(row.sealed), row.owner_key_id) for row in await process.sql(VALUES)}
    outcome = await rotate(process)
    after = {row.id: (bytes(row.sealed), row.owner_key_id) for row in await process.sql(VALUES)}
    assert (outcome.resealed, outcome.unreadable) == (4, [])
    assert before.keys() == after.keys()
    assert all(before[each][0] != after[each][0] and before[each][1] != after[each][1] for each in before)
    [key] = await process.sql("SELECT id FROM owner_keys")
    assert {key_id for _, key_id in after.values()} == {key.id}
    assert await arrivals.deliver(installation) is None
    assert "waiting" in arrivals.receiver.got[-1].body
    assert len({sent.secrets for sent in arrivals.receiver.got}) == 1


async def test_an_event_that_does_not_open_is_named_and_keeps_its_key(arrivals: Arrivals) -> None:
    process, installation = arrivals.process, await arrivals.installation()
    await arrivals.arrive(installation, "changed", "good")
    [first, _] = await process.sql("SELECT id FROM events ORDER BY sequence")
    await process.sql(
        "UPDATE events SET sealed = (SELECT sealed FROM events WHERE id <> :id) WHERE id = :id", id=first.id
    )
    outcome = await rotate(process)
    assert (outcome.resealed, len(outcome.unreadable)) == (1, 1)
    assert first.id in outcome.unreadable[0]
    [old, _] = await process.sql("SELECT id FROM owner_keys ORDER BY generation")
    assert await process.database.read(sealed_values.count, old.id) == 1


async def test_a_value_that_was_sealed_anew_meanwhile_keeps_what_it_has(arrivals: Arrivals) -> None:
    process, installation = arrivals.process, await arrivals.installation()
    await arrivals.arrive(installation, "one")
    [row] = await process.sql("SELECT owner_key_id FROM events")
    [value] = await process.database.read(sealed_values.batch, "event", row.owner_key_id, "", 10)
    await process.sql("UPDATE events SET sealed = :newer", newer=b"newer")
    await process.database.write(sealed_values.replace, "event", [(value, value.sealed)])
    assert [bytes(row.sealed) for row in await process.sql("SELECT sealed FROM events")] == [b"newer"]
