"""The server beside us: what is said when it is away, full, locked or damaged, and that we go on when it is back."""

import asyncio
import os
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Connection, text

from moorings.errors import ConfigurationError, StoreBusy, StoreCorrupt, StoreFailed, StoreFull
from moorings.store import changes, owners
from moorings.store.opening import open_database
from moorings.store.postgres import PostgresDatabase
from tests import postgresql
from tests.store.samples import settle

pytestmark = pytest.mark.anyio

PASSWORD = "a-password-nobody-may-see"
NOBODY = f"postgresql://someone:{PASSWORD}@127.0.0.1:1/moorings"
STATES = {"53100": StoreFull, "XX001": StoreCorrupt, "40P01": StoreBusy, "40001": StoreBusy, "55P03": StoreBusy}


@pytest.fixture
def own(databases: postgresql.Server) -> Iterator[PostgresDatabase]:
    """A database that the test may lock and shut."""
    url = databases.empty()
    database = open_database(url, Path(os.devnull))
    assert isinstance(database, PostgresDatabase)
    yield database
    database.close()


def name_of(database: PostgresDatabase) -> str:
    """How the server calls it."""
    return str(database._engine.url.database)


def cut(database: PostgresDatabase, databases: postgresql.Server) -> None:
    """End all connections to a database, as a restart does."""
    name = name_of(database)
    databases.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")  # noqa: S608


def test_a_server_that_is_away_is_named_at_the_start_by_its_host_without_its_password(tmp_path: Path) -> None:
    began = time.monotonic()
    with pytest.raises(StoreFailed, match="cannot be reached") as caught:
        open_database(NOBODY, tmp_path)
    assert time.monotonic() - began < 5
    told = f"{caught.value!r} {caught.value.__cause__!r}"
    assert PASSWORD not in told
    assert "127.0.0.1:1/moorings" in told


async def test_a_server_that_is_away_fails_reads_and_writes_alike(anyio_backend: str) -> None:
    database = PostgresDatabase(NOBODY)
    for call in (database.read(owners.every), database.write(changes.announce, "topic")):
        with pytest.raises(StoreFailed, match="Is it running") as caught:
            await call
        assert "127.0.0.1" not in str(caught.value), "callers are told no host of ours"
    await asyncio.to_thread(database.close)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nonsense",
        "://",
        f"postgresql://u:{PASSWORD}@host:port/db",
        f"postgresql://u:{PASSWORD}@[::1/db",
        f"{PASSWORD}@h",
    ],
)
def test_what_is_no_address_is_a_clear_error_that_does_not_repeat_it(address: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="MOORINGS_DATABASE_URL") as caught:
        open_database(address, tmp_path)
    assert PASSWORD not in f"{caught.value!r} {caught.value.__cause__!r}"


def test_the_address_of_another_kind_of_database_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="MOORINGS_DATABASE_URL"):
        open_database("mysql://someone@127.0.0.1:1/moorings", tmp_path)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
async def test_every_usual_writing_of_an_address_is_understood(
    anyio_backend: str, databases: postgresql.Server, scheme: str
) -> None:
    database = PostgresDatabase(databases.emptied().replace("postgresql", scheme, 1))
    assert await database.read(owners.every) == []
    await asyncio.to_thread(database.close)


async def test_connections_that_were_cut_are_replaced(own: PostgresDatabase, databases: postgresql.Server) -> None:
    await settle(own)
    await asyncio.gather(*(own.read(owners.every) for _ in range(8)))
    cut(own, databases)
    found = await asyncio.gather(*(own.read(owners.every) for _ in range(8)))
    assert {len(each) for each in found} == {2}


async def test_a_server_that_goes_away_and_comes_back_is_used_again(
    own: PostgresDatabase, databases: postgresql.Server
) -> None:
    await settle(own)
    databases.execute(f"ALTER DATABASE {name_of(own)} ALLOW_CONNECTIONS false")
    cut(own, databases)
    for call in (own.read(owners.every), own.write(changes.announce, "topic")):
        with pytest.raises(StoreFailed):
            await call
    databases.execute(f"ALTER DATABASE {name_of(own)} ALLOW_CONNECTIONS true")
    await own.write(changes.announce, "topic")
    assert await own.read(changes.number, "topic") == 1


async def test_a_connection_cut_in_the_middle_of_a_write_undoes_it(postgres: PostgresDatabase) -> None:
    def work(connection: Connection) -> None:
        changes.announce(connection, "topic")
        connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(StoreFailed) as caught:
        await postgres.write(work)
    assert "pg_terminate_backend" not in str(caught.value)
    assert await postgres.read(changes.number, "topic") == 0


@pytest.mark.parametrize("state", STATES)
async def test_what_the_server_reports_is_told_as_what_it_is(postgres: PostgresDatabase, state: str) -> None:
    def work(connection: Connection) -> None:
        changes.announce(connection, "topic")
        raising = f"DO $$ BEGIN RAISE EXCEPTION 'a detail' USING ERRCODE = '{state}'; END $$"
        connection.exec_driver_sql(raising)

    with pytest.raises(STATES[state]) as caught:
        await postgres.write(work)
    assert "a detail" not in str(caught.value)
    assert await postgres.read(changes.number, "topic") == 0


async def test_a_table_held_by_another_program_is_told_as_busy_and_reads_go_on(postgres: PostgresDatabase) -> None:
    def impatient(connection: Connection) -> None:
        connection.execute(text("SET LOCAL lock_timeout = '50ms'"))
        changes.announce(connection, "topic")

    address = postgres._engine.url.render_as_string().replace("+psycopg", "")
    with psycopg.connect(address) as other:
        other.execute("LOCK TABLE changes IN EXCLUSIVE MODE")
        with pytest.raises(StoreBusy):
            await postgres.write(impatient)
        assert await postgres.read(changes.number, "topic") == 0
        other.rollback()
    await postgres.write(impatient)
    assert await postgres.read(changes.number, "topic") == 1


async def test_more_calls_than_connections_wait_their_turn(postgres: PostgresDatabase) -> None:
    found = await asyncio.gather(*(postgres.read(owners.every) for _ in range(100)))
    assert {len(each) for each in found} == {2}
