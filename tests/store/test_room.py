"""What an owner holds is counted by the database, and no two writers pass together what it may hold."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from moorings.domain.bot import InstalledBot
from moorings.errors import QuotaReached
from moorings.store import api_keys, audit, connections, counters, credentials, events, installations, room
from moorings.store.database import Database
from moorings.store.events import NewEvent
from moorings.store.postgres import PostgresDatabase
from moorings.store.room import MOST, NO_LIMIT, Tally
from moorings.store.sqlite import SqliteDatabase
from tests import postgresql
from tests.store import samples
from tests.store.samples import ADA, BOB, LATER, NOW, api_key, credential, entry, installation

pytestmark = pytest.mark.anyio

Opened = Callable[[Tally], Database]


@pytest.fixture(params=["sqlite", "postgresql"])
def limited(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """Opens one database again and again, each time with what an owner may hold."""
    opened: list[Database] = []
    if request.param == "sqlite":
        path: Path = request.getfixturevalue("sqlite_file")
        make: Callable[[Any], Database] = lambda options: SqliteDatabase(path, options)  # noqa: E731
    else:
        databases: postgresql.Server = request.getfixturevalue("databases")
        url = databases.emptied()
        make = lambda options: PostgresDatabase(url, options=options)  # noqa: E731

    def again(most: Tally) -> Database:
        opened.append(make({MOST: most}))
        return opened[-1]

    yield again
    for database in opened:
        database.close()


@pytest.fixture
async def three(anyio_backend: str, limited: Opened) -> Database:
    """A database in which an owner may hold three things and two events."""
    database = limited(Tally(3, 2))
    await samples.settle(database)
    return database


def event(number: int) -> NewEvent:
    sealed = samples.credential().sealed
    return NewEvent(
        f"evt_{number}", ADA, "intg_1", f"name {number}", "message", "C1", sealed, NOW, LATER, entry(),
    )  # fmt: skip


def counted(connection: Connection) -> dict[str, tuple[int, int]]:
    """What each owner holds, row by row."""
    _, _, select = counters.FILL.partition("(owner, things, events)")
    return {row[0]: (row[1], row[2]) for row in connection.execute(text(select))}


async def told(database: Database, owner: str = ADA) -> Tally:
    found: Tally = await database.read(room.held, owner)
    assert (await database.read(counted))[owner] == tuple(found)
    return found


ADDING: dict[str, Callable[[Database], Any]] = {
    "a credential": lambda on: on.write(credentials.put, credential(integration_id="tavily"), entry()),
    "a reservation": lambda on: on.write(installations.add, installation("intg_7"), entry()),
    "a key": lambda on: on.write(api_keys.add, api_key("key_7"), entry()),
    "a bot": lambda on: on.write(
        connections.install, installation("intg_7"), InstalledBot("intg_7", ADA, "slack", "T1/B1 *"),
        credential(integration_id="intg_7", environment="staging"), entry(), reserved=False,
    ),
    "an app": lambda on: on.write(
        connections.prepare, installation("intg_7"), credential(integration_id="intg_7", environment="staging"), entry()
    ),
}  # fmt: skip


async def fill(database: Database) -> None:
    """All that an owner may hold: an installation, its credential and a key."""
    await database.write(installations.add, installation(), entry())
    await database.write(credentials.put, credential(integration_id="intg_1", environment="staging"), entry())
    await database.write(api_keys.add, api_key(), entry())


@pytest.mark.parametrize("what", ADDING)
async def test_beyond_what_an_owner_may_hold_nothing_is_added(three: Database, what: str) -> None:
    await fill(three)
    before = await three.read(samples.everything)
    with pytest.raises(QuotaReached, match="3 credentials, installations, configurations and API keys"):
        await ADDING[what](three)
    assert await three.read(samples.everything) == before
    assert await told(three) == Tally(3, 0)


async def test_what_is_there_is_replaced_and_another_owner_has_room_of_its_own(three: Database) -> None:
    await fill(three)
    again = credential(integration_id="intg_1", environment="staging", revision="rev_2")
    await three.write(credentials.put, again, entry())
    await three.write(credentials.put, credential(BOB), entry(BOB))
    assert (await told(three), await told(three, BOB)) == (Tally(3, 0), Tally(1, 0))


async def test_what_goes_makes_room(three: Database) -> None:
    await fill(three)
    await three.write(api_keys.revoke, ADA, "key_1", NOW, entry())
    await three.write(api_keys.revoke, ADA, "key_1", NOW, entry())
    assert await told(three) == Tally(2, 0)
    ref = credential(integration_id="intg_1", environment=None).ref
    tombstone = samples.credential().revision
    assert await three.write(connections.uninstall, ref, {None: tombstone}, entry())
    assert await told(three) == NO_LIMIT
    await three.write(installations.add, installation(), entry())
    assert await three.write(connections.forget_expired, NOW + timedelta(days=2)) == 1
    assert await told(three) == NO_LIMIT


async def test_a_key_that_somebody_may_have_seen_is_renewed_also_beyond_it(three: Database) -> None:
    await fill(three)
    assert await three.write(api_keys.replace, "key_1", LATER, api_key("key_2"), [entry()], NOW)
    assert await told(three) == Tally(4, 0)


async def test_where_less_is_allowed_than_is_held_one_may_replace_and_delete(three: Database, limited: Opened) -> None:
    await fill(three)
    strict = limited(Tally(1, 1))
    again = credential(integration_id="intg_1", environment="staging", revision="rev_2")
    await strict.write(credentials.put, again, entry())
    with pytest.raises(QuotaReached):
        await strict.write(credentials.put, credential(), entry())
    assert await strict.write(credentials.remove, again.ref, again.revision, entry())
    assert await told(strict) == Tally(2, 0)


async def test_an_installation_that_came_to_nothing_waits_again_whatever_is_allowed(
    three: Database, limited: Opened
) -> None:
    await fill(three)
    strict, ref = limited(Tally(1, 1)), credential(integration_id="intg_1", environment="staging").ref
    await strict.write(connections.withdraw, ref, installation(), samples.credential().revision, entry())
    assert await told(strict) == Tally(2, 0)


async def test_events_are_kept_up_to_their_own_number(three: Database) -> None:
    await three.write(installations.add, installation(), entry())
    assert await three.write(events.add, [event(1), event(2)]) == 2
    with pytest.raises(QuotaReached, match="2 events of this owner are kept"):
        await three.write(events.add, [event(3)])
    assert await three.write(events.add, [event(1)]) == 0, "what is kept already needs no room"
    assert await three.write(events.forget_before, LATER, 1) == 1
    assert await three.write(events.add, [event(3)]) == 1
    assert await told(three) == Tally(1, 2)
    await three.write(installations.remove, ADA, "intg_1")
    assert await told(three) == NO_LIMIT, "they go with their installation"


async def test_of_writers_at_once_in_several_processes_no_more_get_in_than_there_is_room_for(limited: Opened) -> None:
    handles = [limited(Tally(5, 0)) for _ in range(3)]
    await samples.settle(handles[0])
    wishes = [
        handles[number % 3].write(credentials.put, credential(integration_id=f"number-{number}"), entry())
        for number in range(24)
    ]
    met = await asyncio.gather(*wishes, return_exceptions=True)
    assert [type(one) for one in met if one is not None] == [QuotaReached] * 19
    assert await told(handles[0]) == Tally(5, 0)


def reserved(connection: Connection, number: int) -> None:
    """As whoever looks before it changes something."""
    audit.hold(connection, ADA)
    installations.add(connection, installation(f"intg_{number}"), entry())


async def test_who_holds_the_owner_first_and_who_comes_by_the_rows_do_not_block_each_other(limited: Opened) -> None:
    handles = [limited(Tally(100, 0)) for _ in range(3)]
    await samples.settle(handles[0])
    wishes: list[Any] = []
    for number in range(24):
        put = credential(integration_id=f"number-{number}")
        wishes += [handles[number % 3].write(credentials.put, put, entry()), handles[0].write(reserved, number)]
    assert [one for one in await asyncio.gather(*wishes, return_exceptions=True) if one is not None] == []
    assert await told(handles[0]) == Tally(48, 0)


async def test_without_a_limit_everything_is_counted_all_the_same(limited: Opened) -> None:
    database = limited(NO_LIMIT)
    await samples.settle(database)
    for number in range(9):
        await database.write(api_keys.add, api_key(f"key_{number}"), entry())
    assert await told(database) == Tally(9, 0)
