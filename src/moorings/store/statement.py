"""Runs the busiest statements: on SQLite by the driver itself, compiled once; on PostgreSQL as SQLAlchemy does.

A statement of SQLite takes a few microseconds, and SQLAlchemy's way to it a hundred. In the writer's thread it is worse
than it looks, for all that time the interpreter is kept from the event loop.
"""

from collections import namedtuple
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ClauseElement, Connection
from sqlalchemy.dialects.sqlite import dialect

STATEMENTS = 512
_SQLITE = dialect(paramstyle="qmark")


class _Ready(NamedTuple):
    """A statement's text for the driver, the names of its places in order, and the values it brings itself."""

    text: str
    names: tuple[str, ...]
    own: Mapping[str, Any]


def run(connection: Connection, statement: Any, values: Mapping[str, Any]) -> int:
    """Do it, and say how many rows an update or deletion changed."""
    if connection.dialect.name != "sqlite":
        return connection.execute(statement, values).rowcount
    changed: int = _executed(connection, statement, values).rowcount
    return changed


def first(connection: Connection, statement: Any, values: Mapping[str, Any]) -> Any:
    """The first row, its columns by name; None when there is none."""
    if connection.dialect.name != "sqlite":
        return connection.execute(statement, values).first()
    cursor = _executed(connection, statement, values)
    row = cursor.fetchone()
    cursor.close()
    return None if row is None else _shape(cursor.description)._make(row)


def every(connection: Connection, statement: Any, values: Mapping[str, Any]) -> Sequence[Any]:
    """All rows, their columns by name."""
    if connection.dialect.name != "sqlite":
        return connection.execute(statement, values).all()
    cursor = _executed(connection, statement, values)
    return [*map(_shape(cursor.description)._make, cursor.fetchall())]


def _executed(connection: Connection, statement: Any, values: Mapping[str, Any]) -> Any:
    ready = _ready(statement)
    driver: Any = connection.connection.driver_connection
    given = {**ready.own, **values} if ready.own else values
    return driver.execute(ready.text, [given[name] for name in ready.names])


@lru_cache(maxsize=STATEMENTS)
def _ready(statement: ClauseElement) -> _Ready:
    """Statements are constants of their modules, and so each is compiled once."""
    compiled: Any = statement.compile(dialect=_SQLITE)
    own = {name: compiled.params[name] for place, name in compiled.bind_names.items() if not place.required}
    return _Ready(str(compiled), tuple(compiled.positiontup), own)


@lru_cache(maxsize=STATEMENTS)
def _shape(description: tuple[tuple[str, ...], ...]) -> Any:
    return namedtuple("Row", [column[0] for column in description])  # noqa: PYI024 - its fields are known at run time
