"""Owners: one comes into being with the server, the others by the operator's word."""

import asyncio

import pytest

from moorings.errors import NotFound, OwnerExists
from moorings.services.owners import FIRST
from tests.services.house import House, Process, ids

pytestmark = pytest.mark.anyio


async def test_several_processes_that_start_at_once_make_one_first_owner(house: House) -> None:
    processes = [house.process() for _ in range(4)]
    found = await asyncio.gather(*(process.owners.first() for process in processes))
    assert len({owner.id for owner, _ in found}) == 1
    assert [made for _, made in found].count(True) == 1
    assert {owner.name for owner, _ in found} == {FIRST}


async def test_the_first_owner_stays_the_first_when_others_come(house: House) -> None:
    process = house.process()
    first, _ = await process.owners.first()
    house.clock.advance(seconds=1)
    second = await process.owners.create("acme")
    assert (await process.owners.first()) == (first, False)
    assert ids(await process.owners.every()) == [first.id, second.id]


async def test_an_owner_is_found_by_its_name_and_by_its_id(process: Process) -> None:
    owner = await process.owners.create("acme")
    assert await process.owners.find("acme") == await process.owners.find(owner.id) == owner


async def test_without_a_name_the_first_one_is_meant(process: Process) -> None:
    first, _ = await process.owners.first()
    process.clock.advance(seconds=1)
    await process.owners.create("acme")
    assert await process.owners.find(None) == first


async def test_an_unknown_owner_is_not_found_with_the_next_step(process: Process) -> None:
    with pytest.raises(NotFound, match="moorings owners list"):
        await process.owners.find("nobody")


async def test_a_taken_name_is_refused_and_nothing_is_written(house: House) -> None:
    process = house.process()
    await process.owners.create("acme")
    with pytest.raises(OwnerExists, match="acme"):
        await process.owners.create("acme")
    assert len(await process.owners.every()) == 1
    assert len(await process.sql("SELECT 1 FROM audit")) == 1


async def test_making_an_owner_begins_its_audit(process: Process) -> None:
    owner = await process.owners.create("acme")
    [entry] = await process.sql("SELECT * FROM audit")
    assert (entry.owner, entry.sequence, entry.kind, entry.actor) == (owner.id, 1, "owner.created", "operator")
