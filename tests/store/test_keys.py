"""Root keys' check values and wrapped owner keys."""

import asyncio
from dataclasses import replace

import pytest

from moorings.domain.owner_key import CheckValue, WrappedKey
from moorings.errors import Clash
from moorings.store import credentials, idempotency, keys
from moorings.store.database import Database
from moorings.store.postgres import PostgresDatabase
from tests.store.samples import ADA, BOB, NOW, ROOT, credential, entry, kept, wrapped

pytestmark = pytest.mark.anyio
K2 = CheckValue("k2", b"\x05\x06\x07\x08")
SECOND = wrapped(ADA, "okey_ada_2", generation=2)


async def test_check_values_are_read_back_as_written(database: Database) -> None:
    await database.write(keys.add_root, K2, NOW)
    assert sorted(await database.read(keys.roots), key=lambda value: value.root_key_id) == [ROOT, K2]


async def test_a_known_root_key_keeps_its_first_check_value(database: Database) -> None:
    await database.write(keys.add_root, CheckValue("k1", b"other"), NOW)
    assert await database.read(keys.roots) == [ROOT]


async def test_an_owner_key_is_read_back_as_written(database: Database) -> None:
    assert await database.read(keys.current, ADA) == wrapped(ADA)
    assert await database.read(keys.by_id, ADA, "okey_ada") == wrapped(ADA)


async def test_an_owner_finds_no_key_of_another(database: Database) -> None:
    assert await database.read(keys.by_id, BOB, "okey_ada") is None
    assert await database.read(keys.current, "org_nobody") is None


async def test_the_key_of_the_highest_generation_seals_and_the_others_are_superseded(database: Database) -> None:
    third = wrapped(ADA, "okey_ada_3", generation=3)
    assert await database.read(keys.superseded) == []
    assert await database.write(keys.add, third)
    assert await database.write(keys.add, SECOND)
    assert await database.read(keys.current, ADA) == third
    assert await database.read(keys.superseded) == [wrapped(ADA), SECOND]
    assert await database.read(keys.current, BOB) == wrapped(BOB)


async def test_a_generation_is_made_once_whoever_comes_first(database: Database) -> None:
    assert not await database.write(keys.add, wrapped(ADA, "okey_late"))
    assert await database.read(keys.current, ADA) == wrapped(ADA)


async def test_the_first_key_comes_with_the_root_key_that_wraps_it(database: Database) -> None:
    late = wrapped(ADA, "okey_2", generation=2, root_key_id="k2")
    assert await database.write(keys.add_first, late, K2, NOW)
    assert not await database.write(keys.add_first, wrapped(ADA, "okey_3"), K2, NOW)
    assert {value.root_key_id for value in await database.read(keys.roots)} == {"k1", "k2"}


async def test_no_key_is_wrapped_by_a_root_key_that_is_not_known(database: Database) -> None:
    with pytest.raises(Clash):
        await database.write(keys.add, replace(SECOND, root_key_id="k9"))


async def test_keys_under_older_root_keys_are_found_in_batches(database: Database) -> None:
    await database.write(keys.add_root, K2, NOW)
    assert [key.id for key in await database.read(keys.not_under, "k2", "", 1)] == ["okey_ada"]
    assert [key.id for key in await database.read(keys.not_under, "k2", "okey_ada", 1)] == ["okey_bob"]
    assert [key.id for key in await database.read(keys.not_under, "k2", "", 9)] == ["okey_ada", "okey_bob"]
    assert await database.read(keys.not_under, "k1", "", 9) == []


async def test_keys_that_a_newer_rotation_has_taken_are_none_of_an_older_ones(database: Database) -> None:
    for name in ("k2", "k10"):
        await database.write(keys.add_root, CheckValue(name, b"x"), NOW)
    await database.write(keys.rewrap, [("k1", wrapped(ADA, root_key_id="k10"))])
    assert [key.id for key in await database.read(keys.not_under, "k2", "", 9)] == ["okey_bob"]
    assert [key.id for key in await database.read(keys.not_under, "k10", "", 9)] == ["okey_bob"]


async def test_the_first_root_key_is_settled_and_a_later_one_when_its_rotation_has_ended(database: Database) -> None:
    await database.write(keys.add_root, K2, NOW)
    assert await database.read(keys.settled, "k1")
    assert not await database.read(keys.settled, "k2")
    assert not await database.read(keys.settled, "k3")
    await database.write(keys.settle, "k2", NOW)
    await database.write(keys.add_root, K2, NOW)
    assert await database.read(keys.settled, "k2")


async def test_rewrapping_moves_a_key_and_a_new_generation_seals(database: Database) -> None:
    await database.write(keys.add_root, K2, NOW)
    moved = wrapped(ADA, root_key_id="k2", wrapped=b"under k2")
    fresh = replace(SECOND, root_key_id="k2")
    await database.write(keys.rewrap, [("k1", moved)])
    await database.write(keys.add, fresh)
    assert await database.read(keys.by_id, ADA, "okey_ada") == moved
    assert await database.read(keys.current, ADA) == fresh
    assert await database.read(keys.owner_keys_by_root) == {"k1": 1, "k2": 2}


async def test_a_key_that_another_rotation_has_moved_is_left_alone(database: Database) -> None:
    for name in ("k2", "k3"):
        await database.write(keys.add_root, CheckValue(name, b"x"), NOW)
    newer = wrapped(ADA, root_key_id="k3", wrapped=b"under k3")
    await database.write(keys.rewrap, [("k1", newer)])
    await database.write(keys.rewrap, [("k1", wrapped(ADA, root_key_id="k2", wrapped=b"under k2"))])
    assert await database.read(keys.by_id, ADA, "okey_ada") == newer


async def test_records_are_counted_under_the_root_key_of_their_owner_key(database: Database) -> None:
    await database.write(keys.add_root, K2, NOW)
    await database.write(keys.rewrap, [("k1", wrapped(BOB, root_key_id="k2"))])
    for place in ((ADA, "firecrawl"), (ADA, "tavily"), (BOB, "firecrawl")):
        await database.write(credentials.put, credential(*place), entry(place[0]))
    assert await database.read(keys.records_by_root) == {"k1": 2, "k2": 1}
    assert await database.read(keys.owner_keys_by_root) == {"k1": 1, "k2": 1}


async def test_a_root_key_without_records_counts_none(database: Database) -> None:
    assert await database.read(keys.records_by_root) == {"k1": 0}


async def test_an_unused_key_is_destroyed(database: Database) -> None:
    await database.write(keys.add, SECOND)
    assert await database.write(keys.delete_unused, "okey_ada")
    assert await database.read(keys.by_id, ADA, "okey_ada") is None
    assert not await database.write(keys.delete_unused, "okey_ada")


async def test_a_key_under_which_a_credential_stands_is_not_destroyed(database: Database) -> None:
    await database.write(credentials.put, credential(), entry())
    assert not await database.write(keys.delete_unused, "okey_ada")
    assert await database.read(keys.by_id, ADA, "okey_ada") == wrapped(ADA)


async def test_a_key_under_which_an_answer_is_kept_is_not_destroyed(database: Database) -> None:
    await database.write(idempotency.begin, kept())
    assert not await database.write(keys.delete_unused, "okey_ada")


async def test_a_key_under_which_something_is_being_sealed_is_not_destroyed(postgres: PostgresDatabase) -> None:
    """PostgreSQL writes side by side: a save that is not yet committed holds its owner key."""
    with postgres._engine.connect() as saving:
        credentials.put(saving, credential(), entry())
        destroying = asyncio.create_task(postgres.write(keys.delete_unused, "okey_ada"))
        await asyncio.sleep(0.1)
        assert not destroying.done()
        saving.commit()
    assert await destroying is False


async def test_what_is_sealed_under_a_key_that_is_being_destroyed_is_refused(postgres: PostgresDatabase) -> None:
    with postgres._engine.connect() as destroying:
        assert keys.delete_unused(destroying, "okey_ada")
        saving = asyncio.create_task(postgres.write(credentials.put, credential(), entry()))
        await asyncio.sleep(0.1)
        destroying.commit()
    with pytest.raises(Clash):
        await saving


async def test_two_processes_that_make_an_owners_first_key_end_with_one(postgres: PostgresDatabase) -> None:
    made: list[WrappedKey] = [wrapped(ADA, f"okey_race_{number}", generation=5) for number in range(8)]
    first = await asyncio.gather(*(postgres.write(keys.add_first, key, ROOT, NOW) for key in made))
    assert sorted(first) == [False] * 7 + [True]
    assert await postgres.read(keys.current, ADA) == made[first.index(True)]
