"""`read` and `write`: what both databases promise for any work."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, text

from moorings.errors import Clash, NotFound, StoreFailed
from moorings.store import changes, credentials, tables
from moorings.store.database import Database
from moorings.store.rows import to_ms
from tests.store.conftest import Opened
from tests.store.samples import ADA, NOW, audit_of, broken_link, credential, entry, rows_of, settle

pytestmark = pytest.mark.anyio

PATIENCE = 3
SECRET_VALUE = "value-that-must-not-be-told"


def topics(connection: Connection) -> list[str]:
    """All topics that were announced."""
    return [row["topic"] for row in rows_of(connection, tables.changes)]


def announce_and(fail: Callable[[Connection], Any]) -> Callable[[Connection], None]:
    """Work that changes something and then fails."""

    def work(connection: Connection) -> None:
        changes.announce(connection, "undone")
        fail(connection)

    return work


def raising(error: BaseException) -> Callable[[Connection], None]:
    """Work that ends in this error."""

    def work(_connection: Connection) -> None:
        raise error

    return work


class BrokenOff(BaseException):
    """What no `except Exception` catches."""


FAILURES: dict[str, Callable[[Connection], Any]] = {
    "an error of ours": raising(NotFound("not there")),
    "any other error": raising(ValueError("a defect")),
    "the end of an iteration": raising(StopIteration()),
    "a constraint": lambda connection: connection.execute(
        text("INSERT INTO owners (id, name, created_at) VALUES ('org_ada', 'X', 1)")
    ),
    "a foreign key": lambda connection: connection.execute(text("UPDATE owner_keys SET owner = 'nobody'")),
    "a wrong statement": lambda connection: connection.execute(text("SELECT nothing FROM nowhere")),
    "a wrong parameter": lambda connection: connection.execute(text("SELECT :missing"), {}),
}


async def test_a_write_returns_what_its_work_returns_and_takes_arguments(database: Database) -> None:
    def work(_connection: Connection, one: int, *, other: str) -> tuple[int, str]:
        return one, other

    assert await database.write(work, 1, other="a") == (1, "a")
    assert await database.read(work, 2, other="b") == (2, "b")


async def test_a_read_sees_every_write_that_was_answered(database: Database) -> None:
    for number in range(30):
        await database.write(changes.announce, "topic")
        assert await database.read(changes.number, "topic") == number + 1


async def test_another_process_sees_every_write_that_was_answered(anyio_backend: str, opened: Opened) -> None:
    one, other = opened(), opened()
    await settle(one)
    for number in range(10):
        await (one, other)[number % 2].write(changes.announce, "topic")
        assert await one.read(changes.number, "topic") == await other.read(changes.number, "topic") == number + 1


@pytest.mark.parametrize("failure", FAILURES)
async def test_work_that_fails_changes_nothing(database: Database, failure: str) -> None:
    with pytest.raises(Exception):  # noqa: B017, PT011 - which one, other tests say
        await asyncio.wait_for(database.write(announce_and(FAILURES[failure])), PATIENCE)
    assert await database.read(topics) == []
    await database.write(changes.announce, "afterwards")
    assert await database.read(topics) == ["afterwards"]


@pytest.mark.parametrize("failure", FAILURES)
async def test_work_that_fails_does_not_harm_its_neighbours(database: Database, failure: str) -> None:
    writes = [
        database.write(announce_and(FAILURES[failure]))
        if number % 5 == 2
        else database.write(changes.announce, f"t{number}")
        for number in range(30)
    ]
    results = await asyncio.wait_for(asyncio.gather(*writes, return_exceptions=True), PATIENCE)
    assert [isinstance(result, BaseException) for result in results] == [number % 5 == 2 for number in range(30)]
    assert sorted(await database.read(topics)) == sorted(f"t{number}" for number in range(30) if number % 5 != 2)


@pytest.mark.parametrize("error", [BrokenOff(), asyncio.CancelledError()], ids=repr)
async def test_work_that_is_broken_off_does_not_harm_the_writes_after_it(
    database: Database, error: BaseException
) -> None:
    with pytest.raises(BaseException):  # noqa: B017, PT011 - how it is told is not the point
        await asyncio.wait_for(database.write(announce_and(raising(error))), PATIENCE)
    await database.write(changes.announce, "afterwards")
    assert await database.read(topics) == ["afterwards"]


async def test_an_error_of_the_work_reaches_whoever_waits_for_it(database: Database) -> None:
    with pytest.raises(NotFound, match="not there"):
        await database.write(raising(NotFound("not there")))
    with pytest.raises(ValueError, match="a defect"):
        await database.write(raising(ValueError("a defect")))
    with pytest.raises(NotFound, match="not there"):
        await database.read(raising(NotFound("not there")))


async def test_what_contradicts_a_constraint_is_a_clash(database: Database) -> None:
    for failure in ("a constraint", "a foreign key"):
        with pytest.raises(Clash):
            await database.write(FAILURES[failure])


STATEMENTS = {
    "constraint": "INSERT INTO owners (id, name, created_at) VALUES ('org_ada', :value, 1)",
    "wrong table": "INSERT INTO nowhere VALUES (:value)",
    "wrong column": "UPDATE owners SET nothing = :value",
    "no SQL": "INSERT SELECT FROM :value",
    "too few values": "INSERT INTO owners VALUES (:value)",
}


@pytest.mark.parametrize("statement", STATEMENTS)
@pytest.mark.parametrize("kind", ["read", "write"])
async def test_an_error_of_the_database_tells_neither_statement_nor_value(
    database: Database, statement: str, kind: str
) -> None:
    def work(connection: Connection) -> None:
        connection.execute(text(STATEMENTS[statement]), {"value": SECRET_VALUE})

    with pytest.raises(StoreFailed) as caught:
        await (database.read(work) if kind == "read" else database.write(work))
    told = f"{caught.value} {caught.value.message} {caught.value!r} {caught.value.__cause__!r}"
    assert not any(word in told for word in (SECRET_VALUE, "INSERT", "UPDATE", "owners", "nowhere"))
    assert caught.value.__suppress_context__


async def test_text_that_postgresql_cannot_keep_is_kept_or_a_clear_error(database: Database) -> None:
    name = "a\x00b"
    happened = entry(subject=name)
    try:
        await database.write(lambda connection: credentials.put(connection, credential(), happened))
    except StoreFailed:
        assert await database.read(rows_of, tables.credentials) == []
    else:
        assert (await audit_of(database))[-1]["subject"] == name


async def test_two_hundred_concurrent_writes_are_all_there(database: Database) -> None:
    places = [f"integration-{number}" for number in range(200)]
    await asyncio.gather(
        *(database.write(credentials.put, credential(integration_id=place), entry(subject=place)) for place in places)
    )
    rows = await database.read(rows_of, tables.credentials)
    assert sorted(row["integration_id"] for row in rows) == sorted(places)
    entries = await audit_of(database)
    assert broken_link(entries) is None
    assert len(entries) == 201


async def test_concurrent_writes_of_the_same_row_end_with_one_of_them_whole(database: Database) -> None:
    await asyncio.gather(
        *(database.write(credentials.put, credential(revision=f"rev_{number}"), entry()) for number in range(60))
    )
    stored = await database.read(credentials.secret, credential().ref)
    assert stored is not None
    number = stored.revision_id
    assert stored.sealed.data == credential(revision=number).sealed.data
    assert stored.current == credential(revision=number).revision


async def test_reads_go_on_beside_writes_and_see_whole_transactions(database: Database) -> None:
    def both(connection: Connection) -> None:
        changes.announce(connection, "one")
        changes.announce(connection, "other")

    async def look() -> list[set[int]]:
        seen: list[set[int]] = []
        while not done.is_set():
            seen.append({row["number"] for row in await database.read(rows_of, tables.changes)})
            await asyncio.sleep(0)
        return seen

    done = asyncio.Event()
    looking = asyncio.create_task(look())
    await asyncio.gather(*(database.write(both) for _ in range(60)))
    done.set()
    assert {len(numbers) for numbers in await looking} <= {0, 1}
    assert await database.read(changes.number, "other") == 60


async def test_whoever_stops_waiting_does_not_stop_the_writes_of_others(database: Database) -> None:
    writes = [asyncio.ensure_future(database.write(changes.announce, f"t{number}")) for number in range(20)]
    await asyncio.sleep(0)
    for write in writes[::4]:
        write.cancel()
    results = await asyncio.gather(*writes, return_exceptions=True)
    assert all(result is None for place, result in enumerate(results) if place % 4)
    assert {f"t{number}" for number in range(20) if number % 4} <= set(await database.read(topics))


async def test_closing_finishes_what_waits_and_refuses_what_comes_after(anyio_backend: str, opened: Opened) -> None:
    database, again = opened(), opened()
    await settle(database)
    waiting = [asyncio.ensure_future(database.write(changes.announce, "topic")) for _ in range(20)]
    await asyncio.sleep(0)
    await asyncio.to_thread(database.close)
    await asyncio.gather(*waiting)
    with pytest.raises(StoreFailed, match="shutting down"):
        await database.write(changes.announce, "topic")
    assert await again.read(changes.number, "topic") == 20
    database.close()


async def test_a_closed_database_refuses_reads_with_a_clear_error(anyio_backend: str, opened: Opened) -> None:
    database = opened()
    await asyncio.to_thread(database.close)
    with pytest.raises(StoreFailed):
        await database.read(changes.number, "topic")


async def test_two_event_loops_can_write_to_one_database(database: Database) -> None:
    async def write() -> None:
        await asyncio.gather(*(database.write(changes.announce, "topic") for _ in range(10)))

    elsewhere = threading.Thread(target=lambda: asyncio.run(write()))
    elsewhere.start()
    await write()
    await asyncio.to_thread(elsewhere.join)
    assert await database.read(changes.number, "topic") == 20


async def test_a_version_where_there_is_one_changes_with_every_commit(anyio_backend: str, opened: Opened) -> None:
    ours, theirs = opened(), opened()
    await settle(ours)
    if ours.version() is None:
        assert ours.name == "postgresql"
        return
    for writer in (theirs, ours, theirs):
        before = ours.version()
        assert ours.version() == before
        await ours.read(changes.number, "topic")
        assert ours.version() == before
        await writer.write(changes.announce, "topic")
        assert ours.version() != before


def test_times_are_kept_to_the_millisecond() -> None:
    assert to_ms(NOW) == 1_795_435_200_123
    assert ADA
