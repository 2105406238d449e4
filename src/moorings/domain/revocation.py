"""A credential that is deleted here and that its provider has not revoked yet."""

from dataclasses import dataclass
from datetime import datetime

from moorings.domain.credential import CredentialRef, Revision, StoredSecret
from moorings.domain.environment import Environment
from moorings.domain.secret import Sealed


@dataclass(frozen=True, slots=True)
class Revoking:
    """What may be shown of it: since when, and what the provider said last."""

    id: str
    integration_id: str
    environment: Environment
    since: datetime
    problem: str | None


@dataclass(frozen=True, slots=True)
class PendingRevocation:
    """What is kept until the provider has confirmed, or a week has passed: the sealed bytes, and whose they were.

    `integration` is the catalogue id, `ref` the place that they were deleted from, `actor` who deleted them.
    """

    id: str
    integration: str
    ref: CredentialRef
    sealed: Sealed
    field_names: tuple[str, ...]
    revision: Revision
    since: datetime
    actor: str
    problem: str | None = None

    @property
    def stored(self) -> StoredSecret:
        """The same as the vault opens it."""
        return StoredSecret(self.ref, self.integration, self.sealed, self.field_names, self.revision.id, self.revision)
