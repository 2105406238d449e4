"""Notices when the tools of whoever listens change, and when his key is revoked, here or by another process."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import groupby

from moorings.domain.caller import Caller
from moorings.domain.environment import Environment
from moorings.errors import Forbidden, MooringsError, TooManyStreams, Unauthenticated
from moorings.mcp.asking import Asking
from moorings.mcp.sessions import fingerprint
from moorings.services.access import Access
from moorings.services.execution import Execution

SECONDS = 1.0
STREAMS_AT_MOST = 100
"""How many streams one API key may hold open in one process."""

log = logging.getLogger(__name__)

Call = Callable[[], None]


@dataclass(slots=True, eq=False)
class _Follower:
    """One open stream: whom it serves, what he knows, and how he is told of a change or of the end."""

    asking: Asking
    seen: bytes
    tell: Call
    end: Call


class Watch:
    """Looks once a second while anybody listens. Where nothing was committed since, a look costs no read."""

    def __init__(self, access: Access, execution: Execution, seconds: float = SECONDS) -> None:
        self._access, self._execution, self._seconds = access, execution, seconds
        self._followers: list[_Follower] = []
        self._task: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def following(self, asking: Asking, tell: Call, end: Call, seen: bytes | None = None) -> AsyncIterator[None]:
        """Call `tell` at every change since `seen`, and `end` when the key is good no more; neither may block.

        Raises `TooManyStreams` when the key holds as many as it may.
        """
        if sum(each.asking.caller.id == asking.caller.id for each in self._followers) >= STREAMS_AT_MOST:
            raise TooManyStreams(f"This API key holds {STREAMS_AT_MOST} open streams; end one and try again.")
        known = seen or await self._fingerprint(asking.caller, asking.environment)
        follower = _Follower(asking, known, tell, end)
        self._followers.append(follower)
        if self._task is None:
            self._task = asyncio.create_task(self._forever())
        try:
            yield
        finally:
            self._followers.remove(follower)
            if not self._followers:
                self._task.cancel()
                self._task = None

    def end_all(self) -> None:
        """End every stream."""
        for follower in list(self._followers):
            follower.end()

    async def _forever(self) -> None:
        while True:
            await asyncio.sleep(self._seconds)
            for asking, followers in _grouped(self._followers):
                try:
                    await self._look(asking, followers)
                except MooringsError as error:
                    log.warning("the tools of a listener could not be looked at", extra={"code": error.code})
                except Exception:
                    log.exception("looking at the tools of a listener met a defect")

    async def _look(self, asking: Asking, followers: list[_Follower]) -> None:
        try:
            caller = await self._access.caller(asking.key.reveal())
            now = await self._fingerprint(caller, asking.environment)
        except (Unauthenticated, Forbidden):
            for follower in followers:
                follower.end()
            return
        for follower in followers:
            if follower.seen != now:
                follower.seen = now
                follower.tell()

    async def _fingerprint(self, caller: Caller, environment: Environment) -> bytes:
        return fingerprint([tool.name for tool in await self._execution.runnable(caller, environment)])


def _grouped(followers: list[_Follower]) -> Iterator[tuple[Asking, list[_Follower]]]:
    """Those of one key and environment, who all see the same."""

    def place(follower: _Follower) -> tuple[str, str]:
        return follower.asking.caller.id, follower.asking.environment or ""

    for _, group in groupby(sorted(followers, key=place), place):
        together = list(group)
        yield together[0].asking, together
