"""Lets a test that is written for `Moorings` try `AsyncMoorings` too."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from inspect import iscoroutine
from typing import Any, cast

from moorings.client import AsyncMoorings, Moorings


class Awaited:
    """Whatever it stands for, with every coroutine run to its end."""

    def __init__(self, inner: object, run: Callable[[Any], Any]) -> None:
        self._inner, self._run = inner, run

    def __getattr__(self, name: str) -> "Awaited":
        return Awaited(getattr(self._inner, name), self._run)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        sent = self._inner(*args, **kwargs)  # type: ignore[operator]  # it is a call by then
        assert iscoroutine(sent), "a call of the asynchronous client is awaited"
        return self._run(sent)

    def __repr__(self) -> str:
        return repr(self._inner)


@contextmanager
def waiting(*args: Any, **kwargs: Any) -> Iterator[Moorings]:
    """The client that answers at once."""
    with Moorings(*args, **kwargs) as client:
        yield client


@contextmanager
def awaited(*args: Any, **kwargs: Any) -> Iterator[Moorings]:
    """The one that is awaited, in the shape of the other."""
    with asyncio.Runner() as runner:
        client = AsyncMoorings(*args, **kwargs)
        yield cast("Moorings", Awaited(client, runner.run))
        runner.run(client.close())
