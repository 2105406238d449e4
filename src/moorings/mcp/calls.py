"""Calls under way: they tell how they go on, and end when their client does not want them any more."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

REPORT_SECONDS = 3.0

Report = Callable[[float], Awaitable[None]]
"""Tells the client how many seconds have passed."""

Name = tuple[str, str]
"""A session and the id of a request in it."""


class Cancelled(Exception):
    """The client has cancelled the call."""


class Calls:
    """Runs calls, each under the name by which its client can cancel it."""

    def __init__(self, seconds: float = REPORT_SECONDS) -> None:
        self._seconds = seconds
        self._running: dict[Name, asyncio.Task[Any]] = {}

    async def run(self, name: Name | None, work: Coroutine[Any, Any, T], report: Report) -> T:
        """What the work returns; raises `Cancelled`. Whoever cancels this cancels the work."""
        task = asyncio.create_task(work)
        task.add_done_callback(_heard)
        if name is not None:
            self._running[name] = task
        try:
            await self._reported(task, report)
            return task.result()
        except asyncio.CancelledError:
            if task.cancelled():
                raise Cancelled from None
            raise
        finally:
            task.cancel()
            if name is not None and self._running.get(name) is task:
                del self._running[name]

    def cancel(self, name: Name) -> None:
        """Cancel a call; nothing happens where none runs under this name."""
        if task := self._running.get(name):
            task.cancel()

    async def _reported(self, task: "asyncio.Task[Any]", report: Report) -> None:
        began = asyncio.get_running_loop().time()
        while not task.done():
            await report(asyncio.get_running_loop().time() - began)
            await asyncio.wait({task}, timeout=self._seconds)


def _heard(task: "asyncio.Task[Any]") -> None:
    """A failure that comes after nobody waits any more is no defect to be logged."""
    if not task.cancelled():
        task.exception()
