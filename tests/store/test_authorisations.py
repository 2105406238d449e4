"""An authorisation is taken once and in time, whoever comes back at the same moment."""

import asyncio
from dataclasses import replace

import pytest

from moorings.domain.authorisation import AUTHORISED_WITHIN, Authorisation, hash_of_state
from moorings.store import authorisations, installations
from moorings.store.database import Database
from tests.store.conftest import Opened
from tests.store.samples import ADA, NOW, entry, installation, settle

pytestmark = pytest.mark.anyio

BEGUN = Authorisation(
    hash_of_state("state"), ADA, "key_1", "intg_1", "https://example.com/back", NOW + AUTHORISED_WITHIN
)


async def begin(database: Database, begun: Authorisation = BEGUN) -> None:
    if await database.read(installations.find, ADA, "intg_1") is None:
        await database.write(installations.add, installation(), entry())
    await database.write(authorisations.add, begun)


async def test_it_is_taken_once(database: Database) -> None:
    await begin(database)
    assert await database.write(authorisations.take, hash_of_state("another"), NOW) is None
    assert await database.write(authorisations.take, BEGUN.state_hash, NOW) == BEGUN
    assert await database.write(authorisations.take, BEGUN.state_hash, NOW) is None


async def test_of_many_who_come_back_at_once_one_takes_it(opened: Opened) -> None:
    one, other = opened(), opened()
    await settle(one)
    await begin(one)
    found = await asyncio.gather(*(
        database.write(authorisations.take, BEGUN.state_hash, NOW) for database in (one, other) * 4
    ))  # fmt: skip
    assert [taken for taken in found if taken] == [BEGUN]


async def test_after_its_time_it_is_gone(database: Database) -> None:
    await begin(database)
    assert await database.write(authorisations.take, BEGUN.state_hash, BEGUN.expires_at) is None
    await begin(database, replace(BEGUN, state_hash=hash_of_state("second")))
    assert await database.write(authorisations.forget_expired, NOW) == 0
    assert await database.write(authorisations.forget_expired, BEGUN.expires_at) == 1


async def test_it_goes_with_its_installation(database: Database) -> None:
    await begin(database)
    await database.write(installations.remove, ADA, "intg_1")
    assert await database.write(authorisations.take, BEGUN.state_hash, NOW) is None
