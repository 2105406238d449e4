"""The busiest statements go past SQLAlchemy on SQLite, and do and find the same."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    bindparam,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.exc import StatementError

from moorings.domain.credential import Status
from moorings.errors import Clash
from moorings.store import postgres, sqlite
from moorings.store.database import translated
from moorings.store.statement import every, first, run
from tests import postgresql

metadata = MetaData()
things = Table(
    "things", metadata,
    Column("name", String(20), primary_key=True), Column("size", Integer), Column("data", LargeBinary),
    Column("status", String(20)),
)  # fmt: skip
ADD = insert(things)
SIZED = select(things.c.name, things.c.size.label("how_large")).where(things.c.size >= bindparam("least")).limit(2)
BREAK = update(things).where(things.c.name == bindparam("of_name")).values(status=Status.INVALID, size=bindparam("to"))
ONE = text("SELECT * FROM things WHERE name = :name")
ROW = {"name": "a", "size": 1, "data": b"\x00\xff", "status": Status.VALID}


@pytest.fixture(params=["sqlite", "postgresql"])
def connection(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Connection]:
    if request.param == "sqlite":
        engine: Engine = sqlite.engine_for(tmp_path / "things.db")
    else:
        databases: postgresql.Server = request.getfixturevalue("databases")
        engine = postgres.engine_for(databases.empty())
    with engine.connect() as opened:
        metadata.create_all(opened)
        yield opened
    engine.dispose()


def added(connection: Connection, *names: str) -> None:
    for size, name in enumerate(names):
        run(connection, ADD, {**ROW, "name": name, "size": size})


def test_a_row_is_found_as_it_was_added(connection: Connection) -> None:
    run(connection, ADD, ROW)
    row = first(connection, ONE, {"name": "a"})
    assert (row.name, row.size, bytes(row.data), row.status) == ("a", 1, b"\x00\xff", "valid")
    assert first(connection, ONE, {"name": "b"}) is None


def test_the_values_that_a_statement_brings_itself_count(connection: Connection) -> None:
    added(connection, "a", "b", "c", "d")
    assert [(row.name, row.how_large) for row in every(connection, SIZED, {"least": 1})] == [("b", 1), ("c", 2)]
    assert run(connection, BREAK, {"of_name": "b", "to": 7}) == 1
    assert first(connection, ONE, {"name": "b"}).status == "invalid"
    assert run(connection, BREAK, {"of_name": "nobody", "to": 7}) == 0


def test_a_value_that_is_missing_is_an_error_and_not_a_null(connection: Connection) -> None:
    added(connection, "a")
    with pytest.raises((KeyError, StatementError)):
        run(connection, BREAK, {"of_name": "a"})


def test_what_contradicts_the_schema_is_a_clash(connection: Connection) -> None:
    added(connection, "a")
    with pytest.raises(Clash), translated():
        run(connection, ADD, ROW)
