"""Brings a database to the newest schema at start, and refuses one that a newer Moorings has written."""

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    insert,
    inspect,
    text,
)

from moorings.errors import ConfigurationError
from moorings.store import counters
from moorings.store.database import translated
from moorings.store.tables import metadata, revoked_keys, waiting_events

HEAD = "0020"
"""The newest migration; a test holds it against the folder, so that starting need not load Alembic to look."""

MIGRATIONS = Path(__file__).parent / "migrations"
# Two servers that start at once on one PostgreSQL must not both migrate it.
LOCK = text("SELECT pg_advisory_xact_lock(7029640411)")
# Alembic's own table, as Alembic makes it.
versions = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)


def migrate(engine: Engine, begin: Callable[[], None] = lambda: None) -> None:
    """Apply what is missing, in one transaction; raises `ConfigurationError` for a database of the future.

    `begin` is called before an empty database is given its tables, and may raise.
    """
    with translated(), engine.connect() as connection:
        if _revision(connection) == HEAD:
            return
    with translated(), engine.connect() as connection:
        _upgrade(connection, begin)


def _upgrade(connection: Connection, begin: Callable[[], None]) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(LOCK)
    else:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    present = _revision(connection)
    if present is None:
        begin()
        _create(connection)
    elif present != HEAD:
        _run_alembic(connection, present)
    if connection.dialect.name == "postgresql":
        connection.commit()
    else:
        connection.exec_driver_sql("COMMIT")


def _create(connection: Connection) -> None:
    """Make an empty database what all migrations together would; a test holds the two against each other."""
    if connection.dialect.name == "postgresql":
        # Not said in the table, for that loads PostgreSQL's dialect: 2 MiB that a server on SQLite does not need.
        for index in (waiting_events, revoked_keys):
            index.dialect_options["postgresql"]["where"] = index.dialect_options["sqlite"]["where"]
    metadata.create_all(connection, checkfirst=False)
    counters.install(connection)
    versions.create(connection)
    connection.execute(insert(versions), {"version_num": HEAD})


def _run_alembic(connection: Connection, present: str) -> None:
    # Alembic takes a third of a second to import; only an old database pays for it.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if present not in known:
        raise ConfigurationError("A newer version of Moorings has written this database; start that version.")
    command.upgrade(config, "head")


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
