"""All emulators behind one address: an ASGI application without a framework.

`/{integrationId}/...` is that provider's base address, `/__control` scripts what it says next and plays its people.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, unquote

from moorings.emulators.contract import Answer, Call, Emulator, Patient, Sequel
from moorings.emulators.control import PREFIX, Control, unknown
from moorings.emulators.courier import Courier, Delivery
from moorings.emulators.registry import all_emulators
from moorings.emulators.script import Script, Scripts
from moorings.errors import BodyTooLarge, MooringsError

MAX_BODY = 8 * 1024 * 1024
TICKS_PER_SECOND = 10

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

NOTHING_SPECIAL = Script()


class EmulatorServer:
    """Serves the given emulators over HTTP; `delivery` is how they reach listeners on this machine."""

    def __init__(self, emulators: Mapping[str, Emulator], delivery: Delivery | None = None) -> None:
        self._emulators, self._scripts = emulators, Scripts()
        self._courier = Courier(delivery)
        self._control = Control(emulators, self._scripts, self._courier)
        self._sequels: set[asyncio.Future[None]] = set()
        self._waits: set[asyncio.Future[Answer | None]] = set()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """The ASGI entry; it knows `http` and `lifespan`."""
        match scope["type"]:
            case "http":
                await self._http(scope, receive, send)
            case "lifespan":
                await self._lifespan(receive, send)
            case kind:
                raise NotImplementedError(f"The emulators do not speak {kind}.")

    def end_waits(self) -> None:
        """Let calls that wait answer now, for the server ends."""
        for waiting in self._waits:
            waiting.cancel()

    async def _http(self, scope: Message, receive: Receive, send: Send) -> None:
        script = NOTHING_SPECIAL
        try:
            call = _call(scope, await _body(receive))
            script, answer = await self._decided(call, receive)
        except MooringsError as error:
            answer = _problem(error)
        try:
            await _say(answer, script, receive, send)
        finally:  # whether or not the client has waited for the answer
            if answer.then:
                self._go_on(answer.then)

    async def _decided(self, call: Call, receive: Receive) -> tuple[Script, Answer]:
        first, _, rest = call.path.removeprefix("/").partition("/")
        relative = replace(call, path=f"/{rest}")
        if f"/{first}" == PREFIX:
            return NOTHING_SPECIAL, self._control.answer(relative)
        if first not in self._emulators:
            raise unknown(first)
        script = self._scripts.take(first, relative.path) or NOTHING_SPECIAL
        return script, script.answer or await self._answer(self._emulators[first], relative, receive)

    async def _answer(self, emulator: Emulator, call: Call, receive: Receive) -> Answer:
        """The emulator's answer, waited for no longer than somebody listens."""
        if not isinstance(emulator, Patient):
            return emulator.answer(call)
        gone, waiting = asyncio.ensure_future(receive()), asyncio.ensure_future(emulator.wait(call))
        self._waits.add(waiting)
        try:
            await asyncio.wait({gone, waiting}, return_when=asyncio.FIRST_COMPLETED)
            broken_off = waiting.result() if waiting.done() and not waiting.cancelled() else None
            return broken_off or emulator.answer(call)
        finally:
            self._waits.discard(waiting)
            gone.cancel()
            waiting.cancel()

    def _go_on(self, sequel: Sequel) -> None:
        task = asyncio.ensure_future(sequel(self._courier))
        self._sequels.add(task)
        task.add_done_callback(self._sequels.discard)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                await self._end()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return

    async def _end(self) -> None:
        tasks = list(self._sequels)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def application() -> EmulatorServer:
    """The application with every emulator there is, as a server's factory target."""
    return EmulatorServer(all_emulators())


def _call(scope: Message, body: bytes) -> Call:
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    query = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    return Call(scope["method"], _decoded(raw.decode("latin-1")), query, _headers(scope["headers"]), body)


def _decoded(path: str) -> str:
    """Percent-decoded but for slashes, so that a value with a slash stays one segment, as it does at the provider."""
    return "/".join(unquote(segment).replace("/", "%2F") for segment in path.split("/"))


def _headers(pairs: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for raw_name, raw_value in pairs:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


async def _body(receive: Receive) -> bytes:
    """The whole body; one that is too large is read to its end all the same, so that the client hears why."""
    received, size, more = bytearray(), 0, True
    while more:
        message = await receive()
        chunk, more = message.get("body", b""), message.get("more_body", False)
        size += len(chunk)
        if size <= MAX_BODY:
            received += chunk
    if size > MAX_BODY:
        raise BodyTooLarge(f"The emulators take bodies of up to {MAX_BODY} bytes.")
    return bytes(received)


def _problem(error: MooringsError) -> Answer:
    details = [{"field": detail.field, "message": detail.message} for detail in error.details]
    return Answer(error.status, {"error": error.message, "code": error.code, "details": details})


async def _say(answer: Answer, script: Script, receive: Receive, send: Send) -> None:
    await asyncio.sleep(script.delay_ms / 1000)
    if script.drop:
        await _break_off(send)
        return
    body, headers = _written(answer)
    await send({"type": "http.response.start", "status": int(answer.status), "headers": headers})
    if script.slow:
        await _trickle(body, script.slow, receive, send)
    else:
        await send({"type": "http.response.body", "body": body})


async def _break_off(send: Send) -> None:
    """A body is announced and does not come: the server closes, and the client sees that its answer is not whole.

    An exception in place of the first message would become a tidy 500.
    """
    headers = [(b"content-type", b"application/json"), (b"content-length", b"1000")]
    await send({"type": "http.response.start", "status": HTTPStatus.OK, "headers": headers})
    await send({"type": "http.response.body", "body": b"", "more_body": True})


async def _trickle(body: bytes, bytes_per_second: int, receive: Receive, send: Send) -> None:
    size = max(1, bytes_per_second // TICKS_PER_SECOND)
    gone = asyncio.ensure_future(receive())
    try:
        for start in range(0, len(body), size):
            await send({"type": "http.response.body", "body": body[start : start + size], "more_body": True})
            await asyncio.wait({gone}, timeout=size / bytes_per_second)
            if gone.done():
                return
        await send({"type": "http.response.body", "body": b""})
    finally:
        gone.cancel()


def _written(answer: Answer) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    headers = {name.lower(): value for name, value in answer.headers.items()}
    if isinstance(answer.body, bytes) or answer.body is None:
        body = answer.body or b""
    else:
        body = json.dumps(answer.body, ensure_ascii=False).encode()
        headers.setdefault("content-type", "application/json")
    return body, [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
