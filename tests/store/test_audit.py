"""Each owner's entries form one whole chain, whoever writes beside whom."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, text

from moorings.domain.audit import Kind
from moorings.domain.caller import Origin
from moorings.store import audit, credentials, tables
from moorings.store.database import Database
from tests.store.conftest import Opened
from tests.store.samples import ADA, BOB, NOW, audit_of, broken_link, credential, entry, rows_of, settle

pytestmark = pytest.mark.anyio

TAMPERINGS = {
    "changed": "UPDATE audit SET actor = 'someone else' WHERE owner = :owner AND sequence = 3",
    "changed outcome": "UPDATE audit SET outcome = 'ok' WHERE owner = :owner AND sequence = 3",
    "removed": "DELETE FROM audit WHERE owner = :owner AND sequence = 3",
    "moved": "UPDATE audit SET sequence = 99 WHERE owner = :owner AND sequence = 3",
    "another hash": "UPDATE audit SET hash = (SELECT hash FROM audit WHERE owner = :owner AND sequence = 1) "
    "WHERE owner = :owner AND sequence = 3",
}


async def test_an_entry_is_kept_with_all_its_parts(database: Database) -> None:
    happened = entry(
        kind=Kind.CALL_DENIED, environment=None, outcome="MISSING_SCOPE", origin=Origin(None, None), revision=None
    )
    await database.write(audit.append, happened)
    row = (await audit_of(database))[-1]
    del row["hash"], row["at"]
    assert row == {
        "owner": ADA, "sequence": 2, "kind": "call.denied", "actor": "key_1", "subject": "firecrawl",
        "environment": None, "outcome": "MISSING_SCOPE", "address": None, "request_id": None, "revision": None,
    }  # fmt: skip


async def test_every_owner_has_a_chain_of_its_own_that_starts_at_one(database: Database) -> None:
    for number in range(5):
        await database.write(audit.append, entry(ADA, subject=f"a{number}", at=NOW + timedelta(seconds=number)))
        await database.write(audit.append, entry(BOB, subject=f"b{number}"))
    for owner in (ADA, BOB):
        rows = await audit_of(database, owner)
        assert [row["sequence"] for row in rows] == [1, 2, 3, 4, 5, 6]
        assert broken_link(rows) is None


async def test_words_of_any_language_keep_the_chain_whole(database: Database) -> None:
    for subject in ("…", "ключ", "鍵", "🗝", 'a"b\\c', " ", ""):
        await database.write(audit.append, entry(subject=subject))
    assert broken_link(await audit_of(database)) is None


@pytest.mark.parametrize("tampering", TAMPERINGS)
async def test_an_entry_that_was_tampered_with_breaks_the_chain_where_it_stood(
    database: Database, tampering: str
) -> None:
    for number in range(5):
        await database.write(audit.append, entry(outcome="MISSING_SCOPE", subject=f"call {number}"))

    def tamper(connection: Connection) -> None:
        connection.execute(text(TAMPERINGS[tampering]), {"owner": ADA})

    await database.write(tamper)
    assert broken_link(await audit_of(database)) == 3


async def test_concurrent_writers_keep_every_chain_whole(database: Database) -> None:
    owners = (ADA, BOB)
    await asyncio.gather(
        *(database.write(audit.append, entry(owners[number % 2], subject=f"call {number}")) for number in range(100))
    )
    for owner in owners:
        rows = await audit_of(database, owner)
        assert broken_link(rows) is None
        assert len(rows) == 51
        assert len({row["subject"] for row in rows}) == 51


async def test_two_processes_keep_every_chain_whole(anyio_backend: str, opened: Opened) -> None:
    processes = [opened(), opened()]
    await settle(processes[0])
    await asyncio.gather(
        *(processes[number % 2].write(audit.append, entry(subject=f"call {number}")) for number in range(60))
    )
    rows = await audit_of(processes[0])
    assert broken_link(rows) is None
    assert len({row["subject"] for row in rows}) == 61


async def test_what_is_undone_leaves_no_entry_and_no_gap(database: Database) -> None:
    def fail_after(connection: Connection) -> None:
        credentials.put(connection, credential(), entry(subject="undone"))
        raise ValueError("changed my mind")

    async def attempt(number: int) -> Any:
        work = (
            fail_after if number % 3 == 0 else lambda connection: audit.append(connection, entry(subject=str(number)))
        )
        return await database.write(work)

    results = await asyncio.gather(*(attempt(number) for number in range(30)), return_exceptions=True)
    assert sum(isinstance(result, ValueError) for result in results) == 10
    rows = await audit_of(database)
    assert broken_link(rows) is None
    assert len(rows) == 21
    assert "undone" not in {row["subject"] for row in rows}
    assert await database.read(rows_of, tables.credentials) == []
