"""What an operator should know of all owners' rows: which cannot be read, and which nobody reaches any more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from moorings.domain.environment import Environments
from moorings.store import soundness as rows
from moorings.store.database import Database
from moorings.store.soundness import Left


@dataclass(frozen=True, slots=True)
class Soundness:
    """Looks, and changes nothing."""

    database: Database
    environments: Environments

    async def odd(self) -> Mapping[str, int]:
        """How many rows hold what cannot be read, by what they are."""
        return await self.database.read(rows.odd)

    async def left(self) -> Sequence[Left]:
        """Credentials in environments that were taken out of `MOORINGS_ENVIRONMENTS`."""
        return await self.database.read(rows.left, self.environments.names)
