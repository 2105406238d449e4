"""The door at `/mcp`: who may come in. The SDK behind it is loaded when the first one does, for that takes a second."""

import asyncio
from importlib import import_module
from typing import Any, Protocol

from moorings.asgi import Receive, Send
from moorings.asgi import Scope as AsgiScope
from moorings.domain.caller import Caller, Scope
from moorings.domain.environment import ALL, Environment
from moorings.domain.secret import Secret
from moorings.errors import Forbidden, MethodNotAllowed, NotFound, NotInstalled
from moorings.mcp.asking import SCOPE, Asking
from moorings.mcp.origin import Origins
from moorings.services.hub import Hub

PATH = "/mcp"
METHODS = ("GET", "POST", "DELETE")
SDK = "mcp"


class Endpoint(Protocol):
    """What is loaded: see `moorings.mcp.endpoint`."""

    async def answer(self, asking: Asking, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        ...

    def end_streams(self) -> None:
        """End what would never end by itself."""
        ...

    async def close(self) -> None:
        """Break off what is still under way."""
        ...


class Entry:
    """An ASGI application for the paths at and below `/mcp`, given callers that the gate has recognised."""

    def __init__(self, hub: Hub, origins: Origins) -> None:
        self._hub, self._origins = hub, origins
        self._loading = asyncio.Lock()
        self._endpoint: Endpoint | None = None

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """An ASGI call; raises our errors."""
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        self._origins.check(headers.get(b"host", ""), headers.get(b"origin"))
        environment = self._environment(scope["path"])
        caller: Caller = scope["caller"]
        try:
            caller.require(Scope.EXECUTE)
            caller.require_read(environment)
        except Forbidden as error:
            await self._hub.denials.record(caller, f"{scope['method']} {_path(environment)}", error)
            raise
        if scope["method"] not in METHODS:
            raise MethodNotAllowed(f"This path takes {', '.join(METHODS)}.", METHODS)
        key = Secret(headers.get(b"authorization", ""))
        asking = Asking(caller, environment, key, headers.get(b"mcp-session-id"))
        scope[SCOPE] = asking
        await (await self._loaded()).answer(asking, scope, receive, send)

    def end_streams(self) -> None:
        """End what would never end by itself, for the server is about to stop."""
        if self._endpoint is not None:
            self._endpoint.end_streams()

    async def close(self) -> None:
        """Break off what is still under way."""
        if self._endpoint is not None:
            await self._endpoint.close()

    def _environment(self, path: str) -> Environment:
        if path == PATH:
            return ALL
        name = path.removeprefix(f"{PATH}/")
        if "/" in name or not name:
            raise NotFound("There is nothing at this path; MCP is spoken at /mcp and /mcp/{environment}.")
        return self._hub.execution.environments.check(name)

    async def _loaded(self) -> Endpoint:
        if self._endpoint is None:
            async with self._loading:
                if self._endpoint is None:
                    # In a thread, so that other calls are answered meanwhile.
                    module = await asyncio.to_thread(load, "moorings.mcp.endpoint")
                    self._endpoint = await module.opened(self._hub)
        return self._endpoint


def load(name: str) -> Any:
    """A module of ours that needs the SDK; raises `NotInstalled` where that is missing."""
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != SDK:
            raise
        raise NotInstalled(
            "MCP needs its SDK, which is not installed here: in its checkout, pip install -e '.[mcp]'."
        ) from None


def _path(environment: Environment) -> str:
    return PATH if environment is ALL else f"{PATH}/{environment}"
