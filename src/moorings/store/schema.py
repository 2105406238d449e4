"""Brings a database to the newest schema at start, and refuses one that a newer Moorings has written."""

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from moorings.errors import ConfigurationError
from moorings.store.database import translated

HEAD = "0005"
"""The newest migration; a test holds it against the folder, so that starting need not load Alembic to look."""

MIGRATIONS = Path(__file__).parent / "migrations"
# Two servers that start at once on one PostgreSQL must not both migrate it.
LOCK = text("SELECT pg_advisory_xact_lock(7029640411)")


def migrate(engine: Engine) -> None:
    """Apply what is missing, in one transaction; raises `ConfigurationError` for a database of the future."""
    with translated(), engine.connect() as connection:
        if _revision(connection) == HEAD:
            return
    with translated(), engine.connect() as connection:
        _upgrade(connection)


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(LOCK)
    else:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    present = _revision(connection)
    if present != HEAD:
        _run_alembic(connection, present)
    if connection.dialect.name == "postgresql":
        connection.commit()
    else:
        connection.exec_driver_sql("COMMIT")


def _run_alembic(connection: Connection, present: str | None) -> None:
    # Alembic takes a third of a second to import; only a fresh or old database pays for it.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if present is not None and present not in known:
        raise ConfigurationError("A newer version of Moorings has written this database; start that version.")
    command.upgrade(config, "head")


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
