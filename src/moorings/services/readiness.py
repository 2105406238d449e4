"""Whether calls can be served: the database reads, its disk takes more, and every root key that is needed is here."""

from dataclasses import dataclass

from moorings.errors import StoreFull, WrongRootKey
from moorings.services.root_keys import RootKeys
from moorings.store.database import Database

LEAST = 1024 * 1024
"""Bytes without which a write soon fails; SQLite writes twice what it keeps."""

LITTLE = 256 * 1024 * 1024
"""Bytes below which an operator wants to hear of it."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """Asked by load balancers, without a key: it writes nothing."""

    root_keys: RootKeys
    database: Database

    async def check(self) -> None:
        """Raises `WrongRootKey` or a `StoreFailed` where a call could not be served."""
        missing = [view.id for view in await self.root_keys.every() if view.missing]
        if missing:
            raise WrongRootKey("A root key is not loaded; restore it from its backup. `moorings doctor` names it.")
        room = self.room
        if room is not None and room < LEAST:
            raise StoreFull("The database's disk is full; reading goes on. Free some room.")

    @property
    def room(self) -> int | None:
        """Bytes that the database's disk has left."""
        return self.database.room()
