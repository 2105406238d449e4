"""A server on a real socket of this machine, for as long as a `with` lasts."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from granian.constants import Interfaces
from granian.server.embed import Server

HOST = "127.0.0.1"
PATIENCE = 10.0


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(application: Any) -> Iterator[str]:
    """The address of an ASGI application, served by granian in a thread with a loop of its own."""
    port = free_port()
    serving_thread = _Thread(application, port)
    serving_thread.start()
    try:
        _wait_until_open(port)
        yield f"http://{HOST}:{port}"
    finally:
        serving_thread.stop()


class _Thread(threading.Thread):
    def __init__(self, application: Any, port: int) -> None:
        super().__init__(name=f"granian-{port}")
        self._application, self._port = application, port
        self._loop = asyncio.new_event_loop()
        self._server: Server | None = None

    def run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        self._server = Server(
            self._application, HOST, self._port, interface=Interfaces.ASGI, websockets=False, log_enabled=False
        )
        await self._server.serve()

    def stop(self) -> None:
        if self._server is not None:
            self._loop.call_soon_threadsafe(self._server.stop)
        self.join(PATIENCE)
        # granian's own threads end a moment later; an interpreter that finalizes under them is aborted.
        time.sleep(0.3)


def _wait_until_open(port: int) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)
        else:
            return
