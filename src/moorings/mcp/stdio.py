"""MCP over this process's standard input and output, for clients on the same machine."""

import asyncio
from typing import Any

from mcp.server.context import ServerRequestContext
from mcp.server.session import ServerSession
from mcp.server.stdio import stdio_server
from mcp_types import NotificationParams

from moorings.mcp.asking import Asking
from moorings.mcp.calls import Calls
from moorings.mcp.server import Methods, Speaker
from moorings.mcp.sessions import Sessions
from moorings.mcp.watch import Watch
from moorings.services.hub import Hub

TELLING_SECONDS = 5.0


async def speak(hub: Hub, asking: Asking) -> None:
    """Speak until the client closes our input."""
    watch = Watch(hub.access, hub.execution)
    server = Methods(hub, Sessions(hub.now), watch, Calls(), lambda _: asking).server()
    client = Client(server)
    async with watch.following(asking, client.tell, _nothing):
        await serve(server)


async def serve(server: Speaker) -> None:
    """Put a server on standard input and output; nothing else may print there meanwhile."""
    async with stdio_server() as (read, write):
        await server.run(read, write, server.create_initialization_options())


class Client:
    """Who is at the other end of a server's pipe, from the moment on when he may be told something."""

    def __init__(self, server: Speaker) -> None:
        self._session: ServerSession | None = None
        self._telling: set[asyncio.Task[None]] = set()
        server.add_notification_handler("notifications/initialized", NotificationParams, self._arrived)

    def tell(self) -> None:
        """Let him know that the tools have changed; one who does not read is not waited for."""
        if self._session is None or self._telling:
            return
        task = asyncio.create_task(self._tell(self._session))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _arrived(self, context: ServerRequestContext[Any, Any], _: NotificationParams) -> None:
        self._session = context.session

    async def _tell(self, session: ServerSession) -> None:
        async with asyncio.timeout(TELLING_SECONDS):
            await session.send_tool_list_changed()


def _nothing() -> None:
    """The key of this process is good for as long as it lives."""
