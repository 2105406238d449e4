"""Every start brings the database to the newest schema, once, and never harms what is there."""

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command as alembic
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, text

from moorings.errors import ConfigurationError
from moorings.store import owners, postgres, room, schema, sqlite, tables
from moorings.store.database import Database
from moorings.store.opening import open_database
from moorings.store.room import NO_LIMIT, Tally
from tests import postgresql
from tests.store.samples import everything, settle
from tests.store.starting_processes import TOGETHER

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
PROGRAM = Path(__file__).with_name("starting_processes.py")
Start = Callable[[], Database]


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str | None, Path]:
    """Where a database shall be, and nothing is yet: a PostgreSQL address or none, and a data directory."""
    if request.param == "sqlite":
        return None, tmp_path / "data"
    databases: postgresql.Server = request.getfixturevalue("databases")
    return databases.empty(), tmp_path / "data"


@pytest.fixture
def start(place: tuple[str | None, Path]) -> Iterator[Start]:
    """Starts on that place, again and again."""
    started: list[Database] = []

    def again() -> Database:
        started.append(open_database(*place))
        return started[-1]

    yield again
    for database in started:
        database.close()


@pytest.fixture
def engine(place: tuple[str | None, Path], start: Start) -> Iterator[Engine]:
    """A plain engine on a database that was just made there."""
    start().close()
    yield from plain(place)


@pytest.fixture
def migrated(place: tuple[str | None, Path]) -> Iterator[Engine]:
    """A plain engine on a database that came to be by one migration after the other."""
    place[1].mkdir()
    for engine in plain(place):
        with engine.connect() as connection:
            alembic.upgrade(alembic_config(connection), "head")
            connection.commit()
        yield engine


def plain(place: tuple[str | None, Path]) -> Iterator[Engine]:
    """An engine of no store's."""
    url, folder = place
    made = postgres.engine_for(url) if url else sqlite.engine_for(folder / "moorings.db")
    yield made
    made.dispose()


def alembic_config(connection: Connection) -> Config:
    """What Alembic wants to know."""
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def scripts() -> ScriptDirectory:
    """The migrations."""
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    return ScriptDirectory.from_config(config)


def revision_of(connection: Connection) -> Any:
    """Which migration the database stands at."""
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()


def starting_together(what: str, place: tuple[str | None, Path]) -> Any:
    """What `starting_processes.py` found."""
    url, folder = place
    arguments = [sys.executable, str(PROGRAM), what, str(folder), *([url] if url else [])]
    done = subprocess.run(arguments, check=True, capture_output=True, timeout=120, text=True)  # noqa: S603
    return json.loads(done.stdout)


def test_the_newest_schema_is_the_newest_migration() -> None:
    assert scripts().get_heads() == [schema.HEAD]


async def test_a_fresh_database_reaches_the_newest_schema(start: Start) -> None:
    assert await start().read(revision_of) == [schema.HEAD]


def test_the_schema_made_at_once_is_the_one_the_code_knows(engine: Engine) -> None:
    assert differences(engine) == []


def test_the_index_of_waiting_events_holds_those_alone_where_it_is_made_at_once(engine: Engine) -> None:
    assert "waiting" in condition(engine)


def test_the_index_of_waiting_events_holds_those_alone_where_it_is_migrated(migrated: Engine) -> None:
    assert "waiting" in condition(migrated)


def condition(engine: Engine) -> str:
    """Which events stand in the index."""
    found = {index["name"]: index for index in inspect(engine).get_indexes("events")}
    return str(found["ix_events_waiting"]["dialect_options"][f"{engine.dialect.name}_where"])


def test_the_migrated_schema_is_the_one_the_code_knows(migrated: Engine) -> None:
    assert differences(migrated) == []


async def test_what_stood_there_before_the_counting_is_counted(place: tuple[str | None, Path], start: Start) -> None:
    place[1].mkdir()
    for engine in plain(place):
        with engine.connect() as connection:
            alembic.upgrade(alembic_config(connection), "0018")
            for statement in OLDER:
                connection.execute(text(statement))
            connection.commit()
    database = start()
    assert await database.read(room.held, "org_a") == Tally(2, 0), "a revoked key takes no room"
    assert await database.read(room.held, "org_b") == NO_LIMIT


OLDER = (
    "INSERT INTO owners (id, name, created_at) VALUES ('org_a', 'a', 1), ('org_b', 'b', 1)",
    """INSERT INTO installations (id, owner, type, name, environment, status, created_at, updated_at)
    VALUES ('intg_1', 'org_a', 'slack', 'Slack', '*', 'pending', 1, 1)""",
    """INSERT INTO api_keys (id, owner, name, hash, preview, scopes, created_at, revoked_at) VALUES
    ('key_1', 'org_a', 'a', 'one', 'p', '[]', 1, NULL), ('key_2', 'org_a', 'b', 'two', 'p', '[]', 1, 2)""",
)


def differences(engine: Engine) -> list[Any]:
    """What Alembic would change of a database at the newest migration to make it what the code knows."""
    with engine.connect() as connection:
        assert revision_of(connection) == [schema.HEAD]
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return [*compare_metadata(context, tables.metadata)]


def test_a_database_made_at_once_has_the_very_tables_of_a_migrated_one(tmp_path: Path) -> None:
    """What Alembic does not compare: SQLite's tables without a row id."""
    open_database(None, tmp_path / "made").close()
    engines = [sqlite.engine_for(tmp_path / "made" / "moorings.db"), sqlite.engine_for(tmp_path / "migrated.db")]
    with engines[1].connect() as connection:
        alembic.upgrade(alembic_config(connection), "head")
    made, migrated = (statements(engine) for engine in engines)
    for engine in engines:
        engine.dispose()
    assert made == migrated
    assert set(made) >= {*tables.metadata.tables, "alembic_version"}


def statements(engine: Engine) -> dict[str, list[str]]:
    """By which statement each table and index was made, in parts."""
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
        return {row.name: parts(row.sql) for row in rows}


def parts(sql: str) -> list[str]:
    """A statement's parts in an order of their own, for constraints may stand in any.

    SQLite writes a column that was added later behind the one before it.
    """
    lines = re.sub(r", (?=[a-z_]+ [A-Z])", "\n", sql).splitlines()
    return sorted(part.strip(" ,\t") for part in lines if part.strip(" ,\t"))


async def test_starting_again_is_harmless(start: Start) -> None:
    first = start()
    await settle(first)
    before = await first.read(everything)
    await asyncio.to_thread(first.close)
    again = start()
    assert await again.read(everything) == before
    assert await again.read(revision_of) == [schema.HEAD]


async def test_starting_beside_a_running_server_is_harmless(start: Start) -> None:
    running, beside = start(), start()
    await settle(beside)
    assert len(await running.read(owners.every)) == 2


async def test_a_database_of_the_future_is_refused_and_left_as_it_is(start: Start) -> None:
    database = start()
    await database.write(lambda connection: connection.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    with pytest.raises(ConfigurationError, match="newer version of Moorings"):
        start()
    assert await database.read(revision_of) == ["9999"]
    back = text("UPDATE alembic_version SET version_num = :head").bindparams(head=schema.HEAD)
    await database.write(lambda connection: connection.execute(back))
    assert await start().read(revision_of) == [schema.HEAD]


def test_every_migration_can_be_undone_and_done_again(engine: Engine) -> None:
    with engine.connect() as connection:
        config = alembic_config(connection)
        alembic.downgrade(config, "base")
        connection.commit()
        assert set(inspect(connection).get_table_names()) == {"alembic_version"}
        alembic.upgrade(config, "head")
        connection.commit()
        assert set(inspect(connection).get_table_names()) == {"alembic_version", *tables.metadata.tables}


@pytest.mark.parametrize("ready", [True, False], ids=["ready", "fresh"])
def test_a_start_on_a_ready_or_fresh_database_does_not_load_the_migration_library(
    tmp_path: Path, *, ready: bool
) -> None:
    if ready:
        open_database(None, tmp_path).close()
    look = (
        "import sys, pathlib; from moorings.store.opening import open_database; "
        "open_database(None, pathlib.Path(sys.argv[1])).close(); print('alembic' in sys.modules)"
    )
    command = [sys.executable, "-c", look, str(tmp_path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)  # noqa: S603 - our own
    assert done.stdout.strip() == "False"


def test_processes_that_start_at_once_make_one_database(place: tuple[str | None, Path]) -> None:
    assert starting_together("store", place) == {"started": ["good"] * TOGETHER}


def test_servers_that_start_at_once_all_serve_and_what_they_save_opens_later(place: tuple[str | None, Path]) -> None:
    assert starting_together("server", place) == {"started": ["good"] * TOGETHER, "opened": TOGETHER}
