"""Numbers that grow when something changes, by which other processes learn to forget what they cached."""

from sqlalchemy import Connection, bindparam, select, text

from moorings.store.statement import first
from moorings.store.tables import changes

ACCESS = "access"
"""API keys were revoked."""

ANNOUNCE = text(
    "INSERT INTO changes (topic, number) VALUES (:topic, 1) "
    "ON CONFLICT (topic) DO UPDATE SET number = changes.number + 1"
)
NUMBER = select(changes.c.number).where(changes.c.topic == bindparam("topic"))


def announce(connection: Connection, topic: str) -> None:
    """Let the topic's number grow."""
    connection.execute(ANNOUNCE, {"topic": topic})


def number(connection: Connection, topic: str) -> int:
    """The topic's number; 0 before the first change."""
    row = first(connection, NUMBER, {"topic": topic})
    return 0 if row is None else int(row.number)
