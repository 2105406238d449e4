"""What every call passes before it meets a route: request id, size, caller, idempotency, and a net for defects.

Plain ASGI, for the framework's own machinery costs more here than the work behind it.
"""

import logging
import re
import time
from collections.abc import Mapping, Sequence

from starlette.requests import Request
from starlette.responses import Response

from moorings.asgi import App, Receive, Scope, Send, nothing, replayed
from moorings.domain.behalf import OWNER
from moorings.domain.caller import Caller, Network, Origin
from moorings.domain.ids import REQUEST, new_id
from moorings.domain.span import Fact, SpanKind
from moorings.errors import Forbidden, InvalidRequest, MooringsError, Unauthenticated
from moorings.http import limiting, metrics
from moorings.http.calls import DONE, UNREPEATED
from moorings.http.metrics import Metrics
from moorings.http.passing import Receiver, Recorder, Sender
from moorings.http.peers import Peers
from moorings.http.problems import answer_to, problem, unexpected
from moorings.http.protection import check_head
from moorings.http.sharing import Sharing
from moorings.http.straight import Straight
from moorings.http.whole_body import BODY_SECONDS, whole
from moorings.services.hub import Hub
from moorings.services.idempotency import Answer

log = logging.getLogger(__name__)

KEY_LIMIT = 255
SERVER_FAULT = 500
_VISIBLE = re.compile(rb"[!-~]*")
WITHOUT_KEY = frozenset({"/v1/health", "/v1/health/live", "/v1/health/ready"})
WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
NONE_MOUNTED: Mapping[str, App] = {}


class Gate:
    """Wraps the application; `proxies` are the networks whose X-Forwarded-For is believed.

    `framework` is the application inside; `straight` finds the calls that are answered without it. `mounted` are other
    applications, by the first part of their paths; they get their caller from here too. `sharing` knows the pages of
    other origins that may call, None where none may.
    """

    def __init__(
        self,
        framework: App,
        hub: Hub,
        proxies: Sequence[Network] = (),
        straight: Straight | None = None,
        mounted: Mapping[str, App] = NONE_MOUNTED,
        counting: Metrics | None = None,
        body_seconds: float = BODY_SECONDS,
        sharing: Sharing | None = None,
    ) -> None:
        self._body_seconds, self._sharing = body_seconds, sharing
        self._metrics = counting or Metrics(time.monotonic)
        self.framework, self._hub, self._peers, self._mounted = framework, hub, Peers(proxies), mounted
        self._straight, self._tls = straight or Straight(()), hub.public_url.startswith("https://")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI call."""
        if scope["type"] != "http":
            await self.framework(scope, receive, send)
            return
        began, sender = self._metrics.clock(), Sender(send, new_id(REQUEST, self._hub.now()), tls=self._tls)
        if self._sharing is not None:
            sender.headers += self._sharing.headers(scope)
        self._metrics.under_way += 1
        with self._hub.tracer.span(SpanKind.CALL) as span:
            try:
                await self._guarded(scope, receive, sender)
            finally:
                self._metrics.under_way -= 1
                method, route, status = scope["method"], _route_of(scope, self._mounted), sender.status
                self._metrics.count(method, route, status, self._metrics.clock() - began)
                request = {Fact.METHOD: metrics.word_of(method), Fact.ROUTE: route, Fact.REQUEST: sender.request_id}
                span.tell({**request, Fact.STATUS: status})

    async def _guarded(self, scope: Scope, receive: Receive, sender: Sender) -> None:
        request_id = scope["request_id"] = sender.request_id
        receiver = Receiver(receive, with_body=scope["method"] in WITH_BODY)
        try:
            await self._pass(scope, receiver, sender, request_id)
        except MooringsError as error:
            await receiver.drain()
            await self._refuse(scope, receive, sender, error)
        except Exception as error:  # noqa: BLE001 - a defect of ours becomes an answer of the house's shape, and a trace in the log
            if not sender.started:
                await unexpected(error, _start_of(scope), request_id)(scope, receive, sender)

    async def _pass(self, scope: Scope, receive: Receive, send: Sender, request_id: str) -> None:
        check_head(scope)
        if self._sharing is not None and (preflight := self._sharing.preflight(scope)) is not None:
            await preflight(scope, receive, send)
            return
        headers = dict(scope["headers"])
        scope["address"] = self._peers.address(scope, headers)
        mounted = self._mounted.get("/".join(scope["path"].split("/", 2)[:2]))
        if mounted or (scope["path"].startswith("/v1/") and scope["path"] not in WITHOUT_KEY):
            scope["caller"] = caller = await self._caller(scope, headers, request_id)
            send.headers += limiting.headers(self._hub.limits.take(caller))
        if scope["method"] in WITH_BODY:
            body = await whole(headers, receive, self._body_seconds)
            receive = replayed(body, receive)
        if mounted:
            await mounted(scope, receive, send)
        elif (key := headers.get(b"idempotency-key")) is not None and "caller" in scope and scope["method"] == "POST":
            await self._once(_idempotency_key(key), body, scope, send)
        else:
            await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Straight to its route; through the framework where there is none, for it says best what is wrong."""
        found = self._straight.find(scope["method"], scope["path"], scope.get("raw_path") or b"")
        if found is None:
            await self.framework(scope, receive, send)
            return
        scope["app"], scope["route"], scope["path_params"] = self.framework, found.call, found.parameters
        request = Request(scope, receive, send)
        try:
            response = await found.call.function(request, **found.parameters)
        except MooringsError as error:
            response = await answer_to(error, request, self._hub.denials)
        await response(scope, receive, send)

    async def _caller(self, scope: Scope, headers: dict[bytes, bytes], request_id: str) -> Caller:
        address = scope["address"]
        found = await self._known(headers, address)
        OWNER.set(found.owner)
        caller = found.calling(Origin(address, request_id))
        try:
            caller.require_address(address)
        except Forbidden as error:
            # A key that was stolen is a wrong one from there: its own quota stays for whoever uses it rightly.
            await self._hub.limits.guesses.count(address)
            await self._hub.denials.record(caller, _start_of(scope), error)
            raise
        return caller

    async def _known(self, headers: dict[bytes, bytes], address: str | None) -> Caller:
        try:
            return await self._hub.access.caller(headers.get(b"authorization", b"").decode("latin-1"))
        except Unauthenticated:
            await self._hub.limits.guesses.count(address)
            raise

    async def _once(self, key: str, body: bytes, scope: Scope, send: Send) -> None:
        call = f"{scope['method']} {scope['path']}?{scope['query_string'].decode('latin-1')}\n".encode() + body

        async def run() -> Answer:
            recorder = Recorder()
            await self._answer(scope, replayed(body, nothing), recorder)
            kept, done = UNREPEATED not in scope, bool(scope.get(DONE))
            return Answer(recorder.status, bytes(recorder.body), recorder.headers, kept, done)

        answer = await self._hub.idempotency.once(scope["caller"], key, call, run)
        response = Response(answer.body, answer.status, media_type="application/json")
        if answer.headers:
            response.raw_headers = list(answer.headers)
        await response(scope, nothing, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Sender, error: MooringsError) -> None:
        if error.status >= SERVER_FAULT:
            log.warning("a call failed", extra={"call": _start_of(scope), "code": error.code})
        if not send.started:
            await problem(error, scope["request_id"])(scope, receive, send)


def _idempotency_key(header: bytes) -> str:
    if not 1 <= len(header) <= KEY_LIMIT or not _VISIBLE.fullmatch(header):
        raise InvalidRequest(f"An Idempotency-Key is 1 to {KEY_LIMIT} visible ASCII characters without spaces.")
    return header.decode("ascii")


def _route_of(scope: Scope, mounted: Mapping[str, App]) -> str:
    """What a call is counted under: its route with the names of its parameters, which are the caller's text."""
    found = scope.get("route")
    if found is not None:
        return str(getattr(found, "path", metrics.OTHER))
    start = "/".join(scope["path"].split("/", 2)[:2])
    return start if start in mounted else metrics.OTHER


def _start_of(scope: Scope) -> str:
    """The part of a call that holds nothing of the caller's: before routing, the rest of a path could be a secret."""
    return f"{scope['method']} {'/'.join(scope['path'].split('/')[:2])}/…"
