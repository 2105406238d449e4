"""The embedded database: its settings, and what it says when disk, file or neighbours fail it."""

import asyncio
import json
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from moorings.errors import ConfigurationError, MooringsError, StoreBusy, StoreCorrupt, StoreFull
from moorings.store import changes, credentials, owners
from moorings.store.opening import open_database
from moorings.store.sqlite import SqliteDatabase
from tests.store.samples import ADA, LOADED, audit_of, broken_link, credential, entry

pytestmark = pytest.mark.anyio

SECRET_MARKER = "marker-of-a-value"
PAGES_LEFT = 4
PATIENCE = 5


def raw(database: SqliteDatabase, side: str = "_writer") -> Any:
    """The driver's own connection of one side."""
    return getattr(database, side).connection.driver_connection


def setting(database: SqliteDatabase, name: str, side: str) -> Any:
    """What a PRAGMA says on one side."""
    return raw(database, side).execute(f"PRAGMA {name}").fetchone()[0]


def fill(connection: Connection, size: int) -> None:
    """Work that wants room."""
    connection.execute(text("INSERT INTO changes VALUES (:topic, 1)"), {"topic": SECRET_MARKER * size})


@contextmanager
def no_room(database: SqliteDatabase) -> Iterator[None]:
    """The file may hardly grow any more, as on a full disk."""
    limit = setting(database, "page_count", "_writer") + PAGES_LEFT
    raw(database).execute(f"PRAGMA max_page_count={limit}")
    yield
    raw(database).execute("PRAGMA max_page_count=1073741823")


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Another program writes and does not end."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def impatient(database: SqliteDatabase, milliseconds: int = 50) -> None:
    """Let the writer wait for other programs no longer than this, so that the test does not."""
    raw(database).execute(f"PRAGMA busy_timeout={milliseconds}")


@pytest.mark.parametrize("side", ["_reader", "_writer"])
@pytest.mark.parametrize(
    ("name", "expected"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 5_000), ("secure_delete", 1)],
)
async def test_every_connection_is_durable_and_strict(
    sqlite: SqliteDatabase, side: str, name: str, expected: object
) -> None:
    assert setting(sqlite, name, side) == expected


async def test_file_and_folder_are_for_their_owner_alone(anyio_backend: str, tmp_path: Path) -> None:
    database = open_database(None, tmp_path / "data")
    await database.write(changes.announce, "topic")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "data").iterdir()}
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
    assert set(modes) == {"moorings.db", "moorings.db-wal", "moorings.db-shm", "moorings.lock"}
    assert set(modes.values()) == {0o600}
    await asyncio.to_thread(database.close)


async def test_waiting_writes_are_committed_together(sqlite: SqliteDatabase) -> None:
    statements: list[str] = []
    raw(sqlite).set_trace_callback(statements.append)
    let_go = threading.Event()
    busy = asyncio.ensure_future(sqlite.write(lambda _: let_go.wait(PATIENCE)))
    await asyncio.sleep(0.05)
    writes = [asyncio.ensure_future(sqlite.write(changes.announce, f"t{number}")) for number in range(300)]
    await asyncio.sleep(0.05)
    let_go.set()
    await asyncio.gather(busy, *writes)
    assert statements.count("COMMIT") <= 4


async def test_an_event_loop_that_ended_before_its_write_does_not_harm_later_writes(sqlite: SqliteDatabase) -> None:
    let_go = threading.Event()

    async def leave() -> None:
        writing = asyncio.ensure_future(sqlite.write(lambda _: let_go.wait(PATIENCE)))
        await asyncio.sleep(0.05)
        writing.cancel()

    await asyncio.to_thread(asyncio.run, leave())
    let_go.set()
    await sqlite.write(changes.announce, "topic")
    assert await sqlite.read(changes.number, "topic") == 1


async def test_a_full_disk_is_named_and_nothing_was_changed(sqlite: SqliteDatabase) -> None:
    with no_room(sqlite):
        for _ in range(3):
            with pytest.raises(StoreFull, match="full") as caught:
                await sqlite.write(fill, 5_000)
            assert SECRET_MARKER not in str(caught.value)
            assert "INSERT" not in str(caught.value)
    assert await sqlite.read(changes.number, SECRET_MARKER * 5_000) == 0


async def test_a_full_disk_that_undoes_a_whole_transaction_is_named_as_well(sqlite: SqliteDatabase) -> None:
    """A statement without a journal of its own: SQLite gives up the transaction with all its savepoints."""
    big = credential(integration_id="big", previews={SECRET_MARKER * 5_000: None})
    with no_room(sqlite), pytest.raises(StoreFull):
        await sqlite.write(credentials.put, big, entry())
    assert await sqlite.read(credentials.states, ADA, LOADED) == ()
    assert len(await audit_of(sqlite)) == 1


async def test_reads_go_on_while_the_disk_is_full_and_writes_when_it_is_not(sqlite: SqliteDatabase) -> None:
    with no_room(sqlite):
        with pytest.raises(StoreFull):
            await sqlite.write(fill, 5_000)
        assert [owner.id for owner in await sqlite.read(owners.every)] == ["org_ada", "org_bob"]
    await sqlite.write(fill, 5_000)
    assert await sqlite.read(changes.number, SECRET_MARKER * 5_000) == 1


async def test_a_write_that_finds_no_room_does_not_harm_its_neighbours(sqlite: SqliteDatabase) -> None:
    with no_room(sqlite):
        writes = [
            sqlite.write(fill, 5_000) if number % 7 == 3 else sqlite.write(changes.announce, f"t{number}")
            for number in range(28)
        ]
        results = await asyncio.gather(*writes, return_exceptions=True)
    assert [type(result) for result in results] == [
        StoreFull if number % 7 == 3 else type(None) for number in range(28)
    ]
    for number in range(28):
        assert await sqlite.read(changes.number, f"t{number}") == (0 if number % 7 == 3 else 1)


async def test_no_save_that_was_answered_is_lost_when_the_disk_fills_up(sqlite: SqliteDatabase) -> None:
    saves = [credential(integration_id=f"i{number}", previews={"x" * 900: None}) for number in range(60)]
    with no_room(sqlite):
        results = await asyncio.gather(
            *(sqlite.write(credentials.put, each, entry(subject=each.ref.integration_id)) for each in saves),
            return_exceptions=True,
        )
    assert {type(result) for result in results} == {type(None), StoreFull}
    good = {each.ref.integration_id for each, result in zip(saves, results, strict=True) if result is None}
    there = {state.integration_id for state in await sqlite.read(credentials.states, ADA, LOADED)}
    assert good == there
    rows = await audit_of(sqlite)
    assert broken_link(rows) is None
    assert {row["subject"] for row in rows[1:]} == good


async def test_a_file_that_may_not_grow_is_named_while_reads_go_on(tmp_path: Path) -> None:
    """A process whose files may not exceed a size: the operating system itself refuses to write."""
    program = str(Path(__file__).with_name("limited_process.py"))
    limited = await asyncio.create_subprocess_exec(sys.executable, program, str(tmp_path), stdout=subprocess.PIPE)
    told, _ = await limited.communicate()
    assert json.loads(told) == {
        "refused": ["STORE_FULL"], "saved": "some", "lost": 0, "reads": "go on", "afterwards": "saved",
    }  # fmt: skip


async def test_a_database_held_by_another_program_is_named_and_nothing_was_changed(
    sqlite: SqliteDatabase, sqlite_file: Path
) -> None:
    impatient(sqlite)
    with held(sqlite_file):
        with pytest.raises(StoreBusy, match="Another program"):
            await sqlite.write(changes.announce, "topic")
        assert await sqlite.read(changes.number, "topic") == 0
        assert len(await sqlite.read(owners.every)) == 2
    await sqlite.write(changes.announce, "topic")
    assert await sqlite.read(changes.number, "topic") == 1


async def test_a_database_held_for_a_moment_is_waited_for(sqlite: SqliteDatabase, sqlite_file: Path) -> None:
    with held(sqlite_file):
        writing = asyncio.ensure_future(sqlite.write(changes.announce, "topic"))
        await asyncio.sleep(0.1)
        assert not writing.done()
    await writing


async def test_writes_that_wait_together_are_refused_together(sqlite: SqliteDatabase, sqlite_file: Path) -> None:
    """Whoever waits for a held database waits for its patience once, not once for each who waits before."""
    impatient(sqlite, 200)
    began = time.monotonic()
    with held(sqlite_file):
        writes = (sqlite.write(changes.announce, f"t{number}") for number in range(20))
        results = await asyncio.gather(*writes, return_exceptions=True)
    assert {type(result) for result in results} == {StoreBusy}
    assert time.monotonic() - began < 1.5


async def test_a_file_that_is_no_database_is_named_at_the_start(anyio_backend: str, tmp_path: Path) -> None:
    (tmp_path / "moorings.db").write_bytes(b"this is no database at all" * 400)
    with pytest.raises(StoreCorrupt, match="damaged"):
        open_database(None, tmp_path)


async def test_a_damaged_page_is_named_and_the_others_are_still_read(sqlite: SqliteDatabase, sqlite_file: Path) -> None:
    await sqlite.write(credentials.put, credential(), entry())
    await asyncio.to_thread(sqlite.close)
    damage(sqlite_file, "credentials")
    again = SqliteDatabase(sqlite_file)
    with pytest.raises(StoreCorrupt, match="damaged"):
        await again.read(credentials.secret, credential().ref)
    with pytest.raises(StoreCorrupt, match="damaged"):
        await again.write(credentials.put, credential(), entry())
    assert [owner.id for owner in await again.read(owners.every)] == ["org_ada", "org_bob"]
    await again.write(changes.announce, "topic")
    assert await again.read(changes.number, "topic") == 1
    await asyncio.to_thread(again.close)


def damage(path: Path, table: str) -> None:
    """Overwrite a table's first page."""
    with closing(sqlite3.connect(path)) as connection:
        [page] = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
        [size] = connection.execute("PRAGMA page_size").fetchone()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)


async def test_a_folder_that_cannot_be_made_is_a_clear_error(anyio_backend: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for place in (tmp_path / "file", tmp_path / "file" / "data"):
        with pytest.raises(MooringsError):
            open_database(None, place)


async def test_a_folder_in_the_files_place_is_a_clear_error(anyio_backend: str, tmp_path: Path) -> None:
    (tmp_path / "moorings.db").mkdir()
    with pytest.raises(ConfigurationError, match="is a directory"):
        open_database(None, tmp_path)


async def test_a_file_that_cannot_be_made_is_a_clear_error(anyio_backend: str, tmp_path: Path) -> None:
    (tmp_path / "moorings.db").symlink_to(tmp_path / "nowhere" / "moorings.db")
    with pytest.raises(MooringsError, match=r"moorings\.db"):
        open_database(None, tmp_path)


async def test_a_file_that_was_only_read_from_can_be_copied_while_it_is_written(
    sqlite: SqliteDatabase, sqlite_file: Path, tmp_path: Path
) -> None:
    """A backup by SQLite's own means beside the running server is whole."""
    with closing(sqlite3.connect(sqlite_file)) as source, closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        for number in range(20):
            await sqlite.write(credentials.put, credential(integration_id=f"i{number}"), entry())
        source.backup(copy)
        assert copy.execute("SELECT count(*) FROM credentials").fetchone() == (20,)
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
