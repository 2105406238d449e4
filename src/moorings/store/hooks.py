"""What must be known of an installation when its provider calls."""

from dataclasses import dataclass

from sqlalchemy import Connection, and_, bindparam, select

from moorings.domain.installation import Installation
from moorings.store import installations as rows
from moorings.store.statement import first
from moorings.store.tables import credentials, installations

FIND = (
    select(installations, credentials.c.revision)
    .select_from(
        installations.outerjoin(
            credentials,
            and_(
                credentials.c.owner == installations.c.owner,
                credentials.c.integration_id == installations.c.id,
                credentials.c.environment == installations.c.environment,
            ),
        )
    )
    .where(installations.c.id == bindparam("id"), installations.c.type == bindparam("type"))
)


@dataclass(frozen=True, slots=True)
class Hook:
    """An installation, and which writing of its credential is the present one; None for one that waits for it."""

    installation: Installation
    revision: str | None


def find(connection: Connection, integration_id: str, installation_id: str) -> Hook | None:
    """An installation of this integration, whoever owns it."""
    row = first(connection, FIND, {"id": installation_id, "type": integration_id})
    return None if row is None else Hook(rows.installation_of(row), row.revision)
