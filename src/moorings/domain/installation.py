"""An installation: one connected instance of an integration."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from moorings.domain.credential import Account
from moorings.domain.environment import Environment

PENDING_FOR = timedelta(hours=24)
"""How long a reserved installation waits for its credentials."""


class InstallationStatus(StrEnum):
    """Where an installation stands."""

    PENDING = "pending"
    CONNECTED = "connected"
    FAILING = "failing"


@dataclass(frozen=True, slots=True)
class Installation:
    """One connected instance, or a reserved one that waits for its credentials until `expires_at`.

    `problem` is why its provider, `forward_problem` why its forward address does not work any more, for a person.
    """

    id: str
    owner: str
    type: str
    name: str
    environment: Environment
    status: InstallationStatus
    forward_url: str | None
    created_at: datetime
    updated_at: datetime
    account: Account | None = None
    verified_at: datetime | None = None
    expires_at: datetime | None = None
    problem: str | None = None
    forward_problem: str | None = None

    @property
    def forwards(self) -> bool:
        """Whether its events are passed on."""
        return self.forward_url is not None and self.forward_problem is None

    def expired(self, now: datetime) -> bool:
        """Whether a pending one waited too long; computed here so that no worker needs to have run."""
        return self.status is InstallationStatus.PENDING and self.expires_at is not None and now >= self.expires_at
