"""A call under an idempotency key is reserved once, finished once and forgotten in time."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from moorings.domain.secret import Sealed
from moorings.errors import Clash
from moorings.store import idempotency, tables
from moorings.store.database import Database
from moorings.store.idempotency import Kept
from moorings.store.postgres import PostgresDatabase
from tests.store.samples import BOB, LATER, NOW, kept, rows_of, same_sealed

pytestmark = pytest.mark.anyio
ANSWERED = kept(status=201, sealed=Sealed(b"sealed answer", "okey_ada"), expires_at=NOW + timedelta(hours=24))


async def test_the_first_call_reserves_its_key(database: Database) -> None:
    assert await database.write(idempotency.begin, kept()) is None


async def test_a_second_call_finds_the_first_one_still_running(database: Database) -> None:
    await database.write(idempotency.begin, kept())
    second = kept(fingerprint=b"another".ljust(32), created_at=NOW + timedelta(seconds=1))
    assert await database.write(idempotency.begin, second) == kept()


async def test_a_finished_call_is_found_with_its_answer(database: Database) -> None:
    await database.write(idempotency.begin, kept())
    await database.write(idempotency.finish, ANSWERED)
    found = await database.write(idempotency.begin, kept(created_at=LATER))
    assert found is not None
    assert found.sealed is not None
    assert same_sealed(found.sealed, Sealed(b"sealed answer", "okey_ada"))
    assert replace(found, sealed=None) == replace(ANSWERED, sealed=None)


async def test_a_finished_call_without_an_answer_keeps_its_status(database: Database) -> None:
    await database.write(idempotency.begin, kept())
    await database.write(idempotency.finish, replace(ANSWERED, sealed=None))
    found = await database.write(idempotency.begin, kept(created_at=LATER))
    assert found is not None
    assert found.status == 201


async def test_the_same_key_of_another_owner_is_another_key(database: Database) -> None:
    await database.write(idempotency.begin, kept())
    assert await database.write(idempotency.begin, kept(BOB)) is None
    await database.write(idempotency.release, kept(BOB))
    assert await database.write(idempotency.begin, kept()) == kept()


async def test_a_released_key_is_free(database: Database) -> None:
    await database.write(idempotency.begin, kept())
    await database.write(idempotency.release, kept())
    assert await database.write(idempotency.begin, kept()) is None


async def test_a_call_that_was_overtaken_touches_nothing_of_the_one_that_came_after(database: Database) -> None:
    later = kept(created_at=LATER, expires_at=LATER + timedelta(minutes=1))
    await database.write(idempotency.begin, kept())
    await database.write(idempotency.begin, later)
    await database.write(idempotency.finish, ANSWERED)
    await database.write(idempotency.release, kept())
    assert await database.write(idempotency.begin, replace(later, fingerprint=bytes(32))) == later


@pytest.mark.parametrize(("after", "free"), [(timedelta(minutes=1), True), (timedelta(seconds=59), False)])
async def test_a_key_whose_time_is_over_is_free(database: Database, after: timedelta, free: bool) -> None:  # noqa: FBT001
    await database.write(idempotency.begin, kept())
    later = kept(created_at=NOW + after, expires_at=NOW + after + timedelta(minutes=1))
    assert (await database.write(idempotency.begin, later) is None) is free


async def test_only_what_is_over_is_forgotten(database: Database) -> None:
    for name, end in (("a", NOW), ("b", NOW + timedelta(milliseconds=1)), ("c", NOW - timedelta(days=1))):
        await database.write(idempotency.begin, kept(key=name, expires_at=end))
    assert await database.write(idempotency.forget_expired, NOW) == 2
    assert [row["key"] for row in await database.read(rows_of, tables.idempotency)] == ["b"]


async def test_a_call_that_came_between_anothers_look_and_its_writing_stays_the_first(
    postgres: PostgresDatabase,
) -> None:
    first, second = kept(fingerprint=bytes([1] * 32)), kept(fingerprint=bytes([2] * 32))

    coming = [first]

    def overtake(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if coming and statement.startswith("DELETE") and "idempotency" in statement:
            coming.clear()
            with postgres._engine.begin() as other:
                idempotency.begin(other, first)

    event.listen(postgres._engine, "after_cursor_execute", overtake)
    with suppress(Clash):  # which tells whoever asks to ask again
        assert await postgres.write(idempotency.begin, second) == first
    assert await postgres.write(idempotency.begin, second) == first


async def test_of_calls_in_the_same_moment_one_goes_first(database: Database) -> None:
    calls = [kept(fingerprint=bytes([number] * 32)) for number in range(20)]

    async def begin(call: Kept) -> str:
        try:
            return "found" if await database.write(idempotency.begin, call) else "first"
        except Clash:  # PostgreSQL: both looked before either wrote; whoever asks again finds the other
            return "found" if await database.write(idempotency.begin, call) else "first"

    said = await asyncio.gather(*(begin(call) for call in calls))
    assert sorted(said) == ["first", *["found"] * 19]
