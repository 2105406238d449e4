"""Which bot an installation is, in the database; gone with the installation."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, text

from moorings.domain.bot import Delivery, InstalledBot
from moorings.store import attestations
from moorings.store.tables import bots

ADD = text(
    "INSERT INTO bots (installation_id, owner, type, claim, delivery, managed, attested_by, attestation) "
    "VALUES (:installation_id, :owner, :type, :claim, :delivery, :managed, :attested_by, :attestation) "
    "ON CONFLICT (owner, type, claim) DO NOTHING"
)
HOLDER = select(bots).where(
    bots.c.owner == bindparam("owner"), bots.c.type == bindparam("type"), bots.c.claim == bindparam("claim")
)
OF = select(bots).where(bots.c.owner == bindparam("owner"), bots.c.installation_id == bindparam("installation_id"))
OF_TYPE = select(bots).where(bots.c.owner == bindparam("owner"), bots.c.type == bindparam("type"))
MANAGED = select(bots).where(bots.c.type == bindparam("type"), bots.c.claim == bindparam("claim"), bots.c.managed == 1)


def add(connection: Connection, bot: InstalledBot) -> bool:
    """Insert one; False when this owner holds the bot already."""
    return connection.execute(ADD, attestations.attested(connection, bots, _row(bot))).rowcount > 0


def holder(connection: Connection, owner: str, type_id: str, claim: str) -> InstalledBot | None:
    """Where an owner holds a bot already."""
    return _first(connection.execute(HOLDER, {"owner": owner, "type": type_id, "claim": claim}))


def of(connection: Connection, owner: str, installation_id: str) -> InstalledBot | None:
    """Which bot an installation is; None for one that is no bot, or not one yet.

    Raises `RowAltered` for what we have not written so: another's token could be fetched for it.
    """
    row = connection.execute(OF, {"owner": owner, "installation_id": installation_id}).first()
    if row is None:
        return None
    attestations.check(connection, bots, row)
    return _bot(row)


def installed(connection: Connection, owner: str, type_id: str, itself: str) -> Sequence[str]:
    """The owner's installations of one bot, whichever environment they are for."""
    found = map(_bot, connection.execute(OF_TYPE, {"owner": owner, "type": type_id}))
    return [bot.installation_id for bot in found if bot.itself == itself]


def managed(connection: Connection, type_id: str, claim: str) -> Sequence[InstalledBot]:
    """Whoever holds a managed bot, whichever owner that is."""
    rows = connection.execute(MANAGED, {"type": type_id, "claim": claim})
    return [_bot(row) for row in attestations.sound(connection, bots, rows)]


def _first(found: Any) -> InstalledBot | None:
    row = found.first()
    return None if row is None else _bot(row)


def _row(bot: InstalledBot) -> dict[str, Any]:
    return {
        "installation_id": bot.installation_id,
        "owner": bot.owner,
        "type": bot.type,
        "claim": bot.claim,
        "delivery": bot.delivery,
        "managed": int(bot.managed),
    }


def _bot(row: Row[Any]) -> InstalledBot:
    return InstalledBot(
        row.installation_id, row.owner, row.type, row.claim, Delivery(row.delivery), managed=bool(row.managed)
    )
