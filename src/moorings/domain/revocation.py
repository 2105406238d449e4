"""A credential that is deleted here and that its provider has not revoked yet."""

from dataclasses import dataclass
from datetime import datetime

from moorings.domain.audit import AuditEntry
from moorings.domain.credential import CredentialRef, Revision, StoredSecret
from moorings.domain.environment import Environment
from moorings.domain.secret import Sealed


@dataclass(frozen=True, slots=True)
class Revoking:
    """What may be shown of it: what was deleted, since when, and what the provider said last.

    `integration` is the catalogue id, `integration_id` that or the id of an installation, which may be gone.
    """

    id: str
    integration: str
    integration_id: str
    environment: Environment
    since: datetime
    problem: str | None


@dataclass(frozen=True, slots=True)
class PendingRevocation:
    """What is kept until the provider has confirmed, or a week has passed: the sealed bytes, and whose they were.

    `integration` is the catalogue id, `ref` the place that they were deleted from, `actor` who deleted them, `bot`
    which bot they were of, for an installation of one.
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
    bot: str | None = None

    @property
    def stored(self) -> StoredSecret:
        """The same as the vault opens it."""
        return StoredSecret(self.ref, self.integration, self.sealed, self.field_names, self.revision.id, self.revision)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of telling a provider: the entry for the audit, and what is to be tried on."""

    entry: AuditEntry
    pending: PendingRevocation | None
