"""How much room an owner's kept answers may take, for whoever can run a tool can choose how long its answer is."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from moorings.domain.ids import Clock
from moorings.store import idempotency as rows
from moorings.store.database import Database

LARGEST = 256 * 1024
"""How many bytes of one answer are kept."""
OWNERS = 64 * 1024 * 1024
"""How many bytes of answers are kept for one owner."""
UNASKED = OWNERS // 64
"""What a process adds before it asks how much is there: most owners never come so far."""
AGAIN = timedelta(minutes=1)
KNOWN = 10_000


@dataclass(slots=True)
class _Taken:
    """The bytes of one owner as far as this process knows, and when it has counted them."""

    size: int = 0
    counted_at: datetime | None = None


class AnswerRoom:
    """Each process counts what it adds, and looks at the whole when that says that there is no room left."""

    def __init__(self, database: Database, now: Clock) -> None:
        self._database, self._now = database, now
        self._owners: dict[str, _Taken] = {}

    async def takes(self, owner: str, size: int) -> bool:
        """Whether there is room for an answer of that many bytes, which then is taken."""
        if size > LARGEST:
            return False
        taken = self._of(owner)
        if taken.size + size > (UNASKED if taken.counted_at is None else OWNERS):
            await self._count(owner, taken)
        if taken.size + size > OWNERS:
            return False
        taken.size += size
        return True

    def _of(self, owner: str) -> _Taken:
        if owner not in self._owners and len(self._owners) >= KNOWN:
            del self._owners[next(iter(self._owners))]
        return self._owners.setdefault(owner, _Taken())

    async def _count(self, owner: str, taken: _Taken) -> None:
        """Counting walks through all of the owner's answers: once a minute at most."""
        now = self._now()
        if taken.counted_at is None or now >= taken.counted_at + AGAIN:
            taken.counted_at = now
            taken.size = await self._database.read(rows.size, owner)
