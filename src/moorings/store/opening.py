"""Opens the database that the settings name, migrated and ready."""

from pathlib import Path

from moorings.domain.audit import Notary
from moorings.errors import ConfigurationError
from moorings.store import postgres, sqlite
from moorings.store.audit import NOBODY, NOTARY
from moorings.store.database import Database
from moorings.store.schema import migrate


def open_database(url: str | None, data_dir: Path, notary: Notary = NOBODY) -> Database:
    """PostgreSQL by its URL, or SQLite in the data directory without; `notary` proves the ends of audit chains."""
    options = {NOTARY: notary}
    if url is None:
        path = _folder(data_dir) / "moorings.db"
        _migrate_file(path)
        return sqlite.SqliteDatabase(path, options)
    engine = postgres.engine_for(url)
    try:
        migrate(engine)
    finally:
        engine.dispose()
    return postgres.PostgresDatabase(url, options=options)


def _folder(data_dir: Path) -> Path:
    try:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise ConfigurationError(f"The data directory {data_dir} cannot be made: {error.strerror}.") from None
    return data_dir


def _migrate_file(path: Path) -> None:
    try:
        path.touch(mode=0o600, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"The database file {path} cannot be written: {error.strerror}.") from None
    engine = sqlite.engine_for(path)
    try:
        migrate(engine)
    finally:
        engine.dispose()
