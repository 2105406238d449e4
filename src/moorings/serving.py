"""Runs the server: one process on SQLite, several on PostgreSQL, the stand-ins beside it if wished."""

import asyncio
import gc
import logging
import multiprocessing
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol
from urllib.parse import urlsplit

from granian.constants import Interfaces
from granian.server.embed import Server
from pydantic import SecretStr

from moorings import app, logs
from moorings.domain.caller import Scope
from moorings.domain.span import SILENCE, Tracer
from moorings.emulators.courier import Delivery
from moorings.emulators.registry import all_emulators
from moorings.emulators.server import EmulatorServer
from moorings.emulators.telegram.world import MANAGER_TOKEN
from moorings.errors import ConfigurationError, NotInstalled, WorkerLost
from moorings.http import application
from moorings.mcp.entry import PATH, Entry
from moorings.mcp.origin import Origins
from moorings.services.api_keys import KeyWish
from moorings.services.hub import Hub
from moorings.services.job_loop import JobLoop
from moorings.services.jobs import Jobs
from moorings.services.owners import administrator
from moorings.settings import Settings, load
from moorings.web import authorised, connect

# Granian's own threads end a moment after it says so; an interpreter that ends before them is aborted.
GRACE_SECONDS = 0.3
LAST_CALLS_SECONDS = 3.0
STAND_INS_HOST = "127.0.0.1"
"""They accept published keys, and never listen beyond this machine."""

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
    settings = settings.model_copy(update={"port": port, "emulators_port": _stand_ins_port(settings)})
    with _alone_on(settings.host, port):
        children = [_child(settings) for _ in range(settings.workers - 1)]
        try:
            asyncio.run(_serve(settings, announce, children))
            if any(not child.is_alive() for child in children):
                raise WorkerLost("A server process has ended by itself, and with it the whole server.")
        finally:
            for child in children:
                child.terminate()
                child.join()


async def serve_emulators(host: str, port: int, started: Callable[[str], None]) -> None:
    """Serve the stand-ins alone until SIGINT or SIGTERM."""
    port = free_port(host, port)
    asgi = EmulatorServer(all_emulators())
    server = _server(asgi, host, port)
    stopping = _stop_on_signals(server)
    stopping.add_done_callback(lambda _: asgi.end_waits())
    started(address_of(host, port))
    await server.serve()
    await asyncio.sleep(GRACE_SECONDS)
    stopping.cancel()


def free_port(host: str, port: int, setting: str = "--port") -> int:
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
            f"Cannot listen on {host} port {port}: {error.strerror or 'no address'}. Choose another by {setting}."
        ) from None


def address_of(host: str, port: int) -> str:
    """A URL that can be pasted; IPv6 addresses stand in brackets."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@contextmanager
def _alone_on(host: str, port: int) -> Iterator[None]:
    """Holds a name of this machine for as long as the server runs: of two that start at once, one is refused."""
    if sys.platform != "linux":
        yield
        return
    with socket.socket(socket.AF_UNIX) as claim:
        try:
            claim.bind(f"\0moorings:{port}")
        except OSError:
            raise ConfigurationError(
                f"Another Moorings server is starting on {host} port {port}. Choose another with --port."
            ) from None
        yield


async def _serve(settings: Settings, announce: Announce, children: list[Any]) -> None:
    emulators = _emulators(settings)
    if emulators:
        settings = _with_stand_ins(settings)
    with _traced(settings) as tracer:
        await _answer(settings, announce, children, emulators, tracer)


async def _answer(
    settings: Settings, announce: Announce, children: list[Any], emulators: "_Emulators | None", tracer: Tracer
) -> None:
    async with app.running(settings, tracer=tracer) as running:
        entry = Entry(running.hub, Origins.of(settings.host, settings.address, settings.public_url))
        pages = [*connect.routes(running.hub), *authorised.routes(running.hub)]
        asgi = application.create(
            running.hub, app.proxies(settings), pages, {PATH: entry}, app.networks(settings.metrics_allow)
        )
        server = _server(asgi, settings.host, settings.port)
        servers = [server, *([emulators.server] if emulators else [])]
        stopping = _stop_on_signals(*servers)
        tasks = [asyncio.create_task(each.serve()) for each in servers]
        tasks += [asyncio.create_task(_watch(children, server))] if children else []
        await running.hub.managed_bots.start()
        worker = _worker(settings, running.hub.jobs)
        working = asyncio.create_task(worker.serve())
        announce(await _started(settings, running, emulators))
        _collect_from_now_on()
        await asyncio.wait([*tasks, stopping, working], return_when=asyncio.FIRST_COMPLETED)
        _stop(*servers)
        entry.end_streams()
        worker.end()
        if emulators:
            emulators.asgi.end_waits()
        # A call that waits for its provider may take longer than whoever stops us waits; it is broken off.
        await asyncio.wait(tasks, timeout=LAST_CALLS_SECONDS)
        await working
        await entry.close()
        await asyncio.sleep(GRACE_SECONDS)
        stopping.cancel()


def _collect_from_now_on() -> None:
    """Leave what stands now out of every later collection: to walk through it all stops each call for 100 ms."""
    gc.freeze()
    gc.enable()


class _Worker(Protocol):
    """What works on jobs until it is ended."""

    async def serve(self) -> None:
        """Work."""
        ...

    def end(self) -> None:
        """Take no more jobs."""
        ...


def _worker(settings: Settings, jobs: Jobs) -> _Worker:
    """The server by itself, or Procrastinate; raises `NotInstalled` where that is not there."""
    if settings.jobs == "embedded" or settings.database_url is None:
        return JobLoop(jobs)
    try:
        module: Any = import_module("moorings.jobs.procrastinate_worker")
    except ModuleNotFoundError:
        raise NotInstalled("Procrastinate is not installed here: pip install 'moorings[procrastinate]'.") from None
    found: _Worker = module.ProcrastinateWorker(jobs, settings.database_url.get_secret_value())
    return found


def _traced(settings: Settings) -> AbstractContextManager[Tracer]:
    """What is told to the collector that is set, if one is; raises `NotInstalled` where the SDK for it is not there."""
    if settings.otel_endpoint is None:
        return nullcontext(SILENCE)
    try:
        module: Any = import_module("moorings.traces")
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "opentelemetry":
            raise
        raise NotInstalled("OpenTelemetry is not installed here: pip install 'moorings[otel]'.") from None
    found: AbstractContextManager[Tracer] = module.sent_to(settings.otel_endpoint)
    return found


@dataclass(frozen=True, slots=True)
class _Emulators:
    asgi: EmulatorServer
    server: Server
    address: str


def _emulators(settings: Settings) -> _Emulators | None:
    if not settings.emulators:
        return None
    asgi = EmulatorServer(all_emulators(), _delivery(settings))
    server = _server(asgi, STAND_INS_HOST, settings.emulators_port)
    return _Emulators(asgi, server, _stand_ins_address(settings))


def _stand_ins_port(settings: Settings) -> int:
    port = settings.emulators_port
    return free_port(STAND_INS_HOST, port, "MOORINGS_EMULATORS_PORT") if settings.emulators else port


def _stand_ins_address(settings: Settings) -> str:
    return f"http://{STAND_INS_HOST}:{settings.emulators_port}"


def _with_stand_ins(settings: Settings) -> Settings:
    """Those take the providers' places, but for what the operator leads elsewhere; one of their bots manages others."""
    upstreams = {name: f"{_stand_ins_address(settings)}/{name}" for name in all_emulators()}
    change: dict[str, Any] = {"upstreams": {**upstreams, **settings.upstreams}}
    if settings.telegram_manager_token is None and "telegram" not in settings.upstreams:
        change["telegram_manager_token"] = SecretStr(MANAGER_TOKEN)
    return settings.model_copy(update=change)


def _delivery(settings: Settings) -> Delivery:
    """What the stand-ins send to the public address comes to this server, as through a tunnel."""
    public = urlsplit(settings.public_url or "")
    here = f"http://127.0.0.1:{settings.port}"
    return Delivery(routes={f"{public.scheme}://{public.netloc}": here} if public.netloc else {})


async def _started(settings: Settings, running: app.Running, emulators: _Emulators | None) -> Started:
    for view in await running.hub.root_keys.every():
        if view.missing:
            log.warning(
                "a root key is missing: what stands under it cannot be opened",
                extra={"root_key": view.id, "owner_keys": view.owner_keys, "records": view.records},
            )
    # A process that is not the first has nowhere to print a key, and so makes none.
    first = multiprocessing.parent_process() is None
    key = await _first_key(running.hub) if first and settings.admin_key is None else None
    return Started(
        address=address_of(settings.host, settings.port),
        integrations=len(running.hub.catalog),
        admin_key=key,
        key_file=str(settings.key_file) if running.new_root_key else None,
        emulators=emulators.address if emulators else None,
    )


async def _first_key(hub: Hub) -> str | None:
    """An admin key for an owner who never had one; the command line may have made the owner before any start."""
    owner, _ = await hub.owners.first()
    token = await hub.api_keys.create_first(administrator(owner), KeyWish("admin", frozenset({Scope.ALL})))
    return None if token is None else token.reveal()


def _server(asgi: Asgi, host: str, port: int) -> Server:
    # Granian calls embedding experimental at every start; docs/adr/0005-embedded-granian.md tells why we do it.
    return Server(
        asgi, address=host, port=port, interface=Interfaces.ASGINL, websockets=False, log_enabled=False, backlog=1024
    )


def _stop_on_signals(*servers: Server) -> "asyncio.Task[bool]":
    """Stop the servers at SIGINT and SIGTERM; the task ends when that happens."""
    loop, signalled = asyncio.get_running_loop(), asyncio.Event()

    def stop() -> None:
        signalled.set()
        _stop(*servers)

    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop)
    return asyncio.create_task(signalled.wait())


def _child(settings: Settings) -> Any:
    """One more process on the same port; it reads its own settings, so that no secret travels between processes."""
    context = multiprocessing.get_context("spawn")
    names = ("host", "port", "data_dir", "emulators", "emulators_port")
    given = {name: getattr(settings, name) for name in names}
    child = context.Process(target=_run_child, args=(given,), daemon=True)
    child.start()
    return child


def _run_child(given: Mapping[str, Any]) -> None:
    settings = load(**given)
    logs.configure(settings.log_level, settings.log_format)
    if settings.emulators:  # the first process serves them for all
        settings = _with_stand_ins(settings).model_copy(update={"emulators": False})
    asyncio.run(_serve(settings, lambda _: None, []))


async def _watch(children: list[Any], server: Server) -> None:
    """A process that ends by itself ends the whole server, so that whoever supervises it notices."""
    while all(child.is_alive() for child in children) and not server.interrupt_signal:  # noqa: ASYNC110 - processes set no event
        await asyncio.sleep(1)
    _stop(server)


def _stop(*servers: Server) -> None:
    for server in servers:
        server.stop()  # type: ignore[no-untyped-call]  # granian types it not
