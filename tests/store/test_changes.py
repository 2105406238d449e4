"""Numbers that tell other processes to forget."""

import asyncio

import pytest

from moorings.store import changes
from moorings.store.database import Database

pytestmark = pytest.mark.anyio


async def test_a_topic_starts_at_nought_and_grows_by_one_each_time(database: Database) -> None:
    assert await database.read(changes.number, "access") == 0
    for expected in (1, 2, 3):
        await database.write(changes.announce, "access")
        assert await database.read(changes.number, "access") == expected


async def test_topics_do_not_share_their_number(database: Database) -> None:
    await database.write(changes.announce, "access")
    assert await database.read(changes.number, "another") == 0


async def test_no_change_is_lost_among_concurrent_ones(database: Database) -> None:
    await asyncio.gather(*(database.write(changes.announce, "access") for _ in range(50)))
    assert await database.read(changes.number, "access") == 50
