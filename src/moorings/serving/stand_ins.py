"""The stand-ins, served alone or beside the server, in whose settings they take the providers' places."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from moorings.emulators.courier import Delivery
from moorings.emulators.registry import all_emulators
from moorings.emulators.server import EmulatorServer
from moorings.emulators.telegram.world import MANAGER_TOKEN
from moorings.serving.address import LOOPBACK, address_of, free_port
from moorings.serving.server import GRACE_SECONDS, Server, server, stop_on_signals
from moorings.settings import Settings


async def serve(host: str, port: int, started: Callable[[str], None]) -> None:
    """Serve the stand-ins alone until SIGINT or SIGTERM."""
    port = free_port(host, port)
    asgi = EmulatorServer(all_emulators())
    serving = server(asgi, host, port)
    stopping = stop_on_signals(serving)
    stopping.add_done_callback(lambda _: asgi.end_waits())
    started(address_of(host, port))
    await serving.serve()
    await asyncio.sleep(GRACE_SECONDS)
    stopping.cancel()


@dataclass(frozen=True, slots=True)
class StandIns:
    """Those beside a server. They accept published keys, and so never listen beyond this machine."""

    asgi: EmulatorServer
    server: Server
    address: str


def beside(settings: Settings) -> StandIns:
    """The stand-ins for a server of these settings."""
    asgi = EmulatorServer(all_emulators(), delivery(settings))
    return StandIns(asgi, server(asgi, LOOPBACK, settings.emulators_port), _address(settings))


def in_their_places(settings: Settings) -> Settings:
    """With the stand-ins for providers, but for what the operator leads elsewhere; one of their bots manages others."""
    upstreams = {name: f"{_address(settings)}/{name}" for name in all_emulators()}
    change: dict[str, Any] = {"upstreams": {**upstreams, **settings.upstreams}}
    if settings.telegram_manager_token is None and "telegram" not in settings.upstreams:
        change["telegram_manager_token"] = SecretStr(MANAGER_TOKEN)
    return settings.model_copy(update=change)


def delivery(settings: Settings) -> Delivery:
    """What the stand-ins send to the public address comes to this server, as through a tunnel."""
    public = urlsplit(settings.public_url or "")
    here = address_of(LOOPBACK, settings.port)
    return Delivery(routes={f"{public.scheme}://{public.netloc}": here} if public.netloc else {})


def _address(settings: Settings) -> str:
    return address_of(LOOPBACK, settings.emulators_port)
