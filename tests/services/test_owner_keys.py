"""Owner keys: made once, remembered, and given up when another process has replaced them."""

import asyncio
from datetime import datetime
from typing import Any

import pytest

from moorings.domain.caller import Caller
from moorings.domain.owner_key import WrappedKey
from moorings.errors import VaultFailed, WrongRootKey
from moorings.services.owner_keys import KEPT, OwnerKeys
from moorings.store import keys as rows
from moorings.vault.envelope import Context, Key
from moorings.vault.keyring import KeyFile, Keyring
from moorings.vault.vault import Vault
from tests.services.fakes import Answering
from tests.services.house import START, House, Process, ids

pytestmark = pytest.mark.anyio

PLACE = Context("a test", "somebody", "something")


@pytest.fixture
async def owner(process: Process) -> str:
    admin: Caller = await process.admin()
    return admin.owner


async def test_concurrent_first_uses_by_several_processes_make_one_key(house: House) -> None:
    processes = [house.process() for _ in range(3)]
    owner = (await processes[0].admin()).owner
    remembered = [process.owner_keys() for process in processes]
    keys = await asyncio.gather(*(each.current(owner) for each in remembered for _ in range(4)))
    assert len(set(ids(keys))) == 1
    assert (await processes[0].sql("SELECT count(*) FROM owner_keys"))[0][0] == 1


async def test_what_one_process_sealed_first_every_other_opens(house: House) -> None:
    processes = [house.process() for _ in range(3)]
    owner = (await processes[0].admin()).owner
    keys = await asyncio.gather(*(process.owner_keys().current(owner) for process in processes))
    assert {key.open(keys[0].seal(b"text", PLACE), PLACE) for key in keys} == {b"text"}


async def test_each_owner_has_a_key_of_its_own(process: Process) -> None:
    owner_keys = process.owner_keys()
    first, second = (await process.admin()).owner, (await process.admin()).owner
    assert (await owner_keys.current(first)).id != (await owner_keys.current(second)).id


async def test_the_key_is_the_same_after_a_restart(sqlite_house: House) -> None:
    before = sqlite_house.process()
    owner = (await before.admin()).owner
    key = await before.owner_keys().current(owner)
    before.database.close()
    again = await sqlite_house.process().owner_keys().current(owner)
    assert again.open(key.seal(b"text", PLACE), PLACE) == b"text"


async def test_a_key_replaced_by_another_process_is_taken_once_the_old_one_is_forgotten(
    house: House,
) -> None:
    ours, other = house.process(), house.process()
    owner = (await ours.admin()).owner
    owner_keys = ours.owner_keys()
    old = await owner_keys.current(owner)
    fresh = await _replace(other, owner)
    assert (await owner_keys.current(owner)).id == old.id
    owner_keys.forget(owner)
    assert (await owner_keys.current(owner)).id == fresh.id


async def test_an_older_key_still_opens_what_it_sealed(process: Process, owner: str) -> None:
    owner_keys = process.owner_keys()
    old = await owner_keys.current(owner)
    sealed = old.seal(b"text", PLACE)
    await _replace(process, owner)
    found = await process.owner_keys().by_id(owner, old.id)
    assert found.open(sealed, PLACE) == b"text"


async def test_a_key_is_found_only_by_its_own_owner(process: Process, owner: str) -> None:
    key = await process.owner_keys().current(owner)
    stranger = (await process.admin()).owner
    with pytest.raises(VaultFailed, match=key.id):
        await process.owner_keys().by_id(stranger, key.id)


async def test_a_destroyed_key_is_a_clear_error(process: Process, owner: str) -> None:
    owner_keys = process.owner_keys()
    old = await owner_keys.current(owner)
    await _replace(process, owner)
    assert await process.database.write(rows.delete_unused, old.id)
    with pytest.raises(VaultFailed, match=f"{old.id} is gone"):
        await owner_keys.by_id(owner, old.id)


async def test_a_new_owners_key_stands_under_the_root_key_that_another_process_has_made(
    house: House,
) -> None:
    ours = house.process()
    owner_keys = ours.owner_keys()
    newest = house.key_file.add()
    owner = (await ours.admin()).owner
    await owner_keys.current(owner)
    wrapped = await ours.database.read(rows.current, owner)
    assert wrapped is not None
    assert wrapped.root_key_id == newest


async def test_a_wrong_root_key_is_named(sqlite_house: House) -> None:
    owner = (await sqlite_house.process().admin()).owner
    await sqlite_house.process().owner_keys().current(owner)
    sqlite_house.key_file.path.unlink()
    KeyFile(sqlite_house.key_file.path).add()
    with pytest.raises(WrongRootKey, match="k1"):
        await sqlite_house.process().owner_keys().current(owner)


async def test_a_missing_root_key_is_named_with_those_that_are_loaded(sqlite_house: House) -> None:
    owner = (await sqlite_house.process().admin()).owner
    await sqlite_house.process().owner_keys().current(owner)
    file = sqlite_house.key_file
    file.add()
    lines = [line for line in file.path.read_text().splitlines(keepends=True) if not line.startswith("k1")]
    file.path.write_text("".join(lines))
    with pytest.raises(WrongRootKey, match=r"k1 is wanted and not loaded \(loaded: k2\)"):
        await sqlite_house.process().owner_keys().current(owner)


async def test_only_so_many_keys_stay_in_memory(sqlite_house: House) -> None:
    vault = Vault(Keyring(sqlite_house.key_file))
    _, wrapped = vault.new_owner_key("somebody", 1, START)
    owner_keys = OwnerKeys(_Lenient(vault), Answering(lambda *_: wrapped), lambda: START)
    for number in range(KEPT + 10):
        await owner_keys.current(f"owner {number}")
        await owner_keys.by_id(f"owner {number}", "a key")
    assert len(owner_keys._current) <= KEPT
    assert len(owner_keys._by_id) <= KEPT


async def test_a_remembered_key_is_not_asked_for_again(sqlite_house: House) -> None:
    vault = Vault(Keyring(sqlite_house.key_file))
    _, wrapped = vault.new_owner_key("somebody", 1, START)
    database = Answering(lambda *_: wrapped)
    owner_keys = OwnerKeys(vault, database, lambda: START)
    for _ in range(3):
        await owner_keys.current("somebody")
        await owner_keys.by_id("somebody", wrapped.id)
    assert database.reads == 2


class _Lenient(Vault):
    """Unwraps one owner's key for everybody, so that thousands need not be made."""

    def __init__(self, vault: Vault) -> None:
        super().__init__(vault.keyring)
        self._key, _ = vault.new_owner_key("somebody", 1, START)

    def unwrap(self, wrapped: WrappedKey) -> Key:
        return self._key


async def _replace(process: Process, owner: str) -> WrappedKey:
    """The next generation, as a re-key makes it."""
    generation = (await process.sql("SELECT max(generation) FROM owner_keys WHERE owner = :owner", owner=owner))[0][0]
    now: datetime = process.clock()
    _, wrapped = process.vault.new_owner_key(owner, generation + 1, now)
    added: Any = await process.database.write(rows.add, wrapped)
    assert added
    return wrapped
