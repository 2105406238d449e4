"""Owners are written and read back; a name is taken once."""

from datetime import timedelta

import pytest

from moorings.domain.audit import Kind
from moorings.domain.owner import Owner
from moorings.errors import Clash, OwnerExists
from moorings.store import audit, owners
from moorings.store.database import Database
from tests.store.samples import ADA, BOB, NOW, audit_of, entry

pytestmark = pytest.mark.anyio
CAROL = Owner("org_carol", "Carol’s firm", NOW + timedelta(hours=1))


async def test_a_fresh_database_has_no_owner(bare: Database) -> None:
    assert await bare.read(owners.first) is None
    assert await bare.read(owners.every) == []


async def test_an_owner_is_read_back_as_written_by_name_and_by_id(database: Database) -> None:
    await database.write(owners.add, CAROL, entry(CAROL.id, Kind.OWNER_CREATED))
    assert await database.read(owners.find, "Carol’s firm") == CAROL
    assert await database.read(owners.find, "org_carol") == CAROL
    assert [row["kind"] for row in await audit_of(database, CAROL.id)] == ["owner.created"]


async def test_the_first_owner_is_the_oldest(database: Database) -> None:
    oldest = Owner("org_zoe", "Zoe", NOW - timedelta(days=1))
    for owner in (CAROL, oldest):
        await database.write(owners.add, owner, entry(owner.id, Kind.OWNER_CREATED))
    assert await database.read(owners.first) == oldest
    assert [owner.id for owner in await database.read(owners.every)] == ["org_zoe", ADA, BOB, "org_carol"]


async def test_a_taken_name_is_refused_and_nothing_is_written(database: Database) -> None:
    with pytest.raises(OwnerExists, match=ADA.upper()):
        await database.write(owners.add, Owner("org_other", ADA.upper(), NOW), entry("org_other"))
    assert len(await database.read(owners.every)) == 2
    assert await audit_of(database, "org_other") == []


async def test_an_unknown_name_finds_nobody(database: Database) -> None:
    assert await database.read(owners.find, "nobody") is None
    assert await database.read(owners.find, ADA.upper().lower() + "x") is None


async def test_what_belongs_to_no_owner_cannot_be_written(database: Database) -> None:
    with pytest.raises(Clash):
        await database.write(audit.append, entry("org_nobody"))
