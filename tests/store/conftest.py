"""Every test of the contract runs on a real SQLite file and on a real PostgreSQL server."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from moorings.store.database import Database
from moorings.store.opening import open_database
from moorings.store.postgres import PostgresDatabase
from moorings.store.sqlite import SqliteDatabase
from tests import postgresql
from tests.store import samples

Opened = Callable[[], Database]


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file of the newest schema, to be copied."""
    folder = tmp_path_factory.mktemp("migrated")
    open_database(None, folder).close()
    return folder / "moorings.db"


@pytest.fixture
def sqlite_file(migrated_file: Path, tmp_path: Path) -> Path:
    """A SQLite file of the test's own."""
    return Path(shutil.copy(migrated_file, tmp_path / "moorings.db"))


@pytest.fixture(params=["sqlite", "postgresql"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opened]:
    """Opens one and the same empty database again and again, as several processes would."""
    if request.param == "sqlite":
        path: Path = request.getfixturevalue("sqlite_file")
        make: Opened = lambda: SqliteDatabase(path)  # noqa: E731 - one of two ways to the same
    else:
        url = request.getfixturevalue("databases").emptied()
        make = lambda: PostgresDatabase(url)  # noqa: E731
    databases: list[Database] = []

    def again() -> Database:
        databases.append(make())
        return databases[-1]

    yield again
    for database in databases:
        database.close()


@pytest.fixture
def bare(opened: Opened) -> Database:
    """An empty database."""
    return opened()


@pytest.fixture
async def database(anyio_backend: str, bare: Database) -> Database:
    """A database with two owners who have a key each."""
    await samples.settle(bare)
    return bare


@pytest.fixture
async def sqlite(anyio_backend: str, sqlite_file: Path) -> AsyncIterator[SqliteDatabase]:
    """A SQLite database with two owners, for what concerns SQLite alone."""
    database = SqliteDatabase(sqlite_file)
    await samples.settle(database)
    yield database
    await asyncio.to_thread(database.close)


@pytest.fixture
async def postgres(anyio_backend: str, databases: postgresql.Server) -> AsyncIterator[PostgresDatabase]:
    """A PostgreSQL database with two owners, for what concerns PostgreSQL alone."""
    database = PostgresDatabase(databases.emptied())
    await samples.settle(database)
    yield database
    await asyncio.to_thread(database.close)
