"""What a database is to the services: `read(work)` and `write(work)`, nothing else.

`work` is a plain function over a connection. No network call can sit inside a transaction, for it could not be awaited.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, SQLAlchemyError

from moorings.errors import Clash, MooringsError, StoreBusy, StoreCorrupt, StoreFailed, StoreFull

P = ParamSpec("P")
T = TypeVar("T")
Work = Callable[Concatenate[Connection, P], T]

_FULL = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR})
_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_CORRUPT = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
# deadlock, serialisation failure, lock not available
_POSTGRES_BUSY = frozenset({"40P01", "40001", "55P03"})
_POSTGRES_FULL, _POSTGRES_CORRUPT = "53100", "XX001"


class Database(Protocol):
    """One contract, kept by SQLite and PostgreSQL alike."""

    name: str
    place: str
    """Where it is, for whoever operates it: a file, or a host with a database's name; never a password."""

    async def read(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What the work finds; it sees everything that was written before."""
        ...

    async def write(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do the work in a transaction; it returns when the change is durable, and raises when nothing was changed."""
        ...

    def version(self) -> int | None:
        """A number that differs whenever anything was committed since; None where that cannot be told at once."""
        ...

    def room(self) -> int | None:
        """How many bytes its disk has left; None where that cannot be told from here."""
        ...

    def close(self) -> None:
        """Finish waiting writes and let go of the database."""
        ...


@contextmanager
def translated() -> Iterator[None]:
    """Turn the driver's exceptions into ours; their text holds statements and values and goes no further."""
    try:
        yield
    except MooringsError:
        raise
    except DBAPIError as error:
        raise _ours(error) from None
    except SQLAlchemyError:
        raise StoreFailed("The database could not do this; nothing was changed. Run `moorings doctor`.") from None
    except sqlite3.Error as error:
        raise _sqlite(error) from None


def _ours(error: DBAPIError) -> StoreFailed:
    if isinstance(error, IntegrityError):
        return _clash()
    return _sqlite(error.orig) if isinstance(error.orig, sqlite3.Error) else _postgres(error)


def _postgres(error: DBAPIError) -> StoreFailed:
    state = getattr(error.orig, "sqlstate", None)
    if state == _POSTGRES_FULL:
        return StoreFull("The database's disk is full; nothing was changed. Free some room and try again.")
    if state == _POSTGRES_CORRUPT:
        return StoreCorrupt("The database reports damaged data; restore it from a backup.")
    if state in _POSTGRES_BUSY:
        return StoreBusy("Another program holds what this needs; nothing was changed. Try again in a moment.")
    if isinstance(error, OperationalError):
        return StoreFailed("The database cannot be reached; nothing was changed. Is it running?")
    return StoreFailed("The database could not do this; nothing was changed. The log names the kind of failure.")


def _clash() -> Clash:
    return Clash("The change contradicts what is stored; nothing was changed.")


def _sqlite(error: sqlite3.Error) -> StoreFailed:
    if isinstance(error, sqlite3.IntegrityError):
        return _clash()
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _FULL:
        return StoreFull("The database's disk is full or fails; nothing was changed. Free some room and try again.")
    if code in _BUSY:
        return StoreBusy("Another program holds the database; nothing was changed. Try again in a moment.")
    if code in _CORRUPT:
        return StoreCorrupt("The database file is damaged; stop the server and restore it from a backup.")
    return StoreFailed("The database could not do this; nothing was changed. Run `moorings doctor`.")
