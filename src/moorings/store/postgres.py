"""PostgreSQL 14 or newer, by one URL; calls run in threads, for psycopg and SQLAlchemy cost the least that way."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, make_url
from sqlalchemy.exc import ArgumentError

from moorings.errors import ConfigurationError, StoreFailed
from moorings.store.database import Work, translated

P = ParamSpec("P")
T = TypeVar("T")

CONNECTIONS = 16
LOCK_TIMEOUT, CONNECT_SECONDS = "5s", 5
_NO_ADDRESS = "MOORINGS_DATABASE_URL is not an address such as postgresql://user@host/name."


class PostgresDatabase:
    """A pool of connections, one thread for each."""

    name = "postgresql"

    def __init__(self, url: str, connections: int = CONNECTIONS, options: Mapping[str, Any] | None = None) -> None:
        self.place = place_of(url)
        self._engine = engine_for(url, connections).execution_options(**(options or {}))
        self._threads = ThreadPoolExecutor(connections, thread_name_prefix="moorings-store")

    async def read(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """See `Database.read`."""
        return await self._run(lambda connection: work(connection, *args, **kwargs))

    async def write(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """See `Database.write`."""
        return await self._run(lambda connection: work(connection, *args, **kwargs))

    def version(self) -> int | None:
        """See `Database.version`."""
        return None

    def room(self) -> int | None:
        """See `Database.room`."""
        return None

    def close(self) -> None:
        """See `Database.close`."""
        self._threads.shutdown(wait=True)
        self._engine.dispose()

    async def _run(self, work: Callable[[Connection], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, self._transact, work)
        except RuntimeError as error:
            if "shutdown" in str(error):
                raise StoreFailed("The server is shutting down; nothing was changed.") from None
            raise

    def _transact(self, work: Callable[[Connection], T]) -> T:
        try:
            with translated(), self._engine.begin() as connection:
                return work(connection)
        except StopIteration:  # a future takes any error but this one
            raise RuntimeError("the work raised StopIteration") from None


def place_of(url: str) -> str:
    """Where the address leads, without its user and password."""
    given = _read(url)
    return f"{given.host or 'localhost'}:{given.port or 5432}/{given.database or ''}"


def engine_for(url: str, connections: int = CONNECTIONS) -> Engine:
    """An engine on psycopg 3; raises `ConfigurationError` without repeating the address, which may hold a password."""
    address = _read(url).set(drivername="postgresql+psycopg")
    return create_engine(
        address,
        pool_size=connections,
        max_overflow=0,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={"options": f"-c lock_timeout={LOCK_TIMEOUT}", "connect_timeout": CONNECT_SECONDS},
    )


def _read(url: str) -> URL:
    try:
        given = make_url(url)
    except (ArgumentError, ValueError):
        raise ConfigurationError(_NO_ADDRESS) from None
    if given.get_backend_name() not in ("postgresql", "postgres"):
        raise ConfigurationError(_NO_ADDRESS)
    return given
