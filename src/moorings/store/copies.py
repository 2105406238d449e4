"""The SQLite file copied whole beside a running server, and put back where none runs."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path

from moorings.errors import InvalidRequest, StoreCorrupt
from moorings.store.database import translated
from moorings.store.holding import alone
from moorings.store.opening import FILE

# In this order: a file without its -wal is served as if nothing were lost, a -wal without its file is not.
_PARTS = (FILE, f"{FILE}-wal", f"{FILE}-shm", f"{FILE}-journal")


def back_up(data_dir: Path, folder: Path) -> Path:
    """The database of one moment, written into a folder that holds none yet; its path."""
    target = folder / FILE
    if target.exists():
        raise InvalidRequest(f"{target} is there already; name another directory.")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _copied(data_dir / FILE, target) as fresh:
        fresh.replace(target)
    _sync(folder)
    return target


def restore(data_dir: Path, backup: Path, now: datetime) -> Path | None:
    """Put a backup in the database's place; where what stood there went, None where nothing did.

    Nothing is touched before the backup was read whole. Raises `StoreBusy` while somebody has the directory open.
    """
    source = backup / FILE if backup.is_dir() else backup
    if not source.is_file() or source.stat().st_size == 0:
        raise InvalidRequest(f"{source} is no backup; name the directory that `moorings backup` wrote.")
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    with alone(data_dir), _copied(source, data_dir / FILE) as fresh:
        aside = _move_aside(data_dir, now)
        fresh.replace(data_dir / FILE)
        _sync(data_dir)
    return aside


@contextmanager
def _copied(source: Path, target: Path) -> Iterator[Path]:
    """A copy beside the target, on disk and looked over; gone where it was not moved into place."""
    fresh = target.with_name(f"{FILE}.new")
    try:
        fresh.unlink(missing_ok=True)
        os.close(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        with translated():
            _copy(source, fresh)
        _sync(fresh)
        yield fresh
    except OSError as error:
        raise InvalidRequest(f"{target.parent} cannot be written: {error.strerror}.") from None
    finally:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)


def _copy(source: Path, fresh: Path) -> None:
    with (
        closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as there,
        closing(sqlite3.connect(fresh)) as here,
    ):
        there.backup(here)
        here.execute("PRAGMA journal_mode=DELETE")  # one file, with nothing beside it
        if here.execute("PRAGMA quick_check").fetchone() != ("ok",):
            raise StoreCorrupt(f"{source} is damaged; take another backup.")
        if not here.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone():
            raise InvalidRequest(f"{source} holds no database of Moorings.")


def _move_aside(data_dir: Path, now: datetime) -> Path | None:
    present = [name for name in _PARTS if (data_dir / name).exists()]
    if not present:
        return None
    aside = data_dir / f"replaced-{now:%Y%m%dT%H%M%S.%fZ}"
    aside.mkdir(mode=0o700)
    for name in present:
        (data_dir / name).rename(aside / name)
    _sync(aside)
    return aside


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
