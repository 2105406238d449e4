"""Records under an old owner key are found in batches and replaced without losing a newer writing."""

import pytest
from sqlalchemy import text

from moorings.domain.credential import CredentialRef, Revision
from moorings.domain.secret import Sealed
from moorings.errors import Clash
from moorings.store import credentials, keys, reseal
from moorings.store.database import Database
from moorings.store.reseal import START, Resealed
from tests.store.samples import ADA, BOB, credential, entry, same_sealed, wrapped

pytestmark = pytest.mark.anyio
PLACES = [
    (owner, integration, environment)
    for owner in (ADA, BOB)
    for integration in ("Exa", "firecrawl", "intg_1", "tavily")
    for environment in ("production", "staging", None)
]
NEW = Sealed(b"sealed anew", "okey_ada_2")


async def filled(database: Database) -> None:
    """Twelve records for each of two owners, and a new key for one of them."""
    for place in PLACES:
        await database.write(credentials.put, credential(*place), entry(place[0]))
    await database.write(keys.add, wrapped(ADA, "okey_ada_2", generation=2))


def resealed(ref: CredentialRef, revision: str = "rev_1") -> Resealed:
    """A record under the new key."""
    return Resealed(ref, NEW, Revision(revision, b"stamped anew"))


@pytest.mark.parametrize("limit", [1, 5, 12, 100])
async def test_batches_bring_every_record_of_a_key_once(database: Database, limit: int) -> None:
    await filled(database)
    found, after = [], START
    while batch := await database.read(reseal.batch, "okey_ada", after, limit):
        assert len(batch) <= limit
        found += [(stored.ref.owner, stored.ref.integration_id, stored.ref.environment) for stored in batch]
        after = reseal.place_of(batch[-1].ref)
    assert len(found) == len(set(found))
    assert set(found) == {place for place in PLACES if place[0] == ADA}


async def test_a_batch_brings_what_is_needed_to_open_a_record(database: Database) -> None:
    await filled(database)
    [stored] = await database.read(reseal.batch, "okey_ada", START, 1)
    assert (stored.revision_id, stored.current) == ("rev_1", Revision("rev_1", b"stamp of rev_1"))
    assert sorted(stored.field_names) == ["apiKey", "region"]
    assert same_sealed(stored.sealed, credential().sealed)


async def test_a_record_without_a_revision_is_brought_as_well(database: Database) -> None:
    await filled(database)
    await database.write(lambda connection: connection.execute(text("DELETE FROM revisions")))
    batch = await database.read(reseal.batch, "okey_ada", START, 100)
    assert len(batch) == 12
    assert {stored.current for stored in batch} == {None}


async def test_records_are_counted_by_their_owner_key(database: Database) -> None:
    await filled(database)
    assert await database.read(reseal.count, "okey_ada") == 12
    assert await database.read(reseal.count, "okey_ada_2") == 0


async def test_a_replaced_record_has_new_bytes_and_stamp_and_the_same_revision(database: Database) -> None:
    await filled(database)
    await database.write(reseal.replace, [resealed(credential().ref), resealed(credential(environment=None).ref)])
    for environment in ("production", None):
        stored = await database.read(credentials.secret, credential(environment=environment).ref)
        assert stored is not None
        assert same_sealed(stored.sealed, NEW)
        assert (stored.revision_id, stored.current) == ("rev_1", Revision("rev_1", b"stamped anew"))
    assert await database.read(reseal.count, "okey_ada") == 10


async def test_a_record_that_was_written_again_meanwhile_keeps_what_it_has(database: Database) -> None:
    await filled(database)
    newer = credential(revision="rev_2")
    await database.write(credentials.put, newer, entry())
    await database.write(reseal.replace, [resealed(newer.ref)])
    stored = await database.read(credentials.secret, newer.ref)
    assert stored is not None
    assert same_sealed(stored.sealed, newer.sealed)
    assert stored.current == newer.revision


async def test_a_record_that_was_deleted_meanwhile_stays_deleted(database: Database) -> None:
    await filled(database)
    tombstone = Revision("rev_9", b"stamp of rev_9")
    await database.write(credentials.remove, credential().ref, tombstone, entry())
    await database.write(reseal.replace, [resealed(credential().ref)])
    assert await database.read(credentials.secret, credential().ref) is None
    await database.write(credentials.put, credential(revision="rev_9"), entry())
    stored = await database.read(credentials.secret, credential().ref)
    assert stored is not None
    assert stored.current == tombstone


async def test_an_empty_batch_changes_nothing(database: Database) -> None:
    await filled(database)
    await database.write(reseal.replace, [])
    assert await database.read(reseal.count, "okey_ada") == 12


async def test_no_record_goes_under_a_key_that_is_gone(database: Database) -> None:
    await filled(database)
    await database.write(keys.delete_unused, "okey_ada_2")
    with pytest.raises(Clash):
        await database.write(reseal.replace, [resealed(credential().ref)])
    assert await database.read(reseal.count, "okey_ada") == 12
