"""The notary's word that a row is as we wrote it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Attestation:
    """A keyed hash of what a row says, and the root key that it was made with; the database holds no such key."""

    root_key_id: str
    mac: bytes


@dataclass(frozen=True, slots=True)
class AlteredRow:
    """A row that no attestation fits: changed, added or put together past Moorings; `id` is its primary key.

    `root_key_id` is which root key it says it was attested with; one that is not loaded can tell nothing.
    """

    table: str
    id: str
    root_key_id: str | None
