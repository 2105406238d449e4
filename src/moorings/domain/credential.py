"""Credentials: sealed fields under owner, integration and environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Literal

from moorings.domain.check import FAILING_AFTER
from moorings.domain.environment import Environment
from moorings.domain.secret import Sealed

HIDDEN: Final = False
"""Stands for the preview of a field of which nothing is shown, not even that it is there."""

Preview = str | Literal[False] | None
"""The published prefix and the last characters; None for a value too short for that."""


class Status(StrEnum):
    """What is known of a stored credential."""

    UNVERIFIED = "unverified"
    VALID = "valid"
    INVALID = "invalid"
    EXPIRED = "expired"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Account:
    """What the provider says we are."""

    id: str | None
    label: str | None


@dataclass(frozen=True, slots=True)
class Verification:
    """A provider's yes: the account it belongs to, and what a person should know about a limited key."""

    account: Account | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class CredentialRef:
    """The place of one credential; `integration_id` is a catalogue id or an installation's."""

    owner: str
    integration_id: str
    environment: Environment


@dataclass(frozen=True, slots=True)
class Revision:
    """Which writing of a record this is, stamped by the vault so that an old row put back is noticed."""

    id: str
    stamp: bytes


@dataclass(frozen=True, slots=True)
class Credential:
    """A credential as it is kept: ciphertext, and beside it only what may be shown.

    `integration` is the catalogue id whose hosts alone it is shown to; `check_due_at` is when its provider is asked
    again by itself whether it still works, None for never.
    """

    ref: CredentialRef
    integration: str
    sealed: Sealed
    revision: Revision
    previews: Mapping[str, Preview]
    status: Status
    account: Account | None
    verified_at: datetime | None
    saved_at: datetime
    expires_at: datetime | None = None
    check_due_at: datetime | None = None

    @property
    def shown(self) -> Mapping[str, str | None]:
        """The previews of what may be shown."""
        return {name: preview for name, preview in self.previews.items() if preview is not HIDDEN}


@dataclass(frozen=True, slots=True)
class CredentialState:
    """What a status answer needs: no ciphertext, so that listing never touches a secret column.

    `integration` is what it was sealed for; `reason` is why the last check failed and `failures` how many have in a
    row, None and 0 after a good one.
    """

    integration_id: str
    environment: Environment
    previews: Mapping[str, str | None]
    status: Status
    account: Account | None
    verified_at: datetime | None
    last_used_at: datetime | None
    expires_at: datetime | None
    updated_at: datetime
    reason: str | None = None
    failures: int = 0
    last_used_by: str | None = None
    integration: str = ""

    @property
    def failing(self) -> bool:
        """Whether checks have failed often enough to say so, whatever the provider may have been."""
        return self.failures >= FAILING_AFTER


@dataclass(frozen=True, slots=True)
class StoredSecret:
    """What is needed to open a credential: its ciphertext, the revision beside it and the revision last stamped.

    `integration` is the catalogue id that it was sealed for, as its row says.
    """

    ref: CredentialRef
    integration: str
    sealed: Sealed
    field_names: tuple[str, ...]
    revision_id: str
    current: Revision | None
