"""Turns at a forward address: a slow one may not take the room of all others."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turns:
    """Counts what is under way at each place, in this process."""

    def __init__(self) -> None:
        self._under_way: Counter[str] = Counter()
        self._ended = asyncio.Condition()

    @asynccontextmanager
    async def taken(self, place: str, most: int, patience: float) -> AsyncIterator[bool]:
        """Take one of so many turns, waiting that many seconds for it; False when none came free."""
        if not await self._take(place, most, patience):
            yield False
            return
        try:
            yield True
        finally:
            await self._give_back(place)

    async def _take(self, place: str, most: int, patience: float) -> bool:
        if self._under_way[place] >= most and not await self._freed(place, most, patience):
            return False
        self._under_way[place] += 1
        return True

    async def _freed(self, place: str, most: int, patience: float) -> bool:
        try:
            async with asyncio.timeout(patience), self._ended:
                return await self._ended.wait_for(lambda: self._under_way[place] < most)
        except TimeoutError:
            return False

    async def _give_back(self, place: str) -> None:
        self._under_way[place] -= 1
        if not self._under_way[place]:
            del self._under_way[place]
        async with self._ended:
            self._ended.notify_all()
