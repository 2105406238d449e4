"""Everything that an owner holds at one moment, without ciphertext."""

from typing import NamedTuple

from sqlalchemy import Connection

from moorings.domain.credential import CredentialState
from moorings.domain.installation import Installation
from moorings.domain.revocation import Revoking
from moorings.domain.vector import VectorConfig
from moorings.store import credentials, installations, revocations, vector_configs


class Holdings(NamedTuple):
    """Credentials of all places, installations (ended ones included), configurations, and what is being revoked."""

    credentials: tuple[CredentialState, ...]
    installations: tuple[Installation, ...]
    configurations: tuple[VectorConfig, ...]
    revoking: tuple[Revoking, ...] = ()


def of_owner(connection: Connection, owner: str, loaded: frozenset[str]) -> Holdings:
    """What one owner holds; unreadable is what none of the loaded root keys can open."""
    return Holdings(
        credentials.states(connection, owner, loaded),
        installations.of_owner(connection, owner),
        vector_configs.of_owner(connection, owner),
        revocations.of_owner(connection, owner),
    )
