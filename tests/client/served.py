"""A hub on a loopback socket with its stand-in provider behind it, for clients that wait in the test's own thread."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from moorings import app, settings
from moorings.http import application
from tests.contract.loopback import PATIENCE, serving
from tests.http.provider import provider
from tests.http.world import ADMIN_KEY, CATALOGUE


@dataclass
class Served:
    """An ASGI application that starts the hub in the loop it is served from."""

    folder: Path
    ready: threading.Event = field(default_factory=threading.Event)
    application: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await self.application(scope, receive, send)

    async def _live(self, receive: Any, send: Any) -> None:
        await receive()
        async with provider() as stand_in:
            given = {"admin_key": ADMIN_KEY, "catalogue_dir": CATALOGUE, "upstreams": {"harbour": stand_in.url}}
            async with app.running(settings.load(data_dir=self.folder, provider_timeout=1.0, **given)) as running:
                self.application = application.create(running.hub)
                await send({"type": "lifespan.startup.complete"})
                self.ready.set()
                await receive()
        await send({"type": "lifespan.shutdown.complete"})


@contextmanager
def hub(folder: Path) -> Iterator[str]:
    """The address of a hub with its data in a folder."""
    served = Served(folder)
    with serving(served) as url:
        assert served.ready.wait(PATIENCE), "the hub does not start"
        yield url
