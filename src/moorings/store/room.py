"""How much an owner may hold, checked in the transaction that adds to it: no two writers can pass it together.

What may be held is named when the database is opened (`MOST`), for whatever adds to it comes by here. To replace what
is there, or to delete it, is always possible, also where less is allowed than is held.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, select

from moorings.errors import QuotaReached
from moorings.store.statement import first
from moorings.store.tables import tallies

MOST = "moorings_most"
HELD = select(tallies.c.things, tallies.c.events).where(tallies.c.owner == bindparam("owner"))


class Tally(NamedTuple):
    """Things (credentials, installations, configurations, keys) and events; of what may be held, 0 is no limit."""

    things: int = 0
    events: int = 0


NO_LIMIT = Tally()


@contextmanager
def bounded(connection: Connection, owner: str) -> Iterator[None]:
    """Raise `QuotaReached` if the one row that is put within lets an owner hold more than it may."""
    most: Tally = connection.get_execution_options().get(MOST, NO_LIMIT)
    if most == NO_LIMIT:
        yield
        return
    before = held(connection, owner)
    yield
    # On SQLite nobody writes beside us: as long as there is room for one more, one look is enough. On PostgreSQL the
    # second one counts, behind the lock that our own row has got us. To lock before would be the other way round than
    # all others, who come by the rows first.
    if connection.dialect.name == "postgresql" or _full(before, most):
        _check(before, held(connection, owner), most)


def _full(before: Tally, most: Tally) -> bool:
    return any(limit and number >= limit for number, limit in zip(before, most, strict=True))


def _check(before: Tally, after: Tally, most: Tally) -> None:
    """Whether it has grown: to replace what is there takes no room."""
    if most.things and after.things > max(most.things, before.things):
        raise QuotaReached(
            f"This owner holds {most.things} credentials, installations, configurations and API keys, as many as it "
            "may; delete some that are not needed, or let the operator raise MOORINGS_QUOTA_THINGS."
        )
    if most.events and after.events > max(most.events, before.events):
        raise QuotaReached(
            f"{most.events} events of this owner are kept, as many as may be; let the operator raise "
            "MOORINGS_QUOTA_EVENTS, or lower MOORINGS_EVENT_DAYS."
        )


def held(connection: Connection, owner: str) -> Tally:
    """What an owner holds."""
    row = first(connection, HELD, {"owner": owner})
    return NO_LIMIT if row is None else Tally(row.things, row.events)
