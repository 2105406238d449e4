"""Each owner's share of the connections to providers: whose provider is slow does not take the room of all others."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

from moorings.domain.behalf import OWNER
from moorings.errors import TooManyUnderWay


@dataclass(slots=True)
class _Share:
    """The turns of one owner, and how many requests have one or wait for it."""

    turns: asyncio.Semaphore
    users: int = 0


class Shares:
    """Counts the requests under way in this process; `most` is how many of one owner may be, 0 for no limit.

    Who finds the share used up waits for a turn, the longest waiting first.
    """

    def __init__(self, most: int = 0) -> None:
        self._most, self._shares = most, dict[str, _Share]()
        self.under_way = self.refused = 0

    @asynccontextmanager
    async def taken(self, until: float) -> AsyncIterator[None]:
        """A part of the share of whoever this task asks for; raises `TooManyUnderWay` when none is free by then.

        `until` is a moment of the loop's clock.
        """
        owner = OWNER.get()
        if owner is None or not self._most:
            with self._counted():
                yield
            return
        share = self._shares.setdefault(owner, _Share(asyncio.Semaphore(self._most)))
        share.users += 1
        try:
            await self._turn(share, until)
            try:
                with self._counted():
                    yield
            finally:
                share.turns.release()
        finally:
            share.users -= 1
            if not share.users:
                del self._shares[owner]

    @contextmanager
    def _counted(self) -> Iterator[None]:
        self.under_way += 1
        try:
            yield
        finally:
            self.under_way -= 1

    async def _turn(self, share: _Share, until: float) -> None:
        try:
            async with asyncio.timeout_at(until):
                await share.turns.acquire()
        except TimeoutError:
            self.refused += 1
            raise TooManyUnderWay(
                f"All keys of this owner together have {self._most} calls to providers under way, and none of them "
                "ended in time; try again later."
            ) from None
