"""Further processes on the same port."""

import asyncio
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.context import SpawnProcess

from moorings.errors import WorkerLost
from moorings.serving.server import Server, stop
from moorings.serving.start import Start
from moorings.settings import Settings

Children = Sequence[SpawnProcess]


@contextmanager
def beside(settings: Settings, start: Start, run: Callable[[Start], None]) -> Iterator[Children]:
    """As many as the settings want beside this one, ended in the end; raises `WorkerLost` where one ended by itself."""
    children = [_child(settings, start, run) for _ in range(settings.workers - 1)]
    try:
        yield children
        if any(not child.is_alive() for child in children):
            raise WorkerLost("A server process has ended by itself, and with it the whole server.")
    finally:
        for child in children:
            child.terminate()
            child.join()


async def watch(children: Children, server: Server) -> None:
    """A process that ends by itself ends the whole server, so that whoever supervises it notices."""
    while all(child.is_alive() for child in children) and not server.interrupt_signal:  # noqa: ASYNC110 - processes set no event
        await asyncio.sleep(1)
    stop(server)


def _child(settings: Settings, start: Start, run: Callable[[Start], None]) -> SpawnProcess:
    """It reads the variables itself, so that no secret travels between processes; what was typed it is told."""
    same = start.on(settings.port, settings.emulators_port)
    child = multiprocessing.get_context("spawn").Process(target=run, args=(same,), daemon=True)
    child.start()
    return child
