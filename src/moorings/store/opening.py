"""Opens the database that the settings name, migrated and ready."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from moorings.domain.audit import Notary
from moorings.errors import ConfigurationError, StoreFailed
from moorings.store import postgres, sqlite
from moorings.store.audit import NOBODY, NOTARY
from moorings.store.database import Database
from moorings.store.holding import Hold
from moorings.store.room import MOST, NO_LIMIT, Tally
from moorings.store.schema import migrate

FILE = "moorings.db"
Begin = Callable[[str], None]
"""Called with its place before an empty database is begun; raises where none shall be."""


def open_database(
    url: str | None, data_dir: Path, notary: Notary = NOBODY, begin: Begin = lambda _: None, most: Tally = NO_LIMIT
) -> Database:
    """PostgreSQL by its URL, or SQLite in the data directory without.

    `notary` proves the ends of audit chains, `most` is what an owner may hold.
    """
    options = {NOTARY: notary, MOST: most}
    if url is None:
        return _open_file(data_dir / FILE, options, begin)
    engine, place = postgres.engine_for(url), postgres.place_of(url)
    try:
        migrate(engine, lambda: begin(place))
    except StoreFailed as error:  # told to whoever operates this, and to no caller
        raise type(error)(f"{error.message} (MOORINGS_DATABASE_URL leads to {place}.)") from None
    finally:
        engine.dispose()
    return postgres.PostgresDatabase(url, options=options)


def _open_file(path: Path, options: Mapping[str, Any], begin: Begin) -> Database:
    place = str(path.absolute())
    _lay(path, lambda: begin(place))
    hold = Hold(path.parent)
    try:
        _migrate_file(path, lambda: begin(place))
        return sqlite.SqliteDatabase(path, options, hold.release)
    except BaseException:
        hold.release()
        raise


def _migrate_file(path: Path, begin: Callable[[], None]) -> None:
    engine = sqlite.engine_for(path)
    try:
        migrate(engine, begin)
    finally:
        engine.dispose()


def _lay(path: Path, begin: Callable[[], None]) -> None:
    """The file, empty where it was not there or empty; nothing is made where none shall be begun."""
    try:
        if not path.exists() or path.stat().st_size == 0:
            begin()
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise ConfigurationError(f"The data directory {path.parent} cannot be made: {error.strerror}.") from None
    if path.is_dir():
        raise ConfigurationError(f"{path} is a directory and cannot be the database; move it away.")
    try:
        path.touch(mode=0o600, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"The database file {path} cannot be written: {error.strerror}.") from None
