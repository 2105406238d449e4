"""An authorisation is taken once and in time, whoever comes back at the same moment."""

import asyncio
from dataclasses import replace

import pytest

from moorings.domain.audit import AuditEntry, Kind
from moorings.domain.authorisation import AUTHORISED_WITHIN, Authorisation, hash_of_state
from moorings.store import authorisations, installations
from moorings.store.database import Database
from tests.store.conftest import Opened
from tests.store.samples import ADA, NOW, audit_of, entry, installation, settle

pytestmark = pytest.mark.anyio

BEGUN = Authorisation(
    hash_of_state("state"), ADA, "key_1", "intg_1", "https://example.com/back", NOW + AUTHORISED_WITHIN
)


async def begin(database: Database, begun: Authorisation = BEGUN) -> None:
    if await database.read(installations.find, ADA, "intg_1") is None:
        await database.write(installations.add, installation(), entry())
    await database.write(authorisations.add, begun, entry())


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


async def test_what_came_to_nothing_is_written_down(database: Database) -> None:
    await begin(database)

    def abandoned(begun: Authorisation) -> AuditEntry:
        return entry(begun.owner, Kind.AUTHORISATION_ABANDONED)

    assert await database.write(authorisations.abandon, BEGUN.state_hash, NOW, abandoned) == BEGUN
    assert await database.write(authorisations.abandon, BEGUN.state_hash, NOW, abandoned) is None
    kinds = [row["kind"] for row in await audit_of(database)]
    assert kinds.count(Kind.AUTHORISATION_ABANDONED) == 1
