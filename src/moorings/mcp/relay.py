"""Standard input and output here, a remote server's `/mcp` there: for clients that speak no HTTP."""

import asyncio
import json
from typing import Any
from urllib.parse import quote

import httpx2
from mcp.client.client import Client as Remote
from mcp.client.session import ClientSession
from mcp.client.streamable_http import streamable_http_client
from mcp.server.context import ServerRequestContext
from mcp.server.subscriptions import InMemorySubscriptionBus, ListenHandler, ToolsListChanged
from mcp_types import (
    INTERNAL_ERROR,
    CallToolRequest,
    CallToolRequestParams,
    CallToolResult,
    ErrorData,
    JSONRPCError,
    ListToolsRequest,
    ListToolsResult,
    PaginatedRequestParams,
    ToolListChangedNotification,
)

from moorings import __version__
from moorings.domain.environment import Environment
from moorings.domain.secret import Secret
from moorings.mcp.server import Speaker
from moorings.mcp.stdio import Client, serve

TIMEOUT = httpx2.Timeout(30.0, read=330.0)
"""A tool may take 300 seconds (`MOORINGS_TOOL_TIMEOUT`)."""

AGAIN_SECONDS = 2.0

Context = ServerRequestContext[Any, Any]


async def relay(url: str, key: Secret, environment: Environment) -> None:
    """Pass on what the client asks and what the server says, until the client closes our input."""
    headers = {"Authorization": f"Bearer {key.reveal()}"}
    address = url.rstrip("/") + path(environment)
    passing = Passing()
    way = Patient(httpx2.AsyncHTTPTransport(trust_env=False))
    async with httpx2.AsyncClient(headers=headers, timeout=TIMEOUT, transport=way, trust_env=False) as http:
        transport = streamable_http_client(address, http_client=http, max_sse_event_size=None)
        async with Remote(transport, mode="legacy", message_handler=passing.heard) as remote:
            passing.remote = remote
            await serve(passing.server(remote.instructions))


def path(environment: Environment) -> str:
    """Where an environment's tools are offered."""
    return f"/mcp/{quote(environment, safe='')}" if environment else "/mcp"


class Patient(httpx2.AsyncBaseTransport):
    """A way to the server on which nothing breaks: what goes wrong becomes an answer that its client understands.

    The SDK's client ends at the first connection that fails, and with it this whole process.
    """

    def __init__(self, inner: httpx2.AsyncBaseTransport, again_seconds: float = AGAIN_SECONDS) -> None:
        self._inner, self._again_seconds = inner, again_seconds

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """The server's answer; one that listens waits until there is a server to listen to."""
        while True:
            try:
                return await self._answer(request)
            except httpx2.TransportError:
                if request.method != "GET":
                    return _refusal(503, f"No server answers at {request.url.host}. Is it running?")
            await asyncio.sleep(self._again_seconds)

    async def aclose(self) -> None:
        """Close every connection."""
        await self._inner.aclose()

    async def _answer(self, request: httpx2.Request) -> httpx2.Response:
        response = await self._inner.handle_async_request(request)
        if response.headers.get("content-type", "").startswith("text/event-stream"):
            return response
        body = await response.aread()
        return response if response.is_success else _refusal(response.status_code, _sentence(body))


def _refusal(status: int, sentence: str) -> httpx2.Response:
    error = JSONRPCError(jsonrpc="2.0", id=None, error=ErrorData(code=INTERNAL_ERROR, message=sentence))
    return httpx2.Response(status, json=error.model_dump(mode="json"))


def _sentence(body: bytes) -> str:
    """What the server says is wrong, in its shape or in the protocol's."""
    try:
        error = json.loads(body)["error"]
    except (ValueError, KeyError, TypeError):
        return "The server answered with something else than MCP. Is its address right?"
    return str(error["message"] if isinstance(error, dict) else error)


class Passing:
    """The methods of a server that asks another one."""

    def __init__(self) -> None:
        self.remote: Remote | None = None
        self._client: Client | None = None
        self._news = InMemorySubscriptionBus()

    def server(self, instructions: str | None) -> Speaker:
        """A server of the SDK with these methods."""
        server = Speaker(
            "moorings", version=__version__, title="Moorings", instructions=instructions,
            on_list_tools=self._list, on_call_tool=self._call, on_subscriptions_listen=ListenHandler(self._news),
        )  # fmt: skip
        server.middleware.clear()
        self._client = Client(server)
        return server

    async def heard(self, message: object) -> None:
        """Something that the server says by itself."""
        if isinstance(message, ToolListChangedNotification) and self._client is not None:
            self._client.tell()
            await self._news.publish(ToolsListChanged())

    async def _list(self, _: Context, params: PaginatedRequestParams | None) -> ListToolsResult:
        return await self._session.send_request(ListToolsRequest(params=params), ListToolsResult)

    async def _call(self, context: Context, params: CallToolRequestParams) -> CallToolResult:
        wanted = bool(context.meta and "progress_token" in context.meta)
        return await self._session.send_request(
            CallToolRequest(params=CallToolRequestParams(name=params.name, arguments=params.arguments)),
            CallToolResult,
            progress_callback=context.session.report_progress if wanted else None,
        )

    @property
    def _session(self) -> ClientSession:
        if self.remote is None:
            raise RuntimeError("the relay is asked before it is connected")
        return self.remote.session
