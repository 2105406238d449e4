"""An owner: the organisation or user to whom credentials and keys belong."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Owner:
    """Nothing of one owner is ever visible to another."""

    id: str
    name: str
    created_at: datetime
