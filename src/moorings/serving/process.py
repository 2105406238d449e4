"""One process of the server, from its first line to its last."""

import asyncio
import gc
import logging
import os
from typing import TYPE_CHECKING

from moorings import app, logs
from moorings.http import application
from moorings.mcp.entry import PATH, Entry
from moorings.mcp.origin import Origins
from moorings.misspelt import misspelt
from moorings.services.hub import Hub
from moorings.serving import children, loop
from moorings.serving.address import LOOPBACK, alone_on, free_port
from moorings.serving.announcement import Announce, started
from moorings.serving.children import Children
from moorings.serving.server import GRACE_SECONDS, Asgi, server, stop, stop_on_signals
from moorings.serving.start import Start
from moorings.serving.tracing import traced
from moorings.serving.worker import worker
from moorings.settings import Settings
from moorings.web import authorised, connect

if TYPE_CHECKING:
    from moorings.serving.stand_ins import StandIns

LAST_CALLS_SECONDS = 3.0

log = logging.getLogger(__name__)


def serve(start: Start, announce: Announce) -> None:
    """Serve until SIGINT or SIGTERM."""
    settings = start.settings()
    logs.configure(settings.log_level, settings.log_format)
    for sentence in misspelt(os.environ):
        log.warning(sentence)
    settings = _with_ports(settings)
    with alone_on(settings.host, settings.port), children.beside(settings, start, _run_child) as others:
        loop.run(_serve(settings, start.begin, announce, others))


def _run_child(start: Start) -> None:
    settings = start.settings()
    logs.configure(settings.log_level, settings.log_format)
    # The first process serves the stand-ins for all.
    settings = _with_stand_ins(settings).model_copy(update={"emulators": False})
    loop.run(_serve(settings, start.begin, lambda _: None, []))


async def _serve(settings: Settings, begin: app.Begin, announce: Announce, others: Children) -> None:
    emulators, playing = _stand_ins(settings), _with_stand_ins(settings)
    with traced(settings) as tracer:
        async with app.running(playing, tracer=tracer, begin=begin) as running:
            await _answer(playing, running, announce, others, emulators)


async def _answer(
    settings: Settings, running: app.Running, announce: Announce, others: Children, emulators: "StandIns | None"
) -> None:
    hub = running.hub
    entry = Entry(hub, Origins.of(settings.host, settings.address, settings.public_url))
    main = server(_application(settings, hub, entry), settings.host, settings.port)
    servers = [main, *([emulators.server] if emulators else [])]
    stopping = stop_on_signals(*servers)
    tasks = [asyncio.create_task(each.serve()) for each in servers]
    tasks += [asyncio.create_task(children.watch(others, main))] if others else []
    await hub.arrivals.start()
    jobs = worker(settings, hub.jobs)
    working = asyncio.create_task(jobs.serve())
    announce(await started(settings, running, emulators.address if emulators else None))
    _collect_from_now_on()
    await asyncio.wait([*tasks, stopping, working], return_when=asyncio.FIRST_COMPLETED)
    stop(*servers)
    entry.end_streams()
    jobs.end()
    if emulators:
        emulators.asgi.end_waits()
    # A call that waits for its provider may take longer than whoever stops us waits; it is broken off.
    await asyncio.wait(tasks, timeout=LAST_CALLS_SECONDS)
    await working
    await entry.close()
    await asyncio.sleep(GRACE_SECONDS)
    stopping.cancel()


def _application(settings: Settings, hub: Hub, entry: Entry) -> Asgi:
    pages = [*connect.routes(hub), *authorised.routes(hub)]
    return application.create(
        hub, app.proxies(settings), pages, {PATH: entry}, app.networks(settings.metrics_allow), settings.cors_origins
    )


def _collect_from_now_on() -> None:
    """Leave what stands now out of every later collection: to walk through it all stops each call for 100 ms."""
    gc.freeze()
    gc.enable()


def _with_ports(settings: Settings) -> Settings:
    ports = {"port": free_port(settings.host, settings.port)}
    if settings.emulators:
        ports["emulators_port"] = free_port(LOOPBACK, settings.emulators_port, "MOORINGS_EMULATORS_PORT")
    return settings.model_copy(update=ports)


# Only who wants the stand-ins pays for loading them.


def _stand_ins(settings: Settings) -> "StandIns | None":
    if not settings.emulators:
        return None
    from moorings.serving import stand_ins

    return stand_ins.beside(settings)


def _with_stand_ins(settings: Settings) -> Settings:
    if not settings.emulators:
        return settings
    from moorings.serving import stand_ins

    return stand_ins.in_their_places(settings)
