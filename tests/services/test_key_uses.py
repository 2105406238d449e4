"""When a key was last used: noted with every call, written once a minute, and never lost to a busy store."""

from datetime import timedelta

import pytest

from moorings.errors import StoreBusy, Unauthenticated
from moorings.services.api_keys import Rotation
from moorings.services.key_uses import KeyUses
from tests.services.fakes import Failing
from tests.services.house import START, House, Process

pytestmark = pytest.mark.anyio


async def last_used(process: Process) -> object:
    return [tuple(row) for row in await process.sql("SELECT last_used_at FROM api_keys ORDER BY id")]


async def test_uses_are_written_when_it_is_time_and_shown_before(house: House) -> None:
    process = house.process()
    admin = await process.admin()
    _, token = await process.key(admin)
    await process.access().caller(token)
    assert await last_used(process) == [(None,)]
    assert (await process.api_keys.page(admin, "", 10)).keys[0].last_used_at == START
    await process.uses.write()
    assert await last_used(process) == [(int(START.timestamp() * 1000),)]
    assert (await process.api_keys.page(admin, "", 10)).keys[0].last_used_at == START


async def test_of_two_processes_the_later_use_stays(house: House) -> None:
    ours, other = house.process(), house.process()
    admin = await ours.admin()
    key, _ = await ours.key(admin)
    ours.uses.note(key.id, START + timedelta(seconds=5))
    other.uses.note(key.id, START)
    await ours.uses.write()
    await other.uses.write()
    assert (await ours.api_keys.page(admin, "", 10)).keys[0].last_used_at == START + timedelta(seconds=5)


async def test_what_the_store_cannot_take_is_kept(process: Process) -> None:
    key, _ = await process.key(await process.admin())
    uses = KeyUses(Failing(process.database, StoreBusy("held"), times=1))
    uses.note(key.id, START)
    await uses.write()
    assert await last_used(process) == [(None,)]
    await uses.write()
    assert await last_used(process) == [(int(START.timestamp() * 1000),)]


async def test_a_rotated_key_ends_in_every_process(house: House) -> None:
    ours, other = house.process(), house.process()
    admin = await ours.admin()
    key, token = await ours.key(admin)
    access = other.access()
    await access.caller(token)
    await ours.api_keys.rotate(admin, key.id, Rotation(timedelta(seconds=30)))
    house.clock.advance(seconds=29)
    assert (await access.caller(token)).id == key.id
    house.clock.advance(seconds=1)
    with pytest.raises(Unauthenticated):
        await access.caller(token)
