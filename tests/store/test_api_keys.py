"""API keys are kept as hashes and end at once when they are revoked."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection

from moorings.domain.api_key import ApiKey
from moorings.domain.audit import Kind
from moorings.domain.caller import Scope
from moorings.errors import Clash
from moorings.store import api_keys, changes
from moorings.store.database import Database
from tests.store.samples import ADA, BOB, LATER, NOW, api_key, audit_of, entry

pytestmark = pytest.mark.anyio
UNBOUND = api_key("key_2", environments=None, networks=None, expires_at=None, scopes=frozenset({Scope.ALL}))


async def kept(database: Database, *keys: ApiKey) -> None:
    """Write these keys."""
    for key in keys:
        await database.write(api_keys.add, key, entry(key.owner, Kind.KEY_CREATED, subject=key.id))


@pytest.mark.parametrize(
    "key",
    [api_key(), UNBOUND, api_key(environments=frozenset(), networks=())],
    ids=["bound", "unbound", "bound to nothing"],
)
async def test_a_key_is_read_back_as_written(database: Database, key: ApiKey) -> None:
    await kept(database, key)
    assert await database.read(api_keys.by_hash, key.hash) == key
    assert await database.read(api_keys.of_owner, ADA) == [key]
    assert (await audit_of(database))[-1]["subject"] == key.id


async def test_an_owner_sees_only_keys_of_its_own_the_oldest_first(database: Database) -> None:
    await kept(database, UNBOUND, api_key("key_9", BOB), api_key("key_1"))
    assert [key.id for key in await database.read(api_keys.of_owner, ADA)] == ["key_1", "key_2"]
    assert [key.id for key in await database.read(api_keys.of_owner, BOB)] == ["key_9"]


async def test_a_revoked_key_is_found_no_more_and_listed_with_its_end(database: Database) -> None:
    await kept(database, api_key())
    assert await database.write(api_keys.revoke, ADA, "key_1", LATER, entry(kind=Kind.KEY_REVOKED))
    assert await database.read(api_keys.by_hash, api_key().hash) is None
    assert await database.read(api_keys.of_owner, ADA) == [replace(api_key(), revoked_at=LATER)]
    assert (await audit_of(database))[-1]["kind"] == "key.revoked"


async def test_revoking_tells_the_other_processes(database: Database) -> None:
    await kept(database, api_key(), UNBOUND)
    before = await database.read(changes.number, changes.ACCESS)
    await database.write(api_keys.revoke, ADA, "key_1", LATER, entry())
    assert await database.read(changes.number, changes.ACCESS) == before + 1


@pytest.mark.parametrize(("owner", "key_id"), [(BOB, "key_1"), (ADA, "key_7"), (ADA, "key_2")])
async def test_what_is_unknown_revoked_or_anothers_is_not_revoked_and_nothing_is_written(
    database: Database, owner: str, key_id: str
) -> None:
    await kept(database, api_key(), UNBOUND)
    await database.write(api_keys.revoke, ADA, "key_2", NOW, entry())
    before = await audit_of(database, owner), await database.read(changes.number, changes.ACCESS)
    assert not await database.write(api_keys.revoke, owner, key_id, LATER + timedelta(days=1), entry(owner))
    assert (await audit_of(database, owner), await database.read(changes.number, changes.ACCESS)) == before
    assert await database.read(api_keys.by_hash, api_key().hash) == api_key()


async def test_two_keys_cannot_have_the_same_hash(database: Database) -> None:
    await kept(database, api_key())
    with pytest.raises(Clash):
        await kept(database, api_key("key_3", hash=api_key().hash))
    assert len(await database.read(api_keys.of_owner, ADA)) == 1


async def test_an_unknown_hash_finds_nothing(database: Database) -> None:
    assert await database.read(api_keys.by_hash, bytes(32)) is None


async def test_whether_a_key_was_revoked_is_asked_of_an_index_and_not_of_the_whole_audit(sqlite: Database) -> None:
    def plan(connection: Connection) -> list[str]:
        asked = f"EXPLAIN QUERY PLAN {api_keys.BY_HASH.compile(connection)}"
        return [row[3] for row in connection.exec_driver_sql(asked, (b"any",))]

    steps = await sqlite.read(plan)
    assert any("COVERING INDEX ix_audit_revoked_keys (owner=? AND subject=? AND kind=?)" in step for step in steps), (
        steps
    )
