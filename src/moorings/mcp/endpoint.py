"""MCP over streamable HTTP: which messages go to the SDK, and what a session is beside them.

Every request is answered for itself, by the SDK's stateless way; what holds the requests of a session together is the
id alone (`sessions.py`), the calls that may be cancelled and the stream that tells of changes.
"""

import asyncio
import re
from contextlib import AsyncExitStack, suppress
from dataclasses import replace

from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp_types import (
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    PARSE_ERROR,
    ErrorData,
    JSONRPCError,
    JSONRPCMessage,
    JSONRPCNotification,
    JSONRPCRequest,
    jsonrpc_message_adapter,
)
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS
from pydantic import ValidationError
from pydantic_core import from_json

from moorings.asgi import Message, Receive, Send, replayed
from moorings.asgi import Scope as AsgiScope
from moorings.errors import InvalidRequest
from moorings.mcp.asking import SCOPE, Asking
from moorings.mcp.calls import Calls
from moorings.mcp.event_stream import EventStream
from moorings.mcp.server import Context, Methods
from moorings.mcp.sessions import Sessions
from moorings.mcp.watch import Watch
from moorings.services.hub import Hub

OK, ACCEPTED, BAD_REQUEST, NO_CONTENT = 200, 202, 400, 204
STREAM = ("text/event-stream", "text/*", "*/*")
_METHOD = re.compile(r"[A-Za-z_$]{1,40}(/[A-Za-z_]{1,40}){0,3}")


class Endpoint:
    """See `moorings.mcp.entry.Endpoint`."""

    def __init__(self, hub: Hub) -> None:
        self._sessions, self._calls = Sessions(hub.now), Calls()
        self._watch = Watch(hub.access, hub.execution)
        self._streams: dict[str, EventStream] = {}
        server = Methods(hub, self._sessions, self._watch, self._calls, asking_in).server()
        # A stream of events only for who wants to hear how a call goes on; one answer is cheaper for everybody.
        self._plain = StreamableHTTPSessionManager(server, stateless=True, json_response=True)
        self._streaming = StreamableHTTPSessionManager(server, stateless=True)
        self._opened, self._closing = asyncio.Event(), asyncio.Event()
        self._task = asyncio.create_task(self._run())

    async def opened(self) -> "Endpoint":
        """Itself, once it can answer."""
        await self._opened.wait()
        return self

    def end_streams(self) -> None:
        """See `moorings.mcp.entry.Endpoint.end_streams`."""
        self._watch.end_all()

    async def close(self) -> None:
        """See `moorings.mcp.entry.Endpoint.close`."""
        self.end_streams()
        self._closing.set()
        with suppress(asyncio.CancelledError):
            await self._task

    async def answer(self, asking: Asking, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """See `moorings.mcp.entry.Endpoint.answer`."""
        if scope["method"] == "POST":
            body = await _read(receive)
            receive = replayed(body, receive)
            if odd := _odd(_parsed(body)):
                await _say(send, OK, odd.model_dump_json(by_alias=True).encode())
                return
        if _is_of_today(scope):  # 2026-07-28 knows no sessions: the SDK answers its requests whole
            scope[SCOPE] = replace(asking, session=None)
            await self._streaming.handle_request(scope, receive, send)
            return
        if asking.session:
            self._sessions.check(asking.session, asking.caller, asking.environment)
        answers = {"POST": self._post, "GET": self._listen, "DELETE": self._end}
        await answers[scope["method"]](asking, scope, receive, send)

    async def _run(self) -> None:
        """The SDK's managers have to be left by the task that entered them."""
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._plain.run())
            await stack.enter_async_context(self._streaming.run())
            self._opened.set()
            await self._closing.wait()

    async def _post(self, asking: Asking, scope: AsgiScope, receive: Receive, send: Send) -> None:
        body = await _read(receive)
        message = _parsed(body)
        if isinstance(message, JSONRPCError):
            await _say(send, BAD_REQUEST, message.model_dump_json(by_alias=True).encode())
        elif isinstance(message, JSONRPCRequest):
            await self._request(message, asking, scope, replayed(body, receive), send)
        else:
            self._notify(message, asking)
            await _say(send, ACCEPTED)

    async def _request(
        self, message: JSONRPCRequest, asking: Asking, scope: AsgiScope, receive: Receive, send: Send
    ) -> None:
        if message.method == "initialize":
            send = _with_session(self._sessions.begin(asking.caller, asking.environment), send)
        manager = self._streaming if _wants_progress(message) else self._plain
        await manager.handle_request(scope, receive, send)

    def _notify(self, message: JSONRPCMessage, asking: Asking) -> None:
        """Of what clients let us know, only a cancellation means anything to us."""
        if isinstance(message, JSONRPCNotification) and message.method == "notifications/cancelled" and asking.session:
            self._calls.cancel((asking.session, str((message.params or {}).get("requestId"))))

    async def _listen(self, asking: Asking, scope: AsgiScope, receive: Receive, send: Send) -> None:
        if asking.session is None:
            raise InvalidRequest("There is nothing to listen to without a session; initialize one by POST first.")
        accepted = dict(scope["headers"]).get(b"accept", b"").decode("latin-1")
        if not any(kind in accepted for kind in STREAM):
            raise InvalidRequest("What comes here is text/event-stream; the Accept header has to take it.")
        stream, session = EventStream(), asking.session
        shown = self._sessions.shown(session, asking.caller)
        async with self._watch.following(asking, stream.tell, stream.end, shown):
            if earlier := self._streams.get(session):  # its connection was lost, and nobody has told us
                earlier.end()
            self._streams[session] = stream
            try:
                await stream.run(session, receive, send)
            finally:
                if self._streams.get(session) is stream:
                    del self._streams[session]

    async def _end(self, asking: Asking, _scope: AsgiScope, _receive: Receive, send: Send) -> None:
        if asking.session is None:
            raise InvalidRequest("Which session shall end? Its id belongs into the Mcp-Session-Id header.")
        self._sessions.end(asking.session, asking.caller)
        if stream := self._streams.get(asking.session):
            stream.end()
        await _say(send, NO_CONTENT)


async def opened(hub: Hub) -> Endpoint:
    """An endpoint that can answer."""
    return await Endpoint(hub).opened()


def asking_in(context: Context) -> Asking:
    """Who sent the request that the SDK is answering."""
    if context.request is None:
        raise RuntimeError("over HTTP every message comes with its request")
    asking: Asking = context.request.scope[SCOPE]
    return asking


def _is_of_today(scope: AsgiScope) -> bool:
    version = dict(scope["headers"]).get(b"mcp-protocol-version")
    return version is not None and version.decode("latin-1") not in HANDSHAKE_PROTOCOL_VERSIONS


def _parsed(body: bytes) -> JSONRPCMessage | JSONRPCError:
    """The message, or the error to answer with; it says nothing of what was sent, for that may hold a secret."""
    try:
        message: JSONRPCMessage = jsonrpc_message_adapter.validate_python(from_json(body), by_name=False)
    except ValidationError:
        return _error(INVALID_REQUEST, "This is not one JSON-RPC message; batches are not taken.")
    except ValueError:
        return _error(PARSE_ERROR, "This is not JSON.")
    return message


def _odd(message: JSONRPCMessage | JSONRPCError) -> JSONRPCError | None:
    """The answer to a method that cannot be one: the SDK would say it again, and it may be a secret gone astray."""
    if not isinstance(message, JSONRPCRequest) or _METHOD.fullmatch(message.method):
        return None
    return _error(METHOD_NOT_FOUND, "There is no such method.", message.id)


def _error(code: int, message: str, request_id: str | int | None = None) -> JSONRPCError:
    return JSONRPCError(jsonrpc="2.0", id=request_id, error=ErrorData(code=code, message=message))


def _wants_progress(message: JSONRPCRequest) -> bool:
    meta = (message.params or {}).get("_meta")
    return message.method == "tools/call" and isinstance(meta, dict) and "progressToken" in meta


def _with_session(session: str, send: Send) -> Send:
    """Sends on, with the session's id where the answer is good."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] < BAD_REQUEST:
            message["headers"] = [*message.get("headers", ()), (b"mcp-session-id", session.encode())]
        await send(message)

    return sending


async def _read(receive: Receive) -> bytes:
    """The body; the gate has bounded it."""
    body, more = bytearray(), True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return bytes(body)


async def _say(send: Send, status: int, body: bytes = b"") -> None:
    kind = [(b"content-type", b"application/json")] if body else []
    await send({"type": "http.response.start", "status": status, "headers": kind})
    await send({"type": "http.response.body", "body": body})
