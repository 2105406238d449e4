"""Databases that do what a real one does at its worst."""

import asyncio
from typing import Any, ParamSpec, TypeVar

from moorings.store.database import Database, Work

P = ParamSpec("P")
T = TypeVar("T")


class Distant:
    """A real database behind a slow line: nothing tells at once of a change, and one answer can be held back.

    `reads` are the names of what was read; the next answer of `hold` stays on its way until `let_go`.
    """

    name = "distant"
    place = "nowhere"

    def __init__(self, inner: Database) -> None:
        self._inner = inner
        self.hold: object = None
        self.reads: list[str] = []
        self.reached, self.let_go = asyncio.Event(), asyncio.Event()

    async def read(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        self.reads.append(getattr(work, "__name__", ""))
        found = await self._inner.read(work, *args, **kwargs)
        if work is self.hold:
            self.hold = None
            self.reached.set()
            await self.let_go.wait()
        return found

    async def write(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._inner.write(work, *args, **kwargs)

    def room(self) -> int | None:
        return None

    def version(self) -> int | None:
        return None

    def close(self) -> None:
        self._inner.close()


class Failing:
    """Its disk is full, its file locked, or whatever `error` says.

    `times` for so many writes only, `after` so many good ones.
    """

    name = "failing"
    place = "nowhere"

    def __init__(self, inner: Database, error: Exception, times: int = 1_000, after: int = 0) -> None:
        self._inner, self._error, self._times, self._good = inner, error, times, after
        self.failed = 0

    async def read(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._inner.read(work, *args, **kwargs)

    async def write(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        self._good -= 1
        if self._good < 0 and self.failed < self._times:
            self.failed += 1
            raise self._error
        return await self._inner.write(work, *args, **kwargs)

    def room(self) -> int | None:
        return None

    def version(self) -> int | None:
        return self._inner.version()

    def close(self) -> None:
        self._inner.close()


class Unreadable(Failing):
    """The same for its reads."""

    async def read(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        if self.failed < self._times:
            self.failed += 1
            raise self._error
        return await self._inner.read(work, *args, **kwargs)


class Answering:
    """No database at all: every read finds what `answer` makes of its arguments."""

    name = "answering"
    place = "nowhere"

    def __init__(self, answer: Any) -> None:
        self._answer = answer
        self.reads = 0

    async def read(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        self.reads += 1
        found: T = self._answer(work, *args)
        return found

    async def write(self, work: Work[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await self.read(work, *args, **kwargs)

    def room(self) -> int | None:
        return None

    def version(self) -> int | None:
        return 1

    def close(self) -> None:
        pass
