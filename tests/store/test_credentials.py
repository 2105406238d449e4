"""Credentials: ciphertext in, ciphertext out; a state without it; gone when deleted."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from moorings.domain.audit import Kind
from moorings.domain.credential import Account, Credential, CredentialRef, CredentialState, Revision, Status
from moorings.domain.secret import Sealed
from moorings.errors import Clash
from moorings.store import credentials, tables
from moorings.store.database import Database
from moorings.store.sqlite import SqliteDatabase
from tests.store.samples import ADA, BOB, LATER, LOADED, NOW, audit_of, credential, entry, rows_of, same_sealed

pytestmark = pytest.mark.anyio
TOMBSTONE = Revision("rev_9", b"stamp of rev_9")


async def put(database: Database, *given: Credential) -> None:
    """Write these credentials."""
    for each in given:
        await database.write(credentials.put, each, entry(each.ref.owner, revision=each.revision.id))


async def states(database: Database, owner: str = ADA) -> list[CredentialState]:
    """What an owner holds, in a fixed order."""
    found = await database.read(credentials.states, owner, LOADED)
    return sorted(found, key=lambda state: (state.integration_id, state.environment or ""))


@pytest.mark.parametrize("environment", ["production", None])
async def test_a_secret_is_read_back_as_written(database: Database, environment: str | None) -> None:
    written = credential(environment=environment)
    await put(database, written)
    stored = await database.read(credentials.secret, written.ref)
    assert stored is not None
    assert same_sealed(stored.sealed, written.sealed)
    assert (stored.ref, stored.revision_id, stored.current) == (written.ref, "rev_1", written.revision)
    assert sorted(stored.field_names) == ["apiKey", "region"]


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"environment": None},
        {"account": None, "verified_at": None, "status": Status.UNVERIFIED},
        {"account": Account(None, "only a label")},
        {"account": Account("only an id", None)},
        {"previews": {"apiKey": None}},
    ],
    ids=str,
)
async def test_a_state_is_read_back_as_written(database: Database, changed: dict[str, Any]) -> None:
    written = credential(**changed)
    await put(database, written)
    expected = CredentialState(
        "firecrawl", written.ref.environment, written.shown, written.status, written.account, written.verified_at,
        None, None, NOW, integration=written.integration,
    )  # fmt: skip
    assert await states(database) == [expected]


async def test_saving_again_replaces_the_whole_set(database: Database) -> None:
    await put(database, credential())
    again = credential(
        revision="rev_2",
        previews={"token": "…zzzz"},
        account=None,
        verified_at=None,
        status=Status.UNVERIFIED,
        saved_at=LATER,
    )
    await put(database, again)
    stored = await database.read(credentials.secret, again.ref)
    assert stored is not None
    assert same_sealed(stored.sealed, again.sealed)
    assert (stored.field_names, stored.revision_id, stored.current) == (("token",), "rev_2", again.revision)
    [state] = await states(database)
    assert (state.status, state.account, state.verified_at, state.updated_at) == (Status.UNVERIFIED, None, None, LATER)


async def test_saving_again_keeps_when_it_was_first_saved_and_last_used(database: Database) -> None:
    await put(database, credential())
    await database.write(lambda connection: connection.execute(text("UPDATE credentials SET last_used_at = 42")))
    await put(database, credential(revision="rev_2", saved_at=LATER))
    [row] = await database.read(rows_of, tables.credentials)
    assert row["last_used_at"] == 42
    assert row["updated_at"] - row["created_at"] == timedelta(hours=1) // timedelta(milliseconds=1)


async def test_a_new_set_does_not_inherit_the_end_of_the_one_it_replaces(database: Database) -> None:
    await put(database, credential())
    await database.write(lambda connection: connection.execute(text("UPDATE credentials SET expires_at = 42")))
    await put(database, credential(revision="rev_2", saved_at=LATER))
    [state] = await states(database)
    assert state.expires_at is None


async def test_entries_stand_apart_by_owner_integration_and_environment(database: Database) -> None:
    places = [
        (owner, integration, environment)
        for owner in (ADA, BOB)
        for integration in ("firecrawl", "tavily")
        for environment in ("production", "staging", None)
    ]
    await put(database, *(credential(*place, revision="rev_" + "_".join(map(str, place))) for place in places))
    for place in places:
        stored = await database.read(credentials.secret, CredentialRef(*place))
        assert stored is not None
        assert stored.revision_id == "rev_" + "_".join(map(str, place))
    assert set(await database.read(credentials.held, ADA, "firecrawl")) == {"production", "staging", None}
    assert len(await states(database, ADA)) == len(await states(database, BOB)) == 6


async def test_an_owner_sees_nothing_of_another(database: Database) -> None:
    await put(database, credential(ADA))
    assert await states(database, BOB) == []
    assert await database.read(credentials.held, BOB, "firecrawl") == []
    assert await database.read(credentials.secret, CredentialRef(BOB, "firecrawl", "production")) is None
    assert not await database.write(
        credentials.remove, CredentialRef(BOB, "firecrawl", "production"), TOMBSTONE, entry(BOB)
    )
    assert len(await states(database, ADA)) == 1


async def test_deleting_takes_one_entry_and_leaves_a_tombstone(database: Database) -> None:
    await put(database, credential(), credential(environment=None), credential(environment="staging"))
    assert await database.write(
        credentials.remove, credential().ref, TOMBSTONE, entry(kind=Kind.CREDENTIALS_DELETED, revision="rev_9")
    )
    assert await database.read(credentials.secret, credential().ref) is None
    assert set(await database.read(credentials.held, ADA, "firecrawl")) == {None, "staging"}
    revisions = {row["environment"]: row["revision"] for row in await database.read(rows_of, tables.revisions)}
    assert revisions == {"production": "rev_9", "*": "rev_1", "staging": "rev_1"}
    assert (await audit_of(database))[-1]["kind"] == "credentials.deleted"


async def test_deleting_what_is_not_there_changes_nothing(database: Database) -> None:
    await put(database, credential(environment=None))
    before = await database.read(rows_of, tables.revisions), await audit_of(database)
    assert not await database.write(credentials.remove, credential().ref, TOMBSTONE, entry())
    assert (await database.read(rows_of, tables.revisions), await audit_of(database)) == before


async def test_a_row_that_was_deleted_can_be_written_again(database: Database) -> None:
    await put(database, credential())
    await database.write(credentials.remove, credential().ref, TOMBSTONE, entry())
    await put(database, credential(revision="rev_10"))
    stored = await database.read(credentials.secret, credential().ref)
    assert stored is not None
    assert stored.current == Revision("rev_10", b"stamp of rev_10")


async def test_what_no_loaded_root_key_can_open_shows_as_unreadable_and_hides_nothing(database: Database) -> None:
    await put(database, credential(), credential(environment=None))
    found = await database.read(credentials.states, ADA, frozenset({"k2"}))
    assert [state.status for state in found] == [Status.UNREADABLE] * 2
    assert {state.previews["apiKey"] for state in found} == {"fc-…9a2c"}


async def test_nothing_is_sealed_under_a_key_that_is_not_there(database: Database) -> None:
    with pytest.raises(Clash):
        await put(database, credential(sealed=Sealed(b"x", "okey_gone")))
    assert await states(database) == []
    assert await database.read(rows_of, tables.revisions) == []


async def test_a_record_whose_revision_is_gone_is_still_found_and_tells_so(database: Database) -> None:
    await put(database, credential())
    await database.write(lambda connection: connection.execute(text("DELETE FROM revisions")))
    stored = await database.read(credentials.secret, credential().ref)
    assert stored is not None
    assert stored.current is None


async def test_a_large_secret_is_read_back_as_written(database: Database) -> None:
    large = credential(sealed=Sealed(bytes(range(256)) * 4_096, "okey_ada"))
    await put(database, large)
    stored = await database.read(credentials.secret, large.ref)
    assert stored is not None
    assert same_sealed(stored.sealed, large.sealed)


async def test_listing_asks_for_no_secret_column() -> None:
    asked = str(credentials.STATES)
    assert "sealed" not in asked
    assert "revision" not in asked


async def test_deleted_bytes_are_gone_from_the_file(sqlite: SqliteDatabase, sqlite_file: Path) -> None:
    marker = b"sealed-marker-of-this-test"
    await put(sqlite, credential(sealed=Sealed(marker * 20, "okey_ada")))
    assert marker in sqlite_file.with_name("moorings.db-wal").read_bytes()
    await sqlite.write(credentials.remove, credential().ref, TOMBSTONE, entry())
    sqlite.close()
    assert [path.name for path in sqlite_file.parent.iterdir() if marker in path.read_bytes()] == []


async def test_replaced_bytes_are_gone_from_the_file(sqlite: SqliteDatabase, sqlite_file: Path) -> None:
    marker = b"sealed-marker-of-this-test"
    await put(sqlite, credential(sealed=Sealed(marker * 20, "okey_ada")))
    await put(sqlite, replace(credential(), sealed=Sealed(b"short", "okey_ada")))
    sqlite.close()
    assert [path.name for path in sqlite_file.parent.iterdir() if marker in path.read_bytes()] == []


@pytest.mark.parametrize("damage", ["previews = 'no JSON'", "previews = '[]'", "status = 'nonsense'"])
async def test_one_damaged_row_does_not_hide_the_others(database: Database, damage: str) -> None:
    await put(database, credential(), credential(environment="staging"))

    def work(connection: Connection) -> None:
        connection.execute(text(f"UPDATE credentials SET {damage} WHERE environment = 'production'"))  # noqa: S608

    await database.write(work)
    found = {state.environment: state.status for state in await states(database)}
    assert found == {"production": Status.UNREADABLE, "staging": Status.VALID}
