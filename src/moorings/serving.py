"""Runs the server: one process on SQLite, several on PostgreSQL, the stand-ins beside it if wished."""

import asyncio
import logging
import multiprocessing
import signal
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from granian.constants import Interfaces
from granian.server.embed import Server

from moorings import app, logs
from moorings.domain.caller import Scope
from moorings.emulators.registry import all_emulators
from moorings.emulators.server import EmulatorServer
from moorings.errors import ConfigurationError
from moorings.http import application
from moorings.services.api_keys import KeyWish
from moorings.services.hub import Hub
from moorings.services.owners import administrator
from moorings.settings import Settings, load

# Granian's own threads end a moment after it says so; an interpreter that ends before them is aborted.
GRACE_SECONDS = 0.3

log = logging.getLogger(__name__)

Asgi = Callable[..., Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Started:
    """What a person wants to know once the server answers."""

    address: str
    integrations: int
    admin_key: str | None
    key_file: str | None
    emulators: str | None


Announce = Callable[[Started], None]


def serve(settings: Settings, announce: Announce) -> None:
    """Serve until SIGINT or SIGTERM."""
    logs.configure(settings.log_level, settings.log_format)
    port = free_port(settings.host, settings.port)
    settings = settings.model_copy(update={"port": port})
    children = [_child(settings) for _ in range(settings.workers - 1)]
    try:
        asyncio.run(_serve(settings, announce, children))
    finally:
        for child in children:
            child.terminate()
            child.join()


async def serve_emulators(host: str, port: int, started: Callable[[str], None]) -> None:
    """Serve the stand-ins alone until SIGINT or SIGTERM."""
    port = free_port(host, port)
    server = _server(EmulatorServer(all_emulators()), host, port)
    _stop_on_signals(server)
    started(f"http://{host}:{port}")
    await server.serve()


def free_port(host: str, port: int) -> int:
    """The port, or a free one for 0; raises `ConfigurationError` when another program listens there.

    The server's own socket is shared between processes (SO_REUSEPORT), so that a second server on the same port would
    not fail but quietly take half of the calls.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            found: int = probe.getsockname()[1]
            return found
    except OSError as error:
        raise ConfigurationError(
            f"Cannot listen on {host} port {port}: {error.strerror or 'no such address'}. Choose another with --port."
        ) from None


async def _serve(settings: Settings, announce: Announce, children: list[Any]) -> None:
    emulators = _emulators(settings)
    if emulators:
        settings = settings.model_copy(update={"upstreams": {**emulators.upstreams, **settings.upstreams}})
    async with app.running(settings) as running:
        server = _server(application.create(running.hub, app.proxies(settings)), settings.host, settings.port)
        servers = [server, *([emulators.server] if emulators else [])]
        _stop_on_signals(*servers)
        tasks = [asyncio.create_task(each.serve()) for each in servers]
        tasks += [asyncio.create_task(_watch(children, server))] if children else []
        announce(await _started(settings, running, emulators))
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for each in servers:
            _stop(each)
        await asyncio.gather(*tasks)
        await asyncio.sleep(GRACE_SECONDS)


@dataclass(frozen=True, slots=True)
class _Emulators:
    server: Server
    address: str
    upstreams: Mapping[str, str]


def _emulators(settings: Settings) -> _Emulators | None:
    if not settings.emulators:
        return None
    # The stand-ins accept published keys: they never listen beyond this machine.
    host, port = "127.0.0.1", free_port("127.0.0.1", settings.emulators_port)
    address, found = f"http://{host}:{port}", all_emulators()
    server = _server(EmulatorServer(found), host, port)
    return _Emulators(server, address, {name: f"{address}/{name}" for name in found})


async def _started(settings: Settings, running: app.Running, emulators: _Emulators | None) -> Started:
    key = await _first_key(running.hub) if settings.admin_key is None else None
    return Started(
        address=f"http://{settings.host}:{settings.port}",
        integrations=len(running.hub.catalog),
        admin_key=key,
        key_file=str(settings.key_file) if running.new_root_key else None,
        emulators=emulators.address if emulators else None,
    )


async def _first_key(hub: Hub) -> str | None:
    """An admin key for an owner who never had one; the command line may have made the owner before any start."""
    owner, _ = await hub.owners.first()
    administers = administrator(owner)
    if await hub.api_keys.every(administers):
        return None
    _, token = await hub.api_keys.create(administers, KeyWish("admin", frozenset({Scope.ALL})))
    return token.reveal()


def _server(asgi: Asgi, host: str, port: int) -> Server:
    # Granian calls embedding experimental at every start; docs/adr/0005-embedded-granian.md tells why we do it.
    return Server(
        asgi, address=host, port=port, interface=Interfaces.ASGINL, websockets=False, log_enabled=False, backlog=1024
    )


def _stop_on_signals(*servers: Server) -> None:
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, _stop, *servers)


def _child(settings: Settings) -> Any:
    """One more process on the same port; it reads its own settings, so that no secret travels between processes."""
    context = multiprocessing.get_context("spawn")
    given = {"host": settings.host, "port": settings.port, "data_dir": settings.data_dir}
    child = context.Process(target=_run_child, args=(given,), daemon=True)
    child.start()
    return child


def _run_child(given: Mapping[str, Any]) -> None:
    settings = load(**given)
    logs.configure(settings.log_level, settings.log_format)
    asyncio.run(_serve(settings.model_copy(update={"workers": 1, "emulators": False}), lambda _: None, []))


async def _watch(children: list[Any], server: Server) -> None:
    """A process that ends by itself ends the whole server, so that whoever supervises it notices."""
    while all(child.is_alive() for child in children) and not server.interrupt_signal:  # noqa: ASYNC110 - processes set no event
        await asyncio.sleep(1)
    _stop(server)


def _stop(*servers: Server) -> None:
    for server in servers:
        server.stop()  # type: ignore[no-untyped-call]  # granian types it not
