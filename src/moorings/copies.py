"""Backup and restore for the command line: the database alone, for root keys are kept apart from it."""

from dataclasses import dataclass
from pathlib import Path

from moorings import settings
from moorings.app import Begin, now
from moorings.app.beginning import Beginning
from moorings.app.configuration import key_source
from moorings.errors import ConfigurationError
from moorings.settings import Settings
from moorings.store import copies
from moorings.store.opening import FILE
from moorings.vault.keyring import Keyring


@dataclass(frozen=True, slots=True)
class Copied:
    """A database that was copied; `keys` is where its root keys are, `aside` where what it replaced went."""

    file: Path
    keys: str
    keys_there: bool
    aside: Path | None = None


def back_up(data_dir: Path | None, folder: Path) -> Copied:
    """Copy the database beside the running server."""
    chosen = _on_sqlite(data_dir, "pg_dump takes its backup")
    file = chosen.data_dir / FILE
    if not file.exists() or file.stat().st_size == 0:
        Beginning(chosen, Keyring(key_source(chosen)), Begin.NEVER)(str(file.absolute()))
    return _copied(chosen, copies.back_up(chosen.data_dir, folder))


def restore(data_dir: Path | None, backup: Path) -> Copied:
    """Put a backup in the database's place, with the server stopped."""
    chosen = _on_sqlite(data_dir, "pg_restore or psql brings it back")
    aside = copies.restore(chosen.data_dir, backup, now())
    return _copied(chosen, chosen.data_dir / FILE, aside)


def _on_sqlite(data_dir: Path | None, how: str) -> Settings:
    chosen = settings.load(data_dir=data_dir)
    if chosen.database_url is not None:
        raise ConfigurationError(f"The database is PostgreSQL: {how}. docs/operating.md shows the commands.")
    return chosen


def _copied(chosen: Settings, file: Path, aside: Path | None = None) -> Copied:
    if chosen.root_keys is not None:
        return Copied(file, "MOORINGS_ROOT_KEYS", keys_there=True, aside=aside)
    keys = chosen.key_file
    return Copied(file, str(keys), keys_there=keys.exists(), aside=aside)
