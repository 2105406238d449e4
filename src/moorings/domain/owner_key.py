"""An owner's key as it is kept: wrapped by a root key."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """An owner key's ciphertext; the one with the highest generation seals, older ones only open."""

    id: str
    owner: str
    generation: int
    root_key_id: str
    wrapped: bytes
    created_at: datetime


@dataclass(frozen=True, slots=True)
class CheckValue:
    """Tells whether a loaded root key is the one a database was sealed with, without being that key."""

    root_key_id: str
    value: bytes
