"""A server on one port, and how it is stopped."""

import asyncio
import signal
from collections.abc import Awaitable, Callable

from granian.constants import Interfaces
from granian.server.embed import Server

__all__ = ["GRACE_SECONDS", "Asgi", "Server", "server", "stop", "stop_on_signals"]

GRACE_SECONDS = 0.3
"""Granian's own threads end a moment after it says so; an interpreter that ends before them is aborted."""

Asgi = Callable[..., Awaitable[None]]


def server(asgi: Asgi, host: str, port: int) -> Server:
    """A server that serves when it is told to."""
    # Granian calls embedding experimental at every start; docs/adr/0005-embedded-granian.md tells why we do it.
    return Server(
        asgi, address=host, port=port, interface=Interfaces.ASGINL, websockets=False, log_enabled=False, backlog=1024
    )


def stop(*servers: Server) -> None:
    """Take no more calls, and end when those under way are answered."""
    for each in servers:
        each.stop()  # type: ignore[no-untyped-call]  # granian types it not


def stop_on_signals(*servers: Server) -> "asyncio.Task[bool]":
    """Stop the servers at SIGINT and SIGTERM; the task ends when that happens."""
    loop, signalled = asyncio.get_running_loop(), asyncio.Event()

    def heard() -> None:
        signalled.set()
        stop(*servers)

    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, heard)
    return asyncio.create_task(signalled.wait())
